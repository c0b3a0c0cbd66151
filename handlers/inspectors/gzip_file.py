"""gzip: how large it is when unpacked, counted as far as is worth the work. Nothing of what comes out is kept."""

from __future__ import annotations

import zlib

from domain.wording import human_size
from handlers.inspectors import BrokenFileError, Findings, Inspector
from handlers.inspectors.head_and_tail import HeadAndTail

HEAD = 65_536 + 512
"""The header with its longest extra field and a name."""
MOST_UNPACKED = 67_108_864
"""Bytes that are counted; a larger file is called so. What it states itself is modulo 4 GB, and of its last part."""
MOST_MEMBERS = 1_000
"""Parts that are counted: logs are joined, and genome data cut, into files of many."""

_SHORTEST = 18  # bytes of a packed nothing
_PIECE = 16_384  # unpacked at a time; also what a part's end leaves to be copied
_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"
_NAME_FLAG, _EXTRA_FLAG = 0x08, 0x04
_FIXED_HEADER = 10


def inspector(content_type: str, extension: str) -> Inspector | None:  # noqa: ARG001 - all inspectors are asked alike
    return GzipFile() if content_type == "application/gzip" else None


class GzipFile:
    """Unpacks part after part to count the bytes, and keeps the header."""

    def __init__(self) -> None:
        self._buffer = HeadAndTail(head=HEAD)
        self._member = zlib.decompressobj(_GZIP)
        self._members = 1
        self._unpacked = 0
        self._between = b""
        self._is_within = True
        self._has_ended = False
        self._gave_up = False

    def feed(self, chunk: bytes) -> None:
        self._buffer.feed(chunk)
        for position in range(0, len(chunk), _PIECE):
            if self._has_ended:
                return
            self._count(chunk[position : position + _PIECE])

    def findings(self) -> Findings:
        if self._buffer.size < _SHORTEST:
            raise BrokenFileError("The archive is cut off: there is nothing after its header.")
        if self._is_within and not self._gave_up:
            raise BrokenFileError("The archive is cut off: its end is missing.")
        facts = []
        name = _original_name(self._buffer.head)
        if name:
            facts.append(("Packed from", name))
        counted = human_size(self._unpacked)
        facts.append(("Unpacked", f"more than {counted}" if self._gave_up else counted))
        return Findings(facts=tuple(facts))

    def _count(self, packed: bytes) -> None:
        while packed and not self._has_ended:
            if not self._is_within:
                packed = self._begin(packed)
                continue
            try:
                self._unpacked += len(self._member.decompress(packed, _PIECE))
            except zlib.error:
                raise BrokenFileError("The archive is damaged: it cannot be unpacked.") from None
            packed = self._member.unconsumed_tail
            if self._member.eof:
                packed, self._is_within = self._member.unused_data, False
            if self._unpacked > MOST_UNPACKED:
                self._has_ended = self._gave_up = True

    def _begin(self, packed: bytes) -> bytes:
        """Begins the next part if one follows: zeros may stand between; what is no part is let be, as gzip does."""
        following = (self._between + packed).lstrip(b"\0")
        if len(following) < len(_MAGIC):
            self._between = following
            return b""
        self._between = b""
        self._members += 1
        if not following.startswith(_MAGIC):
            self._has_ended = True
        elif self._members > MOST_MEMBERS:
            self._has_ended = self._gave_up = True
        else:
            self._member, self._is_within = zlib.decompressobj(_GZIP), True
        return following


def _original_name(head: bytes) -> str:
    flags, start = head[3], _FIXED_HEADER
    if flags & _EXTRA_FLAG:
        start += 2 + int.from_bytes(head[start : start + 2], "little")
    name, end, _ = head[start:].partition(b"\0") if flags & _NAME_FLAG else (b"", b"", b"")
    return name.decode("latin-1") if end else ""
