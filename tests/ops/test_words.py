"""Times, numbers and lists as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ops.words import ago, counted, listed, span

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=2, seconds=59), "2 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2, hours=5), "2 days"),
    ],
)
def test_a_span_is_in_its_largest_unit(length, text):
    assert span(length) == text


def test_a_time_is_an_age():
    assert ago(NOW - timedelta(minutes=2), NOW) == "2 min ago"


def test_no_time_is_never():
    assert ago(None, NOW) == "never"


def test_numbers_agree_with_their_nouns():
    assert [counted(1, "file"), counted(2, "file"), counted(1204, "is", "are")] == ["1 file", "2 files", "1,204 are"]


def test_long_lists_are_cut_with_the_number_of_the_rest():
    assert listed(list("abcdefg"), most=3) == "a, b, c and 4 more"
