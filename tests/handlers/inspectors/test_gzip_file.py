"""gzip: what is reported without unpacking."""

from __future__ import annotations

import pytest

from handlers.inspectors import gzip_file
from tests.handlers.inspectors.files import a_gzip, facts_of, inspected


@pytest.mark.parametrize("chunk", [1_048_576, 1])
def test_the_size_and_the_name_before_packing_are_reported(chunk):
    assert facts_of(a_gzip(b"x" * 5000, name="notes.txt"), chunk=chunk) == {
        "Packed from": "notes.txt",
        "Unpacked": "4.9 KB",
    }


def test_a_file_without_a_name_has_none():
    assert facts_of(a_gzip()) == {"Unpacked": "1.0 KB"}


def test_an_empty_file_may_be_packed():
    assert facts_of(a_gzip(b"")) == {"Unpacked": "0 bytes"}


@pytest.mark.parametrize("chunk", [1_048_576, 7, 1])
def test_all_parts_are_counted_and_not_the_last_alone(chunk):
    for between in (b"", a_gzip(b""), bytes(700)):
        content = a_gzip(b"a" * 3000) + between + a_gzip(b"b" * 2120)

        assert facts_of(content, chunk=chunk) == {"Unpacked": "5.0 KB"}


@pytest.mark.parametrize("stated", [0, 10, 0xFFFFFFFF])
def test_what_the_archive_states_is_not_believed(stated):
    result = inspected(a_gzip(b"x" * 5000)[:-4] + stated.to_bytes(4, "little"))

    assert "Unpacked" not in dict(result.facts)
    assert "damaged" in result.broken


@pytest.mark.parametrize("chunk", [1_048_576, 3])
@pytest.mark.parametrize("behind", [bytes(700), b"left by another program", b"\x1f", bytes(30) + a_gzip(b"b" * 24)])
def test_what_stands_behind_an_archive_does_not_break_it(behind, chunk):
    result = inspected(a_gzip(b"x" * 5000) + behind, chunk=chunk)

    assert result.broken is None
    assert dict(result.facts)["Unpacked"] == "4.9 KB"


def test_counting_ends_where_it_would_take_too_long(monkeypatch):
    monkeypatch.setattr(gzip_file, "MOST_UNPACKED", 100_000)
    assert facts_of(a_gzip(bytes(100_000))) == {"Unpacked": "98 KB"}
    assert facts_of(a_gzip(bytes(2_000_000)))["Unpacked"].startswith("more than ")

    monkeypatch.setattr(gzip_file, "MOST_MEMBERS", 3)
    assert facts_of(a_gzip(b"12") * 3) == {"Unpacked": "6 bytes"}
    assert facts_of(a_gzip(b"12") * 4) == {"Unpacked": "more than 6 bytes"}


@pytest.mark.parametrize("extra", [b"", b"BC\2\0\x1b\0", b"x" * 65_535])
def test_the_name_stands_behind_the_extra_field(extra):
    packed = a_gzip(b"x" * 5000, name="notes.txt")
    flags = packed[3] | (4 if extra else 0)
    field = len(extra).to_bytes(2, "little") + extra if extra else b""
    content = packed[:3] + bytes([flags]) + packed[4:10] + field + packed[10:]

    assert facts_of(content) == {"Packed from": "notes.txt", "Unpacked": "4.9 KB"}


@pytest.mark.parametrize("left", [0.3, 0.9])
def test_an_archive_that_is_cut_off_is_broken(left):
    content = a_gzip(bytes(range(256)) * 40)
    result = inspected(content[: int(len(content) * left)])

    assert "cut off" in result.broken


def test_a_name_that_hides_or_floods_is_shown_safely():
    assert facts_of(a_gzip(name="a\x1b[31m.txt"))["Packed from"] == r"a\u001b[31m.txt"
    assert len(facts_of(a_gzip(name="n" * 300))["Packed from"]) == 80
    assert "Packed from" not in facts_of(a_gzip(name="n" * 70_000)), "a name without an end within reach"


@pytest.mark.parametrize("length", [3, 10, 17])
def test_nothing_after_the_header_is_broken(length):
    result = inspected(a_gzip()[:length])

    assert result.broken
