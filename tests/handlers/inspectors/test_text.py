"""Texts in all their encodings."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.inspectors import text
from handlers.inspectors.text import LARGEST_JSON
from tests.handlers.inspectors.files import facts_of, inspected

VIETNAMESE = "Xin chào\nthế giới 🚀!\n"


@pytest.mark.parametrize("chunk", [1_048_576, 5, 1])
@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"Hello\nworld of 7!\n", "ASCII"),
        (VIETNAMESE.encode(), "UTF-8"),
        (VIETNAMESE.encode("utf-8-sig"), "UTF-8 with a byte order mark"),
        (VIETNAMESE.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + VIETNAMESE.encode("utf-16-be"), "UTF-16"),
        (VIETNAMESE.encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (VIETNAMESE.encode("utf-16-be"), "UTF-16 without a byte order mark"),
        (VIETNAMESE.encode("utf-32"), "UTF-32"),
        ("Grüße\nan alle!...\n".encode("cp1252"), "an 8-bit code page, not UTF-8"),
    ],
)
def test_encoding_lines_and_the_longest_of_them_are_reported(content, encoding, chunk):
    assert facts_of(content, chunk=chunk) == {
        "Encoding": encoding,
        "Lines": "2",
        "Longest line": "11 characters",
    }


@pytest.mark.parametrize(
    ("content", "lines", "longest"),
    [
        (b"one", "1", "3 characters"),
        (b"one\n", "1", "3 characters"),
        (b"one\ntwo!", "2", "4 characters"),
        (b"one\r\ntwo\r\n", "2", "3 characters"),
        (b"one\rtwo\r", "2", "3 characters"),
        (b"\n\n\n", "3", "0 characters"),
        (b"a" * 200_000 + b"\nb", "2", "200,000 characters"),
    ],
)
@pytest.mark.parametrize("chunk", [1_048_576, 1000, 4])
def test_lines_end_as_people_see_them(content, lines, longest, chunk):
    facts = facts_of(content, chunk=chunk)

    assert (facts["Lines"], facts["Longest line"]) == (lines, longest)


@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff") | st.sampled_from("\t\n\r"),
        min_size=1,
    ),
    st.integers(1, 9),
)
def test_lines_are_counted_as_python_counts_them(content, chunk):
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    facts = facts_of(content.encode(), "a.txt", chunk)
    written = len(lines) if lines[-1] else len(lines) - 1

    assert facts["Lines"] == f"{written:,}"
    assert facts["Longest line"] == f"{max(map(len, lines)):,} characters"


@pytest.mark.parametrize("chunk", [1, 2, 8, 9, 10, 100])
def test_a_text_that_proves_not_to_be_utf_8_is_measured_alike_in_any_chunks(chunk):
    facts = facts_of("Xin chà   ".encode() + b"\x80o\r\nth\xe1\xba\r\n", "a.txt", chunk)

    assert facts == {"Encoding": "an 8-bit code page, not UTF-8", "Lines": "2", "Longest line": "13 characters"}


def test_a_file_that_is_cut_within_a_character_says_so():
    facts = facts_of("thế giới, xin chào ế".encode()[:-1])

    assert facts["Encoding"] == "UTF-8, cut off within its last character"


def test_what_stops_being_text_after_a_million_bytes_is_binary_data():
    for end in (b"\0", b"\xff\x07"):
        result = inspected(b"a perfectly good line\n" * 60_000 + end)

        assert result.content_type == "application/octet-stream"
        assert result.facts == ()


def test_a_code_page_that_shows_late_is_a_text_still():
    result = inspected(b"a line\n" * 200_000 + "und Grüße\n".encode("cp1252"))

    assert result.content_type == "text/plain"
    assert dict(result.facts)["Encoding"] == "an 8-bit code page, not UTF-8"
    assert dict(result.facts)["Lines"] == "200,001"


@pytest.mark.parametrize("content", [b"ab\xc3\xfcd\n", b"abcd\r\xfce\n", b"ab\xe1\xba\xfc\n\n"])
@pytest.mark.parametrize("chunk", [3, 4, 5])
def test_nothing_is_lost_where_a_code_page_shows(content, chunk):
    assert facts_of(content, chunk=chunk) == facts_of(content)


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b'{"a": 1, "b": [1, 2]}', "an object with 2 names"),
        (b"\xef\xbb\xbf [1, 2, 3]\n", "a list of 3"),
        ('["🚀"]'.encode("utf-16"), "a list of 1"),
    ],
)
def test_json_is_detected_by_what_it_holds(content, reported):
    result = inspected(content)

    assert result.content_type == "application/json"
    assert dict(result.facts)["JSON"] == reported


def test_json_that_cannot_be_read_is_reported_where():
    result = inspected(b'{"a": 1,\n "b": ?}', "a.json")

    assert result.broken is None
    assert result.content_type == "text/plain"
    assert dict(result.facts)["JSON"] == "cannot be read: line 2, column 7"
    assert "JSON" not in facts_of(b"{not json}", "a.txt")


@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"a":' * 40_000, b"[" + b"9" * 200_000 + b"]"])
def test_json_made_to_hurt_does_not(content):
    assert inspected(content, "a.json").broken is None


def test_long_json_is_not_parsed():
    assert "JSON" not in facts_of(json.dumps(["x" * LARGEST_JSON]).encode(), "a.json")


@pytest.mark.parametrize(
    ("key", "content", "reported"),
    [
        ("a.csv", b"a,b,c\n1,2,3\n", "3, separated by commas"),
        ("a.csv", b'a;"b;b"\n"1,5";2\n', "2, separated by semicolons"),
        ("a.tsv", b"a\tb\n1\t2\n", "2, separated by tabs"),
        ("a.CSV", b'a,"two\nlines"\n1,2\n', "2, separated by commas"),
        ("a.csv", b"a|b|c|d\n" * 100_000, "4, separated by bars"),
    ],
)
def test_the_columns_of_a_table_are_reported(key, content, reported):
    assert facts_of(content, key)["Columns"] == reported


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("a.txt", b"a,b\n1,2\n"),
        ("a.csv", b"a,b\n1,2,3\n"),
        ("a.csv", b"one\ntwo\n"),
        ("a.csv", b"," + b"x" * 200_000),
    ],
)
def test_what_is_no_table_has_no_columns(key, content):
    assert "Columns" not in facts_of(content, key)


def test_measuring_lines_ends_where_it_would_take_too_long(monkeypatch):
    monkeypatch.setattr(text, "MOST_MEASURED_LINES", 1000)
    facts = facts_of(b"\n" * 300_000)
    measured = text.Text("text/plain", "")
    measured.feed(b"\n" * 300_000 + b"long line\n")

    assert facts == {"Encoding": "ASCII", "Lines": "300,000"}
    assert measured._longest == 0, "long lines that come later are not looked at"
