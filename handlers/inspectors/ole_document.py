"""Office's older documents, Outlook's messages and what else Microsoft keeps in "compound files"."""

from __future__ import annotations

from uuid import UUID

from domain.file_types import OLE
from domain.findings import Facts
from handlers.inspectors import Findings, Inspector

_EXCEL = "application/vnd.ms-excel"
_OUTLOOK = "application/vnd.ms-outlook"
_POWERPOINT = "application/vnd.ms-powerpoint"
_WORD = "application/msword"
_HEADER = 512
_ROOT = 5  # the kind of the directory's first entry
_ENTRY = 128  # bytes of an entry in the directory; none lies across a multiple of that


def _stream(name: str) -> bytes:
    """How the directory holds a stream's name: padded to 64 bytes, then its length in bytes with a closing zero."""
    text = name.encode("utf-16-le")
    return text.ljust(64, b"\0") + (len(text) + 2).to_bytes(2, "little")


_TYPES = {
    _stream("WordDocument"): _WORD,
    _stream("Workbook"): _EXCEL,
    _stream("Book"): _EXCEL,
    _stream("PowerPoint Document"): _POWERPOINT,
    _stream("__properties_version1.0"): _OUTLOOK,
}
_PROGRAMS = {  # that the root says the file is of
    UUID("00020906-0000-0000-C000-000000000046"): _WORD,
    UUID("00020900-0000-0000-C000-000000000046"): _WORD,
    UUID("00020820-0000-0000-C000-000000000046"): _EXCEL,
    UUID("00020810-0000-0000-C000-000000000046"): _EXCEL,
    UUID("64818D10-4F9B-11CF-86EA-00AA00B929E8"): _POWERPOINT,
    UUID("64818D11-4F9B-11CF-86EA-00AA00B929E8"): _POWERPOINT,
    UUID("00020D0B-0000-0000-C000-000000000046"): _OUTLOOK,
    UUID("0006F046-0000-0000-C000-000000000046"): _OUTLOOK,
    **dict.fromkeys((UUID(f"000C108{n}-0000-0000-C000-000000000046") for n in (2, 4, 6)), "application/x-msi"),
}
_UNSAID = UUID(int=0)
_FACTS: dict[bytes, tuple[str, str]] = {
    _stream("EncryptedPackage"): ("Encrypted", "opens with a password"),
    _stream("_VBA_PROJECT"): ("Macros", "contains a program"),
}


def inspector(content_type: str, extension: str) -> Inspector | None:  # noqa: ARG001 - all inspectors are asked alike
    return OleDocument() if content_type == OLE else None


class OleDocument:
    """Reads the directory's first entry, which may say the program, and looks for the streams that programs write.

    The directory may be anywhere in the file. Where it begins, the header says.
    """

    def __init__(self) -> None:
        self._size = 0
        self._header = bytearray()
        self._root = bytearray()
        self._before = b""
        self._seen: set[bytes] = set()

    def feed(self, chunk: bytes) -> None:
        self._header += chunk[: _HEADER - len(self._header)]
        self._keep_root(chunk)
        across = self._before + chunk[:_ENTRY]
        for name in (*_TYPES, *_FACTS):
            if name not in self._seen and (name in chunk or name in across):
                self._seen.add(name)
        self._before = (self._before + chunk[-_ENTRY:])[-_ENTRY:]
        self._size += len(chunk)

    def findings(self) -> Findings:
        facts: Facts = tuple(fact for name, fact in _FACTS.items() if name in self._seen)
        program = self._program()
        if program != _UNSAID:
            return Findings(facts=facts, content_type=_PROGRAMS.get(program, ""))
        types = {content_type for name, content_type in _TYPES.items() if name in self._seen}
        # Messages hold documents. Documents hold each other, and names alone do not show which is the outer one.
        content_type = _OUTLOOK if _OUTLOOK in types else types.pop() if len(types) == 1 else ""
        return Findings(facts=facts, content_type=content_type)

    def _keep_root(self, chunk: bytes) -> None:
        if len(self._header) < _HEADER or len(self._root) == _ENTRY:
            return
        shift, first = self._header[30], int.from_bytes(self._header[48:52], "little")
        start = (first + 1 << min(shift, 16)) + len(self._root) - self._size
        if 0 <= start < len(chunk):
            self._root += chunk[start : start + _ENTRY - len(self._root)]

    def _program(self) -> UUID:
        """The program by the root entry; _UNSAID if it says none, or has not been there."""
        if len(self._root) < _ENTRY or self._root[66] != _ROOT:
            return _UNSAID
        return UUID(bytes_le=bytes(self._root[80:96]))
