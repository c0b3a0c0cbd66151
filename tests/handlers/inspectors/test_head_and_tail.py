"""The kept beginning and end of a stream, compared with the whole."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.inspectors.head_and_tail import HeadAndTail, NotBufferedError


def kept(content: bytes, chunk: int, *, head: int, tail: int) -> HeadAndTail:
    one = HeadAndTail(head=head, tail=tail)
    for start in range(0, len(content), chunk):
        one.feed(content[start : start + chunk])
    return one


@given(
    content=st.integers(0, 100).map(lambda size: bytes(range(size))),
    chunk=st.integers(1, 40),
    head=st.integers(0, 40),
    tail=st.integers(0, 40),
    reads=st.lists(st.tuples(st.integers(0, 110), st.integers(-1, 30)), min_size=4, max_size=12),
)
def test_what_can_be_read_is_what_was_there(content, chunk, head, tail, reads):
    some, whole = kept(content, chunk, head=head, tail=tail), io.BytesIO(content)

    assert some.head == content[:head]
    assert some.tail() == (content[-tail:] if tail else b"")
    for position, size in reads:
        some.seek(position)
        whole.seek(position)
        expected = whole.read(size)
        try:
            assert some.read(size) == expected
        except NotBufferedError:
            assert some.missed
            end = position + len(expected)
            assert end > head, "the beginning was kept"
            assert position < len(content) - tail, "the end was kept"
            assert head + tail < len(content), "everything was kept"


def test_it_is_a_seekable_file():
    some = kept(bytes(range(100)), 7, head=10, tail=10)

    assert some.seek(0, os.SEEK_END) == 100
    assert some.seek(-10, os.SEEK_END) == 90
    assert some.read(4) == bytes(range(90, 94))
    assert some.seek(2, os.SEEK_CUR) == 96
    assert some.read() == bytes(range(96, 100))
    assert some.read() == b""
    with pytest.raises(ValueError, match="negative"):
        some.seek(-101, os.SEEK_END)


def test_what_has_gone_by_is_missed():
    some = kept(bytes(range(100)), 7, head=10, tail=10)

    for position, size in ((9, 2), (10, 1), (50, 1), (89, 1), (0, -1)):
        some.missed = False
        some.seek(position)
        with pytest.raises(NotBufferedError):
            some.read(size)
        assert some.missed


def test_it_holds_no_more_chunks_than_the_end_needs():
    some = kept(bytes(10_000), 100, head=10, tail=250)

    assert sum(map(len, some._recent)) < 250 + 100
