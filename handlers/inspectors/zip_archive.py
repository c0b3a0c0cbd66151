"""ZIP archives, and the many formats that are one: what they hold, by their own directory."""

from __future__ import annotations

from domain.file_types import BINARY, EXECUTABLE, JAR, TEXT, ZIP
from domain.findings import Facts
from domain.wording import human_size
from handlers.inspectors import BrokenFileError, Findings, Inspector
from handlers.inspectors.head_and_tail import HeadAndTail
from handlers.inspectors.zip_contents import (
    CONTENT_TYPES,
    MIMETYPE,
    TypeParts,
    type_by_content_types,
    type_by_mimetype,
)
from handlers.inspectors.zip_directory import Directory, Entry, directory_in, entries_of

TAIL = 2_097_152  # the directory stands at the end: this holds some 20,000 entries

_APK = "application/vnd.android.package-archive"
_PROGRAMS = frozenset({EXECUTABLE, "application/x-executable"})
_STARTS_OTHERWISE = frozenset({BINARY, TEXT, *_PROGRAMS})
"""What an archive may stand behind: a shell script, the program that unpacks it, or anything."""
_SPANNED = b"PK\x07\x08"
_DENSE = 100  # packed data rarely unpacks to more than this many times its size
_ANDROID = frozenset({b"classes.dex", b"resources.arsc"})


def inspector(content_type: str, extension: str) -> Inspector | None:  # noqa: ARG001 - all inspectors are asked alike
    return ZipArchive(content_type) if content_type == ZIP or content_type in _STARTS_OTHERWISE else None


class ZipArchive:
    """Keeps the end of the file, where the directory is, and the parts that say what the archive is."""

    def __init__(self, content_type: str) -> None:
        self._type = content_type
        self._buffer = HeadAndTail(head=len(_SPANNED), tail=TAIL)
        self._parts = TypeParts()

    def feed(self, chunk: bytes) -> None:
        self._buffer.feed(chunk)
        self._parts.feed(chunk)

    def findings(self) -> Findings:
        tail = self._buffer.tail()
        offset = self._buffer.size - len(tail)
        directory = directory_in(tail, offset)
        if self._type != ZIP:
            return self._behind(directory, tail, offset)
        if directory is None:
            if self._buffer.head == _SPANNED:  # one of several parts: the directory is in the last
                return Findings()
            raise BrokenFileError("The archive is cut off: its directory, which stands at the end, is missing.")
        if directory.start < 0:
            raise BrokenFileError("The archive is damaged: its directory is longer than the file.")
        if directory.start < offset:
            return Findings(facts=(("Entries", f"{directory.entries:,}, as stated"),))
        return self._read(directory, tail, offset)

    def _behind(self, directory: Directory | None, tail: bytes, offset: int) -> Findings:
        """An archive behind something else, if there is one without doubt."""
        if directory is None or directory.start < offset or not directory.entries:
            return Findings()
        try:
            found = self._read(directory, tail, offset)
        except BrokenFileError:
            return Findings()
        if self._type in _PROGRAMS:
            return Findings(facts=(("Archive", "a ZIP archive behind a program"), *found.facts), also=ZIP)
        return Findings(facts=found.facts, content_type=found.content_type or ZIP)

    def _read(self, directory: Directory, tail: bytes, offset: int) -> Findings:
        contents = _Contents()
        for entry in entries_of(tail[directory.start - offset : directory.end - offset]):
            contents.add(entry)
        return Findings(
            facts=contents.facts(self._buffer.size), content_type=contents.content_type(self._parts, directory.shift)
        )


class _Contents:
    """What a directory says of all its entries."""

    def __init__(self) -> None:
        self._count = self._total = self._encrypted = 0
        self._type_entries: dict[bytes, Entry] = {}
        self._has_macros = self._is_android = False

    def add(self, entry: Entry) -> None:
        self._count += 1
        self._total += entry.size
        self._encrypted += entry.is_encrypted
        self._has_macros = self._has_macros or entry.name.endswith(b"/vbaProject.bin")
        self._is_android = self._is_android or entry.name in _ANDROID
        if entry.name in {CONTENT_TYPES, MIMETYPE, b"META-INF/MANIFEST.MF", b"AndroidManifest.xml"}:
            self._type_entries[entry.name] = entry

    def facts(self, archive_size: int) -> Facts:
        facts = [("Entries", f"{self._count:,}"), ("Unpacked", self._unpacked(archive_size))]
        if self._encrypted:
            is_all = self._encrypted == self._count
            facts.append(("Encrypted", "all entries" if is_all else f"{self._encrypted:,} of {self._count:,} entries"))
        if self._has_macros:
            facts.append(("Macros", "contains a program"))
        return tuple(facts)

    def content_type(self, parts: TypeParts, shift: int) -> str:
        """What the archive is besides a ZIP archive; empty if nothing says so."""
        for name, type_by in ((MIMETYPE, type_by_mimetype), (CONTENT_TYPES, type_by_content_types)):
            if name in self._type_entries:
                content_type = type_by(parts.read(self._type_entries[name], shift))
                if content_type:
                    return content_type
        if b"AndroidManifest.xml" in self._type_entries and self._is_android:
            return _APK
        return JAR if b"META-INF/MANIFEST.MF" in self._type_entries else ""

    def _unpacked(self, archive_size: int) -> str:
        times = self._total // max(1, archive_size)
        return f"{human_size(self._total)}, as stated" + (
            f": {times:,} times the size of the archive" if times > _DENSE else ""
        )
