"""tar archives: how much they hold, by the headers between the files."""

from __future__ import annotations

from domain.wording import human_size
from handlers.inspectors import BrokenFileError, Findings, Inspector

MOST_ENTRIES = 1_000_000  # after that the rest is not looked at

_BLOCK = 512
_WITHOUT_DATA = frozenset(b"123456")  # links, devices, folders: what they state as a size does not follow
_ABOUT_OTHERS = frozenset(b"xgLKXVMN")  # long names and the like, which belong to the entry that follows
_PAX = ord("x")
_SPARSE = ord("S")  # GNU's: an unknown number of further headers may follow
_SPARSE_WORD = (
    b"GNU.sparse."  # the same in the newer form, in the words before a file: what follows has its holes cut out
)


def inspector(content_type: str, extension: str) -> Inspector | None:  # noqa: ARG001 - all inspectors are asked alike
    return TarArchive() if content_type == "application/x-tar" else None


class TarArchive:
    """Goes from header to header; keeps no more than a part of one."""

    def __init__(self) -> None:
        self._entries = 0
        self._total = 0
        self._to_skip = 0
        self._header = b""
        self._ended = False
        self._gave_up = False
        self._words: bytes | None = None
        self._has_holes = False

    def feed(self, chunk: bytes) -> None:
        position = 0
        while position < len(chunk) and not self._ended:
            if self._to_skip:
                step = min(self._to_skip, len(chunk) - position)
                self._to_skip -= step
                if self._words is not None:
                    self._look_for_holes(chunk[position : position + step])
            else:
                step = min(_BLOCK - len(self._header), len(chunk) - position)
                self._header += chunk[position : position + step]
                if len(self._header) == _BLOCK:
                    header, self._header = self._header, b""
                    self._read(header)
            position += step

    def findings(self) -> Findings:
        if self._gave_up:
            return Findings(facts=(("Entries", f"{self._entries:,} or more"),))
        if not self._ended and (self._to_skip or self._header):
            raise BrokenFileError("The archive is cut off: its last file is incomplete.")
        entries = ("Entries", f"{self._entries:,}")
        return Findings(facts=(entries,) if self._has_holes else (entries, ("Unpacked", human_size(self._total))))

    def _read(self, header: bytes) -> None:
        if not any(header):  # the blocks of zeros that end an archive
            self._ended = True
            return
        if not _adds_up(header):
            raise BrokenFileError("The archive is damaged: one of its headers does not add up.")
        kind = header[156]
        size = 0 if kind in _WITHOUT_DATA else _number(header[124:136])
        self._to_skip = -(-size // _BLOCK) * _BLOCK
        self._words = b"" if kind == _PAX else None
        if kind not in _ABOUT_OTHERS:
            self._entries += 1
            self._total += size
        if kind == _SPARSE or self._entries >= MOST_ENTRIES:
            self._ended = self._gave_up = True

    def _look_for_holes(self, words: bytes) -> None:
        self._words = (self._words or b"")[1 - len(_SPARSE_WORD) :] + words
        self._has_holes = self._has_holes or _SPARSE_WORD in self._words


def is_header(block: bytes) -> bool:
    """Whether these 512 bytes are the header of a tar entry, of any form: the oldest has no signature."""
    try:
        return len(block) == _BLOCK and block[0] != 0 and any(block[100:108]) and _adds_up(block)
    except BrokenFileError:
        return False


def _adds_up(header: bytes) -> bool:
    """A header states the sum of its bytes, with that field itself as blanks. Some old programs sum signed bytes."""
    blanked = header[:148] + b" " * 8 + header[156:]
    total, stated = sum(blanked), _octal(header[148:156])
    return stated == total or stated == total - 256 * len(blanked.translate(None, bytes(range(128))))


def _number(field: bytes) -> int:
    """A size: octal digits, or above 8 GB a number in base 256."""
    return int.from_bytes(field[1:], "big") if field[0] == 0x80 else _octal(field)  # noqa: PLR2004 - marks base 256


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0")
    if digits.translate(None, b"01234567"):
        raise BrokenFileError("The archive is damaged: one of its headers cannot be read.")
    return int(digits or b"0", 8)
