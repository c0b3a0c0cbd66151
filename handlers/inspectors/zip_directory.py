"""The directory at the end of a ZIP archive, believed no further than it reaches."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from handlers.inspectors import BrokenFileError

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_FIRST_ENTRY = b"PK\x01\x02"
_LONGEST_COMMENT = 65_535
_ELSEWHERE = 0xFFFFFFFF  # the number is in the entry's extra field, in 64 bits
_DAMAGED = "The archive is damaged: its directory cannot be read."


@dataclass(frozen=True)
class Directory:
    """Positions in the file. `entries` is what the archive states; `shift` is how much was put in front of it."""

    entries: int
    start: int
    end: int
    shift: int


@dataclass(frozen=True)
class Entry:
    """`size` is what the archive states; `start` is where the entry's own header is, without what stands in front."""

    name: bytes
    size: int
    packed: int
    method: int
    start: int
    is_encrypted: bool


def directory_in(tail: bytes, offset: int) -> Directory | None:
    """Where the directory is by the last bytes of a file, `offset` being the first one's position; None if nowhere."""
    position = len(tail)
    oldest = max(0, len(tail) - _END.size - _LONGEST_COMMENT)
    while (position := tail.rfind(b"PK\x05\x06", oldest, position)) >= 0:
        if position + _END.size <= len(tail):
            break
    else:
        return None
    _, _, _, _, entries, length, start, _ = _END.unpack_from(tail, position)
    end = position
    locator = position - _LOCATOR64.size
    end64 = locator - _END64.size
    if end64 >= 0 and tail[locator : locator + 4] == b"PK\x06\x07" and tail[end64 : end64 + 4] == b"PK\x06\x06":
        _, _, _, _, _, _, _, entries, length, start = _END64.unpack_from(tail, end64)
        end = end64
    # Counted back from its end: archives that a program was put in front of may state positions that are too small.
    # Where its length is not true, its stated position may be.
    found = offset + end - length
    is_wrong = start >= offset and not tail.startswith(_FIRST_ENTRY, max(0, found - offset))
    if is_wrong and tail.startswith(_FIRST_ENTRY, start - offset):
        found = start
    return Directory(entries=entries, start=found, end=offset + end, shift=found - start)


def entries_of(directory: bytes) -> Iterator[Entry]:
    """Every entry of a directory. Raises BrokenFileError where it cannot be read."""
    position = 0
    while position < len(directory):
        if position + _ENTRY.size > len(directory) or not directory.startswith(_FIRST_ENTRY, position):
            raise BrokenFileError(_DAMAGED)
        fields = _ENTRY.unpack_from(directory, position)
        name_length, extra_length, comment_length = fields[10:13]
        name_start = position + _ENTRY.size
        extra_start = name_start + name_length
        position = extra_start + extra_length + comment_length
        if position > len(directory):
            raise BrokenFileError(_DAMAGED)
        size = fields[9]
        if size == _ELSEWHERE:
            size = _size64(directory[extra_start : extra_start + extra_length])
        yield Entry(
            name=directory[name_start:extra_start],
            size=size,
            packed=fields[8],
            method=fields[4],
            start=fields[16],
            is_encrypted=bool(fields[3] & 1),
        )


def _size64(extra: bytes) -> int:
    """The unpacked size in the extra field, where it is the first of the numbers that needed more than 32 bits."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == 1 and position + 12 <= len(extra):
            return int.from_bytes(extra[position + 4 : position + 12], "little")
        position += 4 + length
    return _ELSEWHERE
