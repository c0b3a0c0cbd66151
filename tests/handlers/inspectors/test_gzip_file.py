"""gzip: what can be told without unpacking."""

from __future__ import annotations

import pytest

from tests.handlers.inspectors.files import a_gzip, facts_of, inspected


@pytest.mark.parametrize("chunk", [1_048_576, 1])
def test_the_size_and_the_name_before_packing_are_told(chunk):
    assert facts_of(a_gzip(b"x" * 5000, name="notes.txt"), chunk=chunk) == {
        "Packed from": "notes.txt",
        "Unpacked": "4.9 KB",
    }


def test_a_file_without_a_name_has_none():
    assert facts_of(a_gzip()) == {"Unpacked": "1.0 KB"}


def test_an_empty_file_may_be_packed():
    assert facts_of(a_gzip(b"")) == {"Unpacked": "0 bytes"}


@pytest.mark.parametrize("stated", [0, 10, 0xFFFFFFFF])
def test_a_size_that_cannot_be_true_is_not_told(stated):
    content = a_gzip(bytes(range(256)) * 40)[:-4] + stated.to_bytes(4, "little")
    incompressible = content[:-8] + bytes(range(256)) * 40 + content[-8:]

    assert "Unpacked" not in facts_of(incompressible)


def test_a_name_that_hides_or_floods_is_shown_safely():
    assert facts_of(a_gzip(name="a\x1b[31m.txt"))["Packed from"] == r"a\u001b[31m.txt"
    assert len(facts_of(a_gzip(name="n" * 300))["Packed from"]) == 80
    assert "Packed from" not in facts_of(a_gzip(name="n" * 600)), "a name without an end within reach"


@pytest.mark.parametrize("length", [3, 10, 17])
def test_nothing_after_the_header_is_broken(length):
    result = inspected(a_gzip()[:length])

    assert result.failure is not None
    assert result.failure.code == "broken"
