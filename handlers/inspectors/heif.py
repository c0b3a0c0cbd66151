"""How large a HEIF image (HEIC, AVIF) is when it is shown: cropped, then turned, as its properties say.

ISO/IEC 23008-12: the primary item's properties are `ispe` (its size), `clap` (what is left of it), `irot` (quarter
turns) and `imir` (which changes no size). What Exif says of turning does not count here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from handlers.inspectors.head_and_tail import HeadAndTail, NotBufferedError

LONGEST_TABLES = 1_048_576
"""How much of the tables is read; phones write some 5,000 bytes."""

_MOST_BOXES = 1_000
_MOST_ASSOCIATIONS = 10_000
_HEADER = 8

Box = tuple[bytes, bytes]


def shown_size(file: HeadAndTail) -> tuple[int, int] | None:
    """Width and height in pixels; None if the tables cannot be read, or have gone by."""
    try:
        return _size_in(_tables(file))
    except (NotBufferedError, struct.error):
        return None


def _tables(file: HeadAndTail) -> bytes:
    """What the `meta` box holds, wherever in the file it stands; empty if there is none."""
    position = 0
    for _ in range(_MOST_BOXES):
        file.seek(position)
        header = file.read(16)
        if len(header) < _HEADER:
            break
        length, name = struct.unpack_from(">L4s", header)
        start = _HEADER
        if length == 1 and len(header) == 16:  # noqa: PLR2004 - the length is behind the name, in 64 bits
            length, start = int.from_bytes(header[8:], "big"), 16
        if name == b"meta":
            file.seek(position + start)
            return file.read(min(length - start, LONGEST_TABLES) if length else LONGEST_TABLES)[4:]
        if length < start:
            break
        position += length
    return b""


def _size_in(tables: bytes) -> tuple[int, int] | None:
    boxes = dict(reversed(list(_boxes(tables))))  # of two with one name the first counts
    properties = dict(reversed(list(_boxes(boxes.get(b"iprp", b"")))))
    primary = _item(boxes.get(b"pitm", b""))
    offered = list(_boxes(properties.get(b"ipco", b"")))
    associated = [
        offered[index - 1] for index in _associated(properties.get(b"ipma", b""), primary) if 0 < index <= len(offered)
    ]
    sizes = (struct.unpack_from(">2L", content, 4) for name, content in associated if name == b"ispe")
    size: tuple[int, int] | None = next(((width, height) for width, height in sizes), None)
    if size is None:
        return None
    # The size may come after what is done to it; what is done is done in the order of the list.
    for name, content in associated:
        if name == b"clap":
            size = _cropped(content) or size
        elif name == b"irot" and content[:1] and content[0] & 1:
            size = size[1], size[0]
    return size


def _boxes(content: bytes) -> Iterator[Box]:
    position = 0
    for _ in range(_MOST_BOXES):
        if position + _HEADER > len(content):
            return
        length, name = struct.unpack_from(">L4s", content, position)
        if length < _HEADER:
            return
        yield name, content[position + _HEADER : position + length]
        position += length


def _item(content: bytes) -> int:
    """The primary item's number: 16 bits, or 32 in the box's later versions."""
    return int.from_bytes(content[4:8] if content[:1] > b"\0" else content[4:6], "big")


def _associated(content: bytes, item: int) -> Iterator[int]:
    """The numbers of an item's properties, in order, counted from 1. Raises struct.error at the end of a cut table."""
    has_long_items, has_long_indexes = content[:1] > b"\0", bool(content[3:4] and content[3] & 1)
    (count,) = struct.unpack_from(">L", content, 4)
    position = 8
    for _ in range(min(count, _MOST_ASSOCIATIONS)):
        number, associations = struct.unpack_from(">LB" if has_long_items else ">HB", content, position)
        position += 5 if has_long_items else 3
        for place in range(associations):
            if number == item and has_long_indexes:
                yield struct.unpack_from(">H", content, position + 2 * place)[0] & 0x7FFF
            elif number == item:
                yield content[position + place] & 0x7F if position + place < len(content) else 0
        position += associations * (2 if has_long_indexes else 1)


def _cropped(content: bytes) -> tuple[int, int] | None:
    """The clean aperture's sides, which are fractions; None if it has none."""
    width, by_width, height, by_height = struct.unpack_from(">4L", content)
    if not (by_width and by_height and width and height):
        return None
    return round(width / by_width), round(height / by_height)
