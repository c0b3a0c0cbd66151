"""The blocks of a GIF, one after the other, to see whether it ends within one."""

from __future__ import annotations

from collections.abc import Callable

MOST_BLOCKS = 200_000
"""After that the rest is not looked at: 50 MB of usual blocks, or a file made of the smallest ones."""

_HEADER = 13
_DESCRIPTOR = 9
_EXTENSION, _IMAGE = 0x21, 0x2C
_HAS_COLOURS = 0x80


class GifBlocks:
    """Goes from block to block; keeps no more than a header of one."""

    def __init__(self) -> None:
        self._needed = bytearray()
        self._to_skip = 0
        self._blocks = 0
        self._next: Callable[[bytes], None] = self._header
        self._wanted = _HEADER

    @property
    def is_cut_off(self) -> bool:
        """Whether the bytes so far end within a block. They may end between two: some programs omit the last byte."""
        return bool(self._wanted) and (bool(self._to_skip) or self._next != self._block)

    def feed(self, chunk: bytes) -> None:
        """The next bytes of the file."""
        position = 0
        while position < len(chunk) and self._wanted:
            if self._to_skip:
                step = min(self._to_skip, len(chunk) - position)
                self._to_skip -= step
            else:
                step = min(self._wanted - len(self._needed), len(chunk) - position)
                self._needed += chunk[position : position + step]
                if len(self._needed) == self._wanted:
                    needed = bytes(self._needed)
                    self._needed.clear()
                    self._next(needed)
            position += step

    def _expect(self, following: Callable[[bytes], None], wanted: int = 1, *, skip: int = 0) -> None:
        self._next, self._wanted, self._to_skip = following, wanted, skip

    def _header(self, header: bytes) -> None:
        self._expect(self._block, skip=_colours(header[10]))

    def _block(self, kind: bytes) -> None:
        if kind[0] == _EXTENSION:
            self._expect(self._before_data)
        elif kind[0] == _IMAGE:
            self._expect(self._descriptor, _DESCRIPTOR)
        else:  # the trailer, or what no reader goes on after
            self._wanted = 0

    def _descriptor(self, descriptor: bytes) -> None:
        self._expect(self._before_data, skip=_colours(descriptor[8]))

    def _before_data(self, _: bytes) -> None:
        """An extension's kind, or the width of an image's codes."""
        self._expect(self._data)

    def _data(self, length: bytes) -> None:
        self._blocks += 1
        if self._blocks > MOST_BLOCKS:
            self._wanted = 0
        elif length[0]:
            self._to_skip = length[0]
        else:
            self._expect(self._block)


def _colours(flags: int) -> int:
    """The length in bytes of the table of colours that may follow."""
    return 3 << (flags & 7) + 1 if flags & _HAS_COLOURS else 0
