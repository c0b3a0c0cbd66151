"""Office's older documents."""

from __future__ import annotations

import pytest

from tests.handlers.inspectors.files import an_ole_document, facts_of, inspected


@pytest.mark.parametrize(
    ("streams", "content_type"),
    [
        (["WordDocument"], "application/msword"),
        (["Workbook"], "application/vnd.ms-excel"),
        (["Book"], "application/vnd.ms-excel"),
        (["PowerPoint Document"], "application/vnd.ms-powerpoint"),
        (["__properties_version1.0", "WordDocument"], "application/vnd.ms-outlook"),
        (["WordDocument", "Workbook"], "application/x-ole-storage"),
        (["WordDocumentary"], "application/x-ole-storage"),
        ([], "application/x-ole-storage"),
    ],
)
def test_the_program_is_told_by_the_streams(streams, content_type):
    assert inspected(an_ole_document(*streams)).content_type == content_type


@pytest.mark.parametrize("before", [600, 1_048_500, 1_048_576 + 70])
@pytest.mark.parametrize("chunk", [1_048_576, 37])
def test_the_directory_is_found_anywhere(before, chunk):
    if chunk == 37 and before > 600:
        chunk = 4099
    assert inspected(an_ole_document("WordDocument", before=before), chunk=chunk).content_type == "application/msword"


def test_passwords_and_macros_are_told():
    assert facts_of(an_ole_document("EncryptedPackage"))["Encrypted"] == "opens with a password"
    assert facts_of(an_ole_document("Workbook", "_VBA_PROJECT"))["Macros"] == "contains a program"
