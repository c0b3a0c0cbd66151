"""Office's older documents."""

from __future__ import annotations

from uuid import UUID

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
def test_the_program_is_detected_by_the_streams(streams, content_type):
    assert inspected(an_ole_document(*streams)).content_type == content_type


@pytest.mark.parametrize("before", [600, 1_048_500, 1_048_576 + 70])
@pytest.mark.parametrize("chunk", [1_048_576, 37])
def test_the_directory_is_found_anywhere(before, chunk):
    if chunk == 37 and before > 600:
        chunk = 4099
    assert inspected(an_ole_document("WordDocument", before=before), chunk=chunk).content_type == "application/msword"


def test_passwords_and_macros_are_reported():
    assert facts_of(an_ole_document("EncryptedPackage"))["Encrypted"] == "opens with a password"
    assert facts_of(an_ole_document("Workbook", "_VBA_PROJECT"))["Macros"] == "contains a program"


def rooted(program: str, *streams: str, size: int = 512) -> bytes:
    """A document whose root says the program, its directory where the header says."""
    document = bytearray(an_ole_document(*streams, before=3 * size))
    document[30:32] = (size.bit_length() - 1).to_bytes(2, "little")
    document[48:52] = (2).to_bytes(4, "little")
    document[3 * size + 66] = 5
    document[3 * size + 80 : 3 * size + 96] = UUID(program).bytes_le
    return bytes(document)


WORD, EXCEL, INSTALLER, UNHEARD_OF = (
    "00020906-0000-0000-C000-000000000046",
    "00020820-0000-0000-C000-000000000046",
    "000C1084-0000-0000-C000-000000000046",
    "00021A14-0000-0000-C000-000000000046",
)


@pytest.mark.parametrize(
    ("program", "streams", "content_type"),
    [
        (WORD, ["WordDocument", "Workbook"], "application/msword"),
        (EXCEL, ["Workbook", "WordDocument"], "application/vnd.ms-excel"),
        (INSTALLER, ["Workbook"], "application/x-msi"),
        (UNHEARD_OF, ["Workbook"], "application/x-ole-storage"),
    ],
)
@pytest.mark.parametrize("size", [512, 4_096])
@pytest.mark.parametrize("chunk", [1_048_576, 100, 1])
def test_the_root_says_the_program_whatever_is_embedded(program, streams, content_type, size, chunk):
    result = inspected(rooted(program, *streams, size=size), "a.vsd", chunk)

    assert result.content_type == content_type
    if program == UNHEARD_OF:
        assert "Extension" not in dict(result.facts)


OLD = "doc dot xls xlt xla ppt pps pot vsd msg msi mpp pub"
LOCKED = "docx docm dotx dotm xlsx xlsm xlsb xltx xltm xlam pptx pptm ppsx ppsm potx potm ppam vsdx"


@pytest.mark.parametrize("extension", [*OLD.split(), *LOCKED.split()])
def test_no_name_that_office_gives_its_files_is_contradicted(extension):
    assert "Extension" not in facts_of(an_ole_document("EncryptedPackage"), f"a.{extension}")
