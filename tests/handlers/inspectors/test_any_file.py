"""Any bytes at all: an inspector finishes, raises nothing but BrokenFileError, and finds the same however they come."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wording import visible
from handlers import inspectors
from handlers.inspectors import BrokenFileError, Findings, Inspector, image, zip_archive
from handlers.inspectors.content_types import content_type_of
from tests.handlers.inspectors.files import EVERY_KIND, inspected

KINDS = sorted(EVERY_KIND)
FACTORIES = {factory.__module__.rpartition(".")[2]: factory for factory in inspectors._factories()}
TYPES = {
    "gzip_file": ["application/gzip"],
    "image": sorted(image._KNOWN),
    "ole_document": ["application/x-ole-storage"],
    "tar_archive": ["application/x-tar"],
    "text": ["text/plain", "text/html"],
    "zip_archive": ["application/zip", *sorted(zip_archive._STARTS_OTHERWISE)],
}


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real file after an accident: cut, torn, mixed with another or with noise."""
    content = bytearray(EVERY_KIND[draw(st.sampled_from(KINDS))])
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        content[start:end] = draw(
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from([b"\xff" * 4, b"\0" * 8, b"\xff\xff\xff\x7f", b"PK\5\6", b"\xff\xd9", b"\n"]),
                st.sampled_from(KINDS).map(lambda kind: EVERY_KIND[kind][:64]),
            )
        )
    return bytes(content[: draw(st.integers(0, len(content)))]) if draw(st.booleans()) else bytes(content)


def outcome(inspector: Inspector, content: bytes, cuts: list[int]) -> Findings | str:
    try:
        for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
            inspector.feed(content[start:end])
        return inspector.findings()
    except BrokenFileError as broken:
        return str(broken)


def test_every_inspector_is_listed_here():
    assert FACTORIES.keys() == TYPES.keys()


@pytest.mark.parametrize("name", sorted(TYPES))
@given(data=st.data(), content=st.one_of(damaged(), st.binary(max_size=600)))
def test_an_inspector_survives_any_file_in_any_chunks(name, data, content):
    content_type = data.draw(st.sampled_from(TYPES[name]))
    extension = data.draw(st.sampled_from(["", "csv", "json", "jpg"]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=6)))
    whole, in_parts = (FACTORIES[name](content_type, extension) for _ in range(2))

    assert whole is not None
    assert in_parts is not None
    assert outcome(in_parts, content, cuts) == outcome(whole, content, [])


@given(content=st.one_of(damaged(), st.binary(max_size=600)), extension=st.sampled_from(["", *KINDS]))
def test_any_file_has_a_type_and_few_short_facts(content, extension):
    result = inspected(content, f"folder/file.{extension}", 97)

    assert "/" in result.content_type
    assert len(result.facts) <= 6
    assert all(label and value and len(value) <= 80 and visible(value) == value for label, value in result.facts)


@given(st.binary(max_size=300))
def test_the_library_that_tells_types_never_gets_through(content):
    assert "/" in content_type_of(content)


def test_an_inspector_is_added_by_adding_a_file(monkeypatch, tmp_path):
    (tmp_path / "pdf_pages.py").write_text(
        "from handlers.inspectors import Findings\n"
        "class Pages:\n"
        "    def feed(self, chunk): self.pages = chunk.count(b'/Page')\n"
        "    def findings(self): return Findings(facts=(('Pages', str(self.pages)),))\n"
        "def inspector(content_type, extension):\n"
        "    return Pages() if content_type == 'application/pdf' else None\n"
    )
    monkeypatch.setattr(inspectors, "__path__", [*inspectors.__path__, str(tmp_path)])
    inspectors._factories.cache_clear()
    try:
        assert dict(inspected(b"%PDF-1.7\n/Page /Page\n", "a.pdf").facts) == {"Pages": "2"}
        assert "Pages" not in dict(inspected(b"hello", "a.pdf").facts)
    finally:
        inspectors._factories.cache_clear()
        sys.modules.pop("handlers.inspectors.pdf_pages", None)
