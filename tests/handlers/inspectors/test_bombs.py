"""Files made to fill the memory or to keep a processor busy forever.

Memory is what tracemalloc saw at most. Work is counted, not timed: the lines of Python that ran and the calls into C
that were made, which no other process on the machine can change.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from types import FrameType
from typing import Any

import pytest

from handlers.inspectors import image, tar_archive
from handlers.inspectors.gzip_file import MOST_UNPACKED
from handlers.inspectors.text import LARGEST_JSON
from handlers.inspectors.zip_archive import TAIL
from handlers.inspectors.zip_contents import LONGEST_UNPACKED
from handlers.logic.inspection import CHUNK, Inspection, inspect
from tests.handlers.hostile import LONGEST_KEYS
from tests.handlers.inspectors.files import (
    EVERY_KIND,
    a_box,
    a_gif,
    a_gzip,
    a_heic,
    a_jpeg,
    a_png,
    a_tiff,
    a_zip,
    in_chunks,
    inspected,
)
from tests.handlers.inspectors.test_tar_archive import header, signed
from tests.handlers.inspectors.test_zip_archive import entry, hand_made

MEGABYTE = 1_048_576
STEPS_A_BYTE = {"a.jpg": 30, "a.heic": 8, "a.gif": 18}
"""Headers of images are read byte by byte; how many of them are kept, or looked at, is bounded."""


def steps(content: bytes, key: str, chunk: int = CHUNK) -> tuple[int, Inspection]:
    """How many lines of Python and calls into C it takes to inspect a file."""
    count = 0

    def line(_frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return line

    def call(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "c_call"

    before = sys.gettrace()
    inspected(b"warm", key)  # what is imported late is not this file's work
    sys.settrace(line)
    sys.setprofile(call)
    try:
        found = inspected(content, key, chunk)
    finally:
        sys.setprofile(None)
        sys.settrace(before)
    return count, found


def memory(stream: Callable[[], Iterator[bytes]], size: int, key: str) -> tuple[int, Inspection]:
    """How much memory inspecting takes at most, beside the file's own chunks."""
    tracemalloc.start()
    try:
        found = inspect(stream(), size=size, key=key)
        return tracemalloc.get_traced_memory()[1], found
    finally:
        tracemalloc.stop()


def nested_zips(depth: int) -> bytes:
    inner = a_zip({"0.dat": bytes(MEGABYTE)})
    for level in range(depth):
        inner = a_zip({f"{level}-{number}.zip": inner for number in range(16)}, method=zipfile.ZIP_DEFLATED)
    return inner


def overlapping(entries: int) -> bytes:
    """Every entry of the directory is the same packed zeros: David Fifield's kind, 10 MB become 281 TB."""
    return hand_made(*[entry(b"%06d" % number, size=0xFFFFFFFE) for number in range(entries)])


def inflating_png() -> bytes:
    """A few kilobytes of pixels that would be 2.5 gigapixels, and a text chunk that inflates to 16 MB."""
    bomb = zlib.compress(bytes(16 * MEGABYTE), 9)
    text = b"zTXt"
    chunk = struct.pack(">L", len(bomb) + 9) + text + b"Comment\0\0" + bomb + struct.pack(">L", 0)
    return a_png(50_000, 50_000, before_pixels=chunk)


def box_in_box(levels: int) -> bytes:
    inner = b""
    for _ in range(levels):
        inner = struct.pack(">L", 8 + len(inner)) + b"ipco" + inner
    return a_heic(extra=inner)


def laughing(root: bytes) -> bytes:
    entities = b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    start = b'<?xml version="1.0"?><!DOCTYPE %s [<!ENTITY a "' % root + b"ha" * 20 + b'">' + entities
    return start + b']><%s width="&m;" ContentType="&m;">&m;</%s>' % (root, root)


def type_parts(count: int) -> bytes:
    """Headers of the parts that say what an archive is, each longer than what is kept of one."""
    return b"".join(struct.pack("<4s5H3L2H", b"PK\3\4", *[0] * 8, 8, 0) + b"mimetype" for _ in range(count))


def endless_tiff(entries: int) -> bytes:
    """A directory that says it has as many fields as can be said, none of which gives the size, and leads to itself."""
    fields = b"".join(struct.pack("<HHLL", 700, 4, 0xFFFFFFFF, 8) for _ in range(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 0xFFFF) + fields + struct.pack("<L", 8)


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zips in zips": ("42.zip", lambda: nested_zips(3)),
    "entries that overlap": ("a.zip", lambda: overlapping(20_000)),
    "entries of exabytes": (
        "a.zip",
        lambda: hand_made(*[entry(size=0xFFFFFFFF, extra=struct.pack("<2HQ", 1, 8, 2**64 - 1))] * 1000),
    ),
    "extra fields of nothing": ("a.zip", lambda: hand_made(*[entry(size=2**32 - 1, extra=bytes(64_000))] * 4)),
    "a directory of nothing but entries": ("a.zip", lambda: hand_made(*[entry(b"")] * (TAIL // 46 - 10))),
    "directory ends everywhere": ("a.zip", lambda: a_zip() + b"PK\5\6" * 100_000),
    "a directory of 4 billion": ("a.zip", lambda: hand_made(entry(), stated_entries=65_535, stated_length=2**32 - 1)),
    "a tar file of 2^95 bytes": ("a.tar", lambda: signed(header(), 124, b"\x80" + b"\xff" * 11) + bytes(MEGABYTE)),
    "a tar of headers": ("a.tar", lambda: header() * 5_000),
    "a tar of long names": ("a.tar", lambda: signed(header(), 156, b"L") * 5_000),
    "a tar with a header of spaces": ("a.tar", lambda: signed(header(), 124, b" " * 12) + bytes(1024)),
    "a gzip of 64 MB": ("a.gz", lambda: gzip.compress(bytes(64 * MEGABYTE), 9)),
    "gzips in a gzip": ("a.gz", lambda: a_gzip(a_gzip(a_gzip(bytes(16 * MEGABYTE))))),
    "a gzip of 200 MB": ("a.gz", lambda: gzip.compress(bytes(200 * MEGABYTE), 9)),
    "a gzip of many members": ("a.gz", lambda: a_gzip(b"") * 40_000),
    "a list of parts that inflates": ("a.docx", lambda: a_zip({"[Content_Types].xml": bytes(64 * MEGABYTE)})),
    "a list of parts of a billion laughs": ("a.docx", lambda: a_zip({"[Content_Types].xml": laughing(b"Types")})),
    "type parts everywhere": ("a.docx", lambda: type_parts(20_000) + a_zip()),
    "a GIF of the smallest blocks": ("a.gif", lambda: a_gif()[:-1] + b"!\xfe\1.\0" * 30_000),
    "properties of many images": ("a.heic", lambda: a_heic(properties=50_000)),
    "a PNG that inflates": ("a.png", inflating_png),
    "a PNG of chunks": ("a.png", lambda: a_png(before_pixels=(struct.pack(">L", 0) + b"tEXt" + bytes(4)) * 80_000)),
    "a JPEG of fill bytes": ("a.jpg", lambda: b"\xff\xd8" + b"\xff" * 25_000 + a_jpeg()[2:]),
    "a JPEG of markers": ("a.jpg", lambda: b"\xff\xd8" + b"\xff\x01" * 6_000 + a_jpeg()[2:]),
    "a JPEG of empty segments": ("a.jpg", lambda: a_jpeg(segments=b"\xff\xe1\0\2" * 3_000)),
    "a TIFF that leads to itself": ("a.tif", lambda: endless_tiff(10_000)),
    "a TIFF of many fields": ("a.tif", lambda: a_tiff(pixels=600_000)),
    "boxes in boxes": ("a.heic", lambda: box_in_box(2_000)),
    "boxes of nothing": ("a.heic", lambda: a_heic(extra=a_box(b"free") * 10_000)),
    "an SVG of a billion laughs": (
        "a.svg",
        lambda: laughing(b"svg"),
    ),
    "an SVG without an end": ("a.svg", lambda: b"<svg " + b"a" * (2 * MEGABYTE)),
    "deep JSON": ("a.json", lambda: b"[" * LARGEST_JSON),
    "deep JSON that closes": ("a.json", lambda: b'{"a":' * 40_000 + b"1" + b"}" * 40_000),
    "a number of 200,000 digits": ("a.json", lambda: b"[" + b"9" * 200_000 + b"]"),
    "JSON of the smallest things": ("a.json", lambda: b"[" + b"[]," * (LARGEST_JSON // 3 - 2) + b"[]]"),
    "a line without an end": ("a.txt", lambda: b"x" * (4 * MEGABYTE)),
    "a table of quotes": ("a.csv", lambda: b'"' * (LARGEST_JSON - 1) + b"\n"),
    "a table of separators": ("a.csv", lambda: b"," * LARGEST_JSON + b";\n" * 1000),
    "blanks before HTML": ("a.html", lambda: b" " * 4000 + b"<!--" * 500 + b" " * MEGABYTE),
    "comments that never end": ("a.html", lambda: (b"<!--" + b"-" * 990 + b">") * 1000),
    "an office document of names": ("a.doc", lambda: EVERY_KIND["doc"] + "WordDocument".encode("utf-16-le") * 60_000),
}  # fmt: skip


@cache
def made(name: str) -> bytes:
    return BOMBS[name][1]()


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_no_bomb_takes_much_memory_or_more_work_than_its_bytes_are_worth(name):
    key, _ = BOMBS[name]
    content = made(name)

    used, found = memory(lambda: in_chunks(content), len(content), key)
    assert found.size == len(content)
    assert used < 24 * MEGABYTE

    worked, again = steps(content, key)
    assert again == found
    assert worked < 40_000 + STEPS_A_BYTE.get(key, 3) * len(content)


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_no_file_is_unpacked_but_gzip_to_be_counted_and_the_list_of_parts_to_be_read(name, monkeypatch):
    unpacked = 0

    class Counting:
        def __init__(self, bits: int) -> None:
            self._real = unpacker(bits)

        def decompress(self, data: bytes, most: int) -> bytes:
            nonlocal unpacked
            assert most > 0
            content = self._real.decompress(data, most)
            unpacked += len(content)
            return content

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file is unpacked")

    key, content, unpacker = BOMBS[name][0], made(name), zlib.decompressobj
    for module, function in ((zlib, "decompress"), (gzip, "decompress"), (zipfile, "ZipFile")):
        monkeypatch.setattr(module, function, refuse)
    monkeypatch.setattr(zlib, "decompressobj", Counting)

    inspected(content, key)

    assert unpacked <= {"gz": MOST_UNPACKED + 16_384, "docx": LONGEST_UNPACKED}.get(key.rpartition(".")[2], 0)


def test_a_tar_of_endless_headers_is_given_up_and_the_rest_costs_nothing(monkeypatch):
    monkeypatch.setattr(tar_archive, "MOST_ENTRIES", 100)
    short, long = (steps(header() * count, "a.tar")[0] for count in (200, 4_000))

    assert long < 1.2 * short


@pytest.mark.parametrize(
    "name", ["an SVG without an end", "a line without an end", "a table of quotes", "a tar of headers"]
)
def test_work_grows_with_the_file_and_no_faster(name):
    key, make = BOMBS[name]
    whole = make()
    half, all_of_it = (steps(whole[: len(whole) // part // 512 * 512], key)[0] for part in (2, 1))

    assert all_of_it < 2.5 * half + 1000


def test_only_the_beginning_of_an_image_is_looked_at(monkeypatch):
    monkeypatch.setattr(image, "HEAD", 4_000)
    monkeypatch.setattr(image, "TAIL", 1_000)
    short, long = (steps(a_jpeg(segments=b"\xff\xe1\0\2" * count), "a.jpg")[0] for count in (2_000, 20_000))

    assert long < 1.2 * short


def test_only_the_end_of_a_zip_archive_is_looked_at():
    few, many = (steps(hand_made(*[entry(b"")] * count), "a.zip")[0] for count in (TAIL // 46 - 10, 4 * TAIL // 46))

    assert many < few / 10


@pytest.mark.parametrize("kind", sorted(EVERY_KIND))
def test_a_name_that_lies_costs_no_more_and_is_reported(kind):
    content = EVERY_KIND[kind]
    honest = inspected(content, "file")
    for extension in EVERY_KIND:
        lying = inspected(content, f"file.{extension}")
        reported = dict(lying.facts).get("Extension", "")
        assert (lying.sha256, lying.broken) == (honest.sha256, honest.broken)
        assert not reported or reported.startswith(f"says .{extension.rpartition('.')[2]}, content is ")


@pytest.mark.parametrize("key", LONGEST_KEYS, ids=range(len(LONGEST_KEYS)))
@pytest.mark.parametrize("kind", ["png", "txt", "zip", "unknown"])
def test_the_longest_keys_cost_no_more(kind, key):
    plain, _ = steps(EVERY_KIND[kind], "f")
    worked, found = steps(EVERY_KIND[kind], key)

    assert worked < plain + 5 * 1024
    assert len(json.dumps(found.facts)) < 2_000


def test_one_byte_at_a_time_costs_a_step_a_byte():
    content = io.BytesIO(b"a,b\n" * 5_000).getvalue()

    assert steps(content, "a.csv", chunk=1)[0] < 120 * len(content)
