"""The first directory of a TIFF, which cameras also write into other files to say how an image is turned (Exif)."""

from __future__ import annotations

import struct
from typing import Protocol

ORIENTATION = 274
_NEW_SUBFILE_TYPE, _SUB_DIRECTORIES = 254, 330
_SHORT, _LONG = 3, 4
_ENTRY = 12
_ON_THEIR_SIDE = frozenset({5, 6, 7, 8})


class Readable(Protocol):
    def seek(self, offset: int, /) -> int: ...

    def read(self, size: int, /) -> bytes: ...


def first_tags(file: Readable) -> dict[int, int]:
    """The numbers that the first directory states, by tag; none for BigTIFF and for what cannot be read."""
    file.seek(0)
    header = file.read(8)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(header[:4], "")
    if not order or len(header) < 8:  # noqa: PLR2004
        return {}
    (start,) = struct.unpack_from(f"{order}L", header, 4)
    file.seek(start)
    count = file.read(2)
    if len(count) < 2:  # noqa: PLR2004
        return {}
    entries = file.read(_ENTRY * struct.unpack(f"{order}H", count)[0])
    tags = {}
    for position in range(0, len(entries) - _ENTRY + 1, _ENTRY):
        tag, kind = struct.unpack_from(f"{order}2H", entries, position)
        if kind in {_SHORT, _LONG}:
            (tags[tag],) = struct.unpack_from(f"{order}{'H' if kind == _SHORT else 'L'}", entries, position + 8)
    return tags


def is_preview(tags: dict[int, int]) -> bool:
    """Whether the first image is a small one and the picture stands elsewhere, as in cameras' raw photos."""
    return bool(tags.get(_NEW_SUBFILE_TYPE, 0) & 1) or _SUB_DIRECTORIES in tags


def is_on_its_side(tags: dict[int, int]) -> bool:
    """Whether width and height are swapped when the image is shown."""
    return tags.get(ORIENTATION) in _ON_THEIR_SIDE
