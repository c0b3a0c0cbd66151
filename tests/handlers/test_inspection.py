"""Looking at a file while it streams by, whatever its size and sender."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from handlers.inspectors import Findings
from handlers.logic.inspection import CHUNK, CutShortError, inspect
from tests.handlers.inspectors.files import (
    A_PDF,
    EVERY_KIND,
    a_jpeg,
    a_png,
    a_tar,
    a_zip,
    an_ole_document,
    in_chunks,
    inspected,
)

MEGABYTE = 1_048_576


@pytest.mark.parametrize("kind", sorted(EVERY_KIND))
@pytest.mark.parametrize("chunk", [CHUNK, 333])
def test_the_checksum_and_the_size_are_those_of_the_whole_file(kind, chunk):
    content = EVERY_KIND[kind]
    result = inspected(content, f"a.{kind}", chunk)

    assert result.sha256 == hashlib.sha256(content).hexdigest()
    assert result.size == len(content)
    assert result.broken is None


@pytest.mark.parametrize("kind", sorted(EVERY_KIND))
def test_how_the_bytes_come_makes_no_difference(kind):
    assert inspected(EVERY_KIND[kind], f"a.{kind}", 1) == inspected(EVERY_KIND[kind], f"a.{kind}")


def test_the_stream_is_read_once_and_to_its_end():
    taken = []

    def stream() -> Iterator[bytes]:
        for chunk in in_chunks(a_png(pixels=5000), 100):
            taken.append(chunk)
            yield chunk

    inspect(stream(), size=len(a_png(pixels=5000)), key="a.png")

    assert b"".join(taken) == a_png(pixels=5000)


@pytest.mark.parametrize("missing", [1, 500, -1])
def test_a_stream_of_another_length_than_announced_says_nothing(missing):
    content = a_png(pixels=600)

    with pytest.raises(CutShortError, match=f"{len(content)} of {len(content) + missing} bytes"):
        inspect(in_chunks(content, 100), size=len(content) + missing, key="a.png")


def test_what_the_stream_raises_is_not_taken_for_a_broken_file():
    def stream() -> Iterator[bytes]:
        yield a_png()[:50]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        inspect(stream(), size=len(a_png()), key="a.png")


def test_a_broken_file_keeps_its_checksum_its_type_and_what_its_name_says():
    content = a_png(pixels=5000)[:-20]
    result = inspected(content, "a.jpg", 700)

    assert result.broken
    assert result.sha256 == hashlib.sha256(content).hexdigest()
    assert result.content_type == "image/png"
    assert dict(result.facts) == {"Extension": "says .jpg, content is a PNG image"}


def test_an_archive_that_breaks_in_its_middle_is_read_on_for_the_checksum():
    content = bytearray(a_tar({f"{number}": b"x" * 2000 for number in range(9)}))
    content[512 * 5 : 512 * 5 + 300] = b"?" * 300
    result = inspected(bytes(content), chunk=512)

    assert result.broken
    assert result.sha256 == hashlib.sha256(content).hexdigest()


def test_the_facts_of_a_file_are_few_and_short():
    name = "n" * 300
    result = inspected(b"a,b\n1,2\n", f"{name}.jpg")

    assert len(json.dumps(result.facts)) < 400
    assert all(len(value) <= 80 for _, value in result.facts)


# What a person could send to fill the memory: a beginning, then these bytes again and again.
HOSTILE = {
    "an image": (a_jpeg()[:-2], b"\xff\x37" * (MEGABYTE // 2), 128),
    "binary data": (b"\0\1\2\3", b"\x9c" * MEGABYTE, 512),
    "a zip archive": (a_zip(), b"PK\5\6" * (MEGABYTE // 4), 96),
    "a tar archive": (a_tar(), a_tar()[:512] * (MEGABYTE // 512), 24),
    "an office document": (an_ole_document("WordDocument"), bytes(MEGABYTE), 96),
    "a text of one line": (b"text", b"x" * MEGABYTE, 96),
    "a text of many lines": (b"text", b"ab\n" * (MEGABYTE // 3), 2),
    "a text in many alphabets": (b"text", ("x" * 100 + "🚀").encode() * (MEGABYTE // 104), 24),
    "json": (b"[", b"[],\n" * (MEGABYTE // 4), 2),
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_memory_does_not_grow_with_the_file(kind):
    beginning, repeated, times = HOSTILE[kind]

    def stream() -> Iterator[bytes]:
        yield beginning
        for _ in range(times):
            yield bytes(bytearray(repeated))  # new bytes each time, as from a socket

    tracemalloc.start()
    try:
        result = inspect(stream(), size=len(beginning) + times * len(repeated), key="a.bin")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert result.size > times * 1_000_000
    assert peak < 16 * MEGABYTE


def test_a_pdf_needs_no_inspector():
    assert inspected(A_PDF, "a.pdf").facts == ()


def test_a_fact_cannot_hide_or_reorder_what_is_shown_beside_it(monkeypatch):
    class Telling:
        def feed(self, _chunk):
            pass

        def findings(self):
            return Findings(facts=(("Title", "gpj.\u202eexe\n"),))

    monkeypatch.setattr("handlers.logic.inspection.inspectors_for", lambda *_: [Telling()])

    assert inspect([b"x"], size=1, key="a.txt").facts == (("Title", "gpj.\\u202eexe\\u000a"),)
