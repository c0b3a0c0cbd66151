"""The formats that are ZIP archives, by the two parts that say what they are, wherever in the archive these stand."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from xml.parsers import expat

from handlers.inspectors.zip_directory import Entry

CONTENT_TYPES = b"[Content_Types].xml"
MIMETYPE = b"mimetype"

LONGEST_PART = 65_536
"""How many packed bytes of a part are kept; a presentation of 1,000 slides has some 8,000."""
LONGEST_UNPACKED = 1_048_576

_LOCAL = struct.Struct("<4s5H3L2H")
_OVERLAP = _LOCAL.size + len(CONTENT_TYPES)
_FIRST, _LAST = 4, 4
_STORED, _DEFLATED = 0, 8

_STATED = re.compile(
    r"application/(epub\+zip|x-krita|vnd\.(oasis\.opendocument|sun\.xml|adobe|recordare)\.[\w.+-]{1,80})|image/openraster"
)
_MAIN_PART = re.compile(r"(application/vnd\.(?:openxmlformats-officedocument|ms-visio)\..+)\.main\+xml")
_MAIN_PART_WITH_MACROS = re.compile(r"(application/vnd\.ms-.+\.macroEnabled)(?:Template)?\.main(?:\+xml)?")
_OTHER_PARTS = {"application/vnd.ms-package.3dmanufacturing-3dmodel+xml": "model/3mf"}


class TypeParts:
    """Keeps the parts that say what an archive is while it streams by.

    Archives in archives have such parts too. Which is this archive's own is known at the end, by the directory: the
    first few and the last few are kept.
    """

    def __init__(self) -> None:
        self._size = 0
        self._recent = b""
        self._parts: list[tuple[int, bytearray]] = []

    def feed(self, chunk: bytes) -> None:
        """The next bytes of the file."""
        for _, part in self._parts:
            part.extend(chunk[: LONGEST_PART - len(part)])
        data, offset = self._recent + chunk, self._size - len(self._recent)
        starts = sorted(
            place - _LOCAL.size
            for name in (CONTENT_TYPES, MIMETYPE)
            for place in _places(data, name, len(self._recent))
            if _is_local_header(data, place, len(name))
        )
        room = max(0, _FIRST - len(self._parts))
        for start in [*starts[:room], *starts[room:][-_LAST:]]:
            self._parts.append((offset + start, bytearray(data[start : start + LONGEST_PART])))
        del self._parts[_FIRST : -_LAST if len(self._parts) > _FIRST + _LAST else _FIRST]
        self._size += len(chunk)
        self._recent = data[-_OVERLAP:]

    def read(self, entry: Entry, shift: int) -> bytes:
        """What an entry holds, unpacked as far as LONGEST_UNPACKED; empty if it was not kept or cannot be read."""
        part = next((bytes(part) for start, part in self._parts if start == entry.start + shift), b"")
        if not part or entry.is_encrypted:
            return b""
        name_length, extra_length = _LOCAL.unpack_from(part)[-2:]
        packed = part[_LOCAL.size + name_length + extra_length :][: entry.packed]
        if entry.method == _STORED:
            return packed
        if entry.method != _DEFLATED:
            return b""
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, LONGEST_UNPACKED)
        except zlib.error:
            return b""


def type_by_mimetype(content: bytes) -> str:
    """The type that an archive's `mimetype` part states, if it is one of those that are stated so; else empty."""
    stated = content.decode("latin-1").strip()
    return stated if _STATED.fullmatch(stated) else ""


def type_by_content_types(content: bytes) -> str:
    """The type of an Office document, by its main part's in the list of all; empty if none is there or several are."""
    types: set[str] = set()

    def element(_: str, attributes: Mapping[str, str]) -> None:
        stated = attributes.get("ContentType", "")
        main, with_macros = _MAIN_PART.fullmatch(stated), _MAIN_PART_WITH_MACROS.fullmatch(stated)
        if with_macros:
            types.add(f"{with_macros[1]}.12")
        elif main:
            types.add(main[1])
        elif stated in _OTHER_PARTS:
            types.add(_OTHER_PARTS[stated])

    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    try:
        parser.Parse(content, True)  # that is all
    except (expat.ExpatError, ValueError):  # not well-formed, or in an encoding that cannot be read
        return ""
    return types.pop() if len(types) == 1 else ""


def _places(data: bytes, name: bytes, seen: int) -> Iterator[int]:
    """Where a name stands, unless it is within the bytes that were seen before. A pattern takes six times as long."""
    place = max(0, seen - len(name))
    while (place := data.find(name, place + 1)) >= 0:
        yield place


def _is_local_header(data: bytes, place: int, length: int) -> bool:
    """Whether a name of this length at this place is that of an entry."""
    start = place - _LOCAL.size
    stated = int.from_bytes(data[start + 26 : start + 28], "little")
    return start >= 0 and data.startswith(b"PK\x03\x04", start) and stated == length
