"""gzip: what its last bytes say of the size before packing. Nothing is unpacked."""

from __future__ import annotations

from domain.wording import human_size
from handlers.inspectors import BrokenFileError, Findings, Inspector
from handlers.inspectors.kept import Kept

HEAD = 512

_SHORTEST = 18  # bytes of a packed nothing
_MOST_PACKED = 1_032  # deflate makes data at most this many times smaller,
_LEAST_PACKED = 0.99  # and never larger than this, beside what the header takes
_NAME_FLAG, _EXTRA_FLAG = 0x08, 0x04


def inspector(content_type: str, extension: str) -> Inspector | None:  # noqa: ARG001 - all inspectors are asked alike
    return GzipFile() if content_type == "application/gzip" else None


class GzipFile:
    """Keeps the header and the trailer."""

    def __init__(self) -> None:
        self._kept = Kept(head=HEAD, tail=4)

    def feed(self, chunk: bytes) -> None:
        self._kept.feed(chunk)

    def findings(self) -> Findings:
        if self._kept.size < _SHORTEST:
            raise BrokenFileError("The archive is cut off: there is nothing after its header.")
        facts = []
        name = _original_name(self._kept.head)
        if name:
            facts.append(("Packed from", name))
        size = int.from_bytes(self._kept.tail(), "little")
        # The number counts modulo 4 GB, and only the last of several parts: it is told where it can be true.
        if (self._kept.size - HEAD) * _LEAST_PACKED <= size <= self._kept.size * _MOST_PACKED:
            facts.append(("Unpacked", human_size(size)))
        return Findings(facts=tuple(facts))


def _original_name(head: bytes) -> str:
    flags = head[3]
    if not flags & _NAME_FLAG or flags & _EXTRA_FLAG:
        return ""
    name, end, _ = head[10:].partition(b"\0")
    return name.decode("latin-1") if end else ""
