"""Office's older documents, Outlook's messages and what else Microsoft keeps in "compound files"."""

from __future__ import annotations

from handlers.inspectors import Facts, Findings, Inspector
from handlers.inspectors.content_types import OLE

_OUTLOOK = "application/vnd.ms-outlook"
_ENTRY = 128  # bytes of an entry in the directory; none lies across a multiple of that


def _stream(name: str) -> bytes:
    """How the directory holds a stream's name: padded to 64 bytes, then its length in bytes with a closing zero."""
    text = name.encode("utf-16-le")
    return text.ljust(64, b"\0") + (len(text) + 2).to_bytes(2, "little")


_TYPES = {
    _stream("WordDocument"): "application/msword",
    _stream("Workbook"): "application/vnd.ms-excel",
    _stream("Book"): "application/vnd.ms-excel",
    _stream("PowerPoint Document"): "application/vnd.ms-powerpoint",
    _stream("__properties_version1.0"): _OUTLOOK,
}
_FACTS: dict[bytes, tuple[str, str]] = {
    _stream("EncryptedPackage"): ("Encrypted", "opens with a password"),
    _stream("_VBA_PROJECT"): ("Macros", "contains a program"),
}


def inspector(content_type: str, extension: str) -> Inspector | None:  # noqa: ARG001 - all inspectors are asked alike
    return OleDocument() if content_type == OLE else None


class OleDocument:
    """Looks for the names of the streams that tell the program. The directory may be anywhere in the file."""

    def __init__(self) -> None:
        self._before = b""
        self._seen: set[bytes] = set()

    def feed(self, chunk: bytes) -> None:
        across = self._before + chunk[:_ENTRY]
        for name in (*_TYPES, *_FACTS):
            if name not in self._seen and (name in chunk or name in across):
                self._seen.add(name)
        self._before = (self._before + chunk[-_ENTRY:])[-_ENTRY:]

    def findings(self) -> Findings:
        facts: Facts = tuple(fact for name, fact in _FACTS.items() if name in self._seen)
        types = {content_type for name, content_type in _TYPES.items() if name in self._seen}
        # Messages hold documents. Documents hold each other, and names alone do not tell which is the outer one.
        told = _OUTLOOK if _OUTLOOK in types else types.pop() if len(types) == 1 else ""
        return Findings(facts=facts, content_type=told)
