"""ZIP archives, and the many formats that are one: what they hold, by their own directory. Nothing is unpacked."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from domain.wording import human_size
from handlers.inspectors import BrokenFileError, Findings, Inspector
from handlers.inspectors.kept import Kept

TAIL = 2_097_152  # the directory stands at the end: this holds some 20,000 entries

_ZIP = "application/zip"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_TOLD_BY_ENTRY = {
    b"word/document.xml": f"{_OFFICE}wordprocessingml.document",
    b"xl/workbook.xml": f"{_OFFICE}spreadsheetml.sheet",
    b"xl/workbook.bin": f"{_OFFICE}spreadsheetml.sheet",
    b"ppt/presentation.xml": f"{_OFFICE}presentationml.presentation",
    b"AndroidManifest.xml": "application/vnd.android.package-archive",
    b"META-INF/MANIFEST.MF": "application/java-archive",
}
_KNOWN = frozenset(
    {
        _ZIP,
        "application/epub+zip",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.text",
        *_TOLD_BY_ENTRY.values(),
    }
)

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LONGEST_COMMENT = 65_535
_ELSEWHERE = 0xFFFFFFFF  # the number is in the entry's extra field, in 64 bits
_DAMAGED = "The archive is damaged: its directory cannot be read."
_DENSE = 100  # packed data rarely unpacks to more than this many times its size


def inspector(content_type: str, extension: str) -> Inspector | None:  # noqa: ARG001 - all inspectors are asked alike
    return ZipArchive() if content_type in _KNOWN else None


@dataclass(frozen=True)
class _Directory:
    entries: int
    start: int
    end: int


@dataclass(frozen=True)
class _Entry:
    name: bytes
    size: int
    is_encrypted: bool


class ZipArchive:
    """Keeps the end of the file, where the directory is, and believes it no further than it reaches."""

    def __init__(self) -> None:
        self._kept = Kept(head=0, tail=TAIL)

    def feed(self, chunk: bytes) -> None:
        self._kept.feed(chunk)

    def findings(self) -> Findings:
        tail = self._kept.tail()
        offset = self._kept.size - len(tail)
        directory = _directory(tail, offset)
        if directory.start < 0:
            raise BrokenFileError("The archive is damaged: its directory is longer than the file.")
        if directory.start < offset:
            return Findings(facts=(("Entries", f"{directory.entries:,}"),))
        return self._read(tail[directory.start - offset : directory.end - offset])

    def _read(self, directory: bytes) -> Findings:
        count = total = encrypted = 0
        content_type, has_macros = "", False
        for entry in _entries(directory):
            count += 1
            total += entry.size
            encrypted += entry.is_encrypted
            has_macros = has_macros or entry.name.endswith(b"/vbaProject.bin")
            told = _TOLD_BY_ENTRY.get(entry.name, "")
            # A manifest is in programs for phones as well: what tells more stands.
            if told and (not content_type or content_type == "application/java-archive"):
                content_type = told
        facts: list[tuple[str, str]] = [("Entries", f"{count:,}"), ("Unpacked", self._unpacked(total))]
        if encrypted:
            facts.append(("Encrypted", "all entries" if encrypted == count else f"{encrypted:,} of {count:,} entries"))
        if has_macros:
            facts.append(("Macros", "contains a program"))
        return Findings(facts=tuple(facts), content_type=content_type)

    def _unpacked(self, total: int) -> str:
        times = total // max(1, self._kept.size)
        return human_size(total) + (f", {times:,} times the size of the archive" if times > _DENSE else "")


def _directory(tail: bytes, offset: int) -> _Directory:
    """Where the directory is, as positions in the file. `offset` is the tail's."""
    position = len(tail)
    oldest = max(0, len(tail) - _END.size - _LONGEST_COMMENT)
    while (position := tail.rfind(b"PK\x05\x06", oldest, position)) >= 0:
        if position + _END.size <= len(tail):
            break
    else:
        raise BrokenFileError("The archive is cut off: its directory, which stands at the end, is missing.")
    _, _, _, _, entries, length, _, _ = _END.unpack_from(tail, position)
    end = position
    locator = position - _LOCATOR64.size
    end64 = locator - _END64.size
    if end64 >= 0 and tail[locator : locator + 4] == b"PK\x06\x07" and tail[end64 : end64 + 4] == b"PK\x06\x06":
        _, _, _, _, _, _, _, entries, length, _ = _END64.unpack_from(tail, end64)
        end = end64
    # Counted back from its end: archives that a program was put in front of state positions that are too small.
    return _Directory(entries=entries, start=offset + end - length, end=offset + end)


def _entries(directory: bytes) -> Iterator[_Entry]:
    position = 0
    while position < len(directory):
        if position + _ENTRY.size > len(directory) or directory[position : position + 4] != b"PK\x01\x02":
            raise BrokenFileError(_DAMAGED)
        fields = _ENTRY.unpack_from(directory, position)
        flags, size, name_length, extra_length, comment_length = fields[3], fields[9], *fields[10:13]
        name_start = position + _ENTRY.size
        extra_start = name_start + name_length
        position = extra_start + extra_length + comment_length
        if position > len(directory):
            raise BrokenFileError(_DAMAGED)
        if size == _ELSEWHERE:
            size = _size64(directory[extra_start : extra_start + extra_length])
        yield _Entry(directory[name_start:extra_start], size, is_encrypted=bool(flags & 1))


def _size64(extra: bytes) -> int:
    """The unpacked size in the extra field, where it is the first of the numbers that needed more than 32 bits."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == 1 and position + 12 <= len(extra):
            return int.from_bytes(extra[position + 4 : position + 12], "little")
        position += 4 + length
    return _ELSEWHERE
