"""The beginning and the end of a stream, which is where files say what they are."""

from __future__ import annotations

import os
from collections import deque

_LONGEST_AFTER = 65_536


class NotBufferedError(ValueError):
    """A read of bytes that have gone by."""


class HeadAndTail:
    """Keeps the first `head` and the last `tail` bytes of all that is fed, and reads them like a seekable file.

    `missed` says that a read failed with NotBufferedError: the file may be in order, only this part of it has gone by.
    """

    def __init__(self, *, head: int, tail: int = 0) -> None:
        self.size = 0
        self.missed = False
        self._head = bytearray()
        self._head_limit = head
        self._tail_limit = tail
        self._recent: deque[bytes] = deque()
        self._recent_size = 0
        self._position = 0

    def feed(self, chunk: bytes) -> None:
        """The next bytes. Copies little: chunks are kept as they are until they are no longer among the last."""
        self.size += len(chunk)
        if len(self._head) < self._head_limit:
            self._head += chunk[: self._head_limit - len(self._head)]
        if not self._tail_limit or not chunk:
            return
        self._recent.append(chunk)
        self._recent_size += len(chunk)
        while self._recent_size - len(self._recent[0]) >= self._tail_limit:
            self._recent_size -= len(self._recent.popleft())

    @property
    def head(self) -> bytes:
        return bytes(self._head)

    def tail(self) -> bytes:
        """The last bytes; from then on they are held once."""
        if len(self._recent) > 1 or self._recent_size > self._tail_limit:
            joined = b"".join(self._recent)[-self._tail_limit :]
            self._recent, self._recent_size = deque([joined]), len(joined)
        return self._recent[0] if self._recent else b""

    def after(self, mark: bytes) -> bytes:
        """What follows a mark in the buffered parts, up to 64 KB; empty if the mark is empty or not there."""
        for part in (self._head, self.tail()) if mark else ():
            position = part.find(mark)
            if position >= 0:
                return bytes(part[position + len(mark) : position + len(mark) + _LONGEST_AFTER])
        return b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._position = base + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, fewer only at the end of the file. Raises NotBufferedError for bytes in between."""
        start = min(self._position, self.size)
        end = self.size if size < 0 else min(start + size, self.size)
        data = self._between(start, end)
        self._position = end
        return data

    def _between(self, start: int, end: int) -> bytes:
        if end <= len(self._head):
            return bytes(self._head[start:end])
        tail = self.tail()
        tail_start = self.size - len(tail)
        if start >= tail_start:
            return tail[start - tail_start : end - tail_start]
        if tail_start <= len(self._head):  # together they are the whole file
            return bytes(self._head[start:]) + tail[len(self._head) - tail_start : end - tail_start]
        self.missed = True
        raise NotBufferedError(f"bytes {start} to {end} have gone by")
