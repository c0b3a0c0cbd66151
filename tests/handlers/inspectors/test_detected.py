"""The types that rules may ask for are those that detection gives, no more and no fewer."""

from __future__ import annotations

import filetype
import pytest

from domain.file_types import DETECTED
from domain.rules import is_type_pattern
from handlers.inspectors import content_types, ole_document, signatures, zip_archive, zip_contents
from tests.handlers.inspectors.corpus import samples
from tests.handlers.inspectors.files import inspected

NEVER_LEFT_TO_THE_LIBRARY = {
    "application/font-sfnt": b"\0\1\0\0\0",
    "application/font-woff": b"wOFF",
    "application/x-deb": b"!<arch>\ndebian-binary",
}
"""Types of the library's whose files are called otherwise before it is asked, with what such files begin with."""
GIVEN = (
    {kind.mime for kind in filetype.TYPES} - NEVER_LEFT_TO_THE_LIBRARY.keys()
    | {*signatures._LEFT_OUT.values(), *signatures._BRANDS.values(), *signatures._AFTER_ID3.values()}
    | {*content_types._WRITTEN_AS_TEXT, *ole_document._TYPES.values(), *ole_document._PROGRAMS.values()}
    | {*zip_contents._OTHER_PARTS.values(), zip_archive._APK}
    | {sample.content_type for sample in samples().values()}
)
"""By signatures, by tables of inspectors, and of the files of the corpus."""


def test_every_type_that_detection_gives_can_be_asked_for():
    assert sorted(GIVEN - DETECTED) == []


def test_every_type_that_can_be_asked_for_is_given():
    stated = {kind for kind in DETECTED if zip_contents.type_by_mimetype(kind.encode()) == kind}
    listed = {kind for kind in DETECTED if _as_main_part(kind) == kind}

    assert sorted(DETECTED - GIVEN - stated - listed) == []


@pytest.mark.parametrize("kind", sorted(NEVER_LEFT_TO_THE_LIBRARY))
def test_what_the_library_calls_otherwise_is_never_given(kind):
    assert inspected(NEVER_LEFT_TO_THE_LIBRARY[kind].ljust(64, b"\xff")).content_type in DETECTED - {kind}


def test_every_type_can_be_written_in_a_rule():
    assert [kind for kind in sorted(DETECTED) if not is_type_pattern(kind)] == []


def _as_main_part(kind: str) -> str:
    """What a document is whose main part has this type."""
    main = f"{kind.removesuffix('.12')}.main+xml"
    return zip_contents.type_by_content_types(f'<Types><Override ContentType="{main}"/></Types>'.encode())
