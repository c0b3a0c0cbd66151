"""Images: how large the picture is when it is shown, and whether the file has arrived whole."""

from __future__ import annotations

import io
from collections.abc import Callable

from domain.file_types import SVG
from handlers.inspectors import BrokenFileError, Findings, Inspector
from handlers.inspectors.gif import GifBlocks
from handlers.inspectors.head_and_tail import HeadAndTail, NotBufferedError
from handlers.inspectors.heif import shown_size
from handlers.inspectors.svg import drawn_size
from handlers.inspectors.tiff import first_tags, is_on_its_side, is_preview

HEAD = 1_048_576  # cameras put thumbnails and colour profiles before the size of a JPEG
TAIL = 262_144  # large TIFFs end with what other formats begin with, some phones' photos with their tables

_GIF = "image/gif"
_STATE_THEIR_SIZE = frozenset(
    {"image/apng", "image/bmp", _GIF, "image/jpeg", "image/png", "image/webp"}
)  # where the others keep it depends on who wrote them
_HEIF = frozenset({"image/avif", "image/heic", "image/heif"})
_BOXED = _HEIF | {"image/jpx"}
_KNOWN = _STATE_THEIR_SIZE | _BOXED | {SVG, "image/tiff"}
_END_MARKS = {"image/apng": b"IEND\xaeB`\x82", "image/jpeg": b"\xff\xd9", "image/png": b"IEND\xaeB`\x82"}
_BITMAP_HEADER = 40  # the shortest but OS/2's
_PACKED_BITMAPS = frozenset({1, 2, 4, 5})
_MOST_BOXES = 1_000
_BOXES = frozenset({b"ftyp", b"free", b"idat", b"jP  ", b"jp2c", b"jp2h", b"mdat", b"meta", b"moov", b"skip", b"uuid"})
_BEFORE_EXIF = {"image/webp": 4}  # the length, which PNG has before the name
_EXIF_CHUNKS = {"image/apng": b"eXIf", "image/png": b"eXIf", "image/webp": b"EXIF"}


def inspector(content_type: str, extension: str) -> Inspector | None:  # noqa: ARG001 - all inspectors are asked alike
    return Image(content_type) if content_type in _KNOWN else None


class Image:
    """Reads what states the size by `imagesize`, out of the buffered parts."""

    def __init__(self, content_type: str) -> None:
        self._type = content_type
        self._buffer = HeadAndTail(head=HEAD, tail=TAIL)
        self._blocks = GifBlocks() if content_type == _GIF else None
        self._mark = _END_MARKS.get(content_type, b"")
        self._marked_late = False
        self._before = b""

    def feed(self, chunk: bytes) -> None:
        late = chunk[max(0, HEAD - self._buffer.size) :]
        self._buffer.feed(chunk)
        if self._blocks:
            self._blocks.feed(chunk)
        if not self._mark or self._marked_late or not late:
            return
        overlap = len(self._mark) - 1
        before = self._before or self._buffer.head[-overlap:]
        self._marked_late = self._mark in late or self._mark in before + late[:overlap]
        self._before = (before + late[-overlap:])[-overlap:]

    def findings(self) -> Findings:
        if self._is_cut_off():
            raise BrokenFileError("The image is cut off: its end is missing.")
        size = self._dimensions()
        return Findings(facts=(("Dimensions", _in_words(*size)),) if size else ())

    def _dimensions(self) -> tuple[float, float] | None:
        """Width and height as shown; None where they are unknown and the image may still be in order."""
        if self._type in _HEIF:
            return shown_size(self._buffer)
        if self._type == SVG:
            return drawn_size(self._buffer.head)
        if self._type == _GIF:
            size = int.from_bytes(self._buffer.head[6:8], "little"), int.from_bytes(self._buffer.head[8:10], "little")
        elif self._is_shown_by_some_only():
            return None
        else:
            import imagesize  # type: ignore[import-untyped] # late: only images pay for its imports

            size = imagesize.get(self._buffer)
        if min(size) > 0:
            return size
        if self._buffer.missed or self._type not in _STATE_THEIR_SIZE:
            return None
        raise BrokenFileError("The image cannot be shown: its header does not say how large it is.")

    def _is_shown_by_some_only(self) -> bool:
        """Whether programs differ in what they show: a raw photo or its preview, an upright PNG or one on its side."""
        if self._type == "image/bmp":
            return self._buffer.head[14:18] == b"\x0c\0\0\0"  # OS/2's older header, which imagesize takes for the usual
        try:
            if self._type == "image/tiff":
                return is_preview(first_tags(self._buffer))
            exif = self._buffer.after(_EXIF_CHUNKS.get(self._type, b""))[_BEFORE_EXIF.get(self._type, 0) :]
        except NotBufferedError:
            return False
        return is_on_its_side(first_tags(io.BytesIO(exif.removeprefix(b"Exif\0\0"))))

    def _is_cut_off(self) -> bool:
        if self._type in _BOXED:
            return _ends_within_a_box(self._buffer)
        if self._blocks:
            return self._blocks.is_cut_off
        head, size = self._buffer.head, self._buffer.size
        stated = _STATED_SIZES.get(self._type)
        if stated:
            return stated(head) > size
        if not self._mark or self._marked_late:
            return False
        start = _pixels_start(head) if self._type == "image/jpeg" else 0
        return start is not None and self._mark not in head[start:]


def _bitmap_size(head: bytes) -> int:
    """How long a BMP is at least, by its pixels: what it states as its length is wrong in many, and no reader minds."""
    start, header = int.from_bytes(head[10:14], "little"), int.from_bytes(head[14:18], "little")
    if header < _BITMAP_HEADER or len(head) < 14 + _BITMAP_HEADER:
        return start
    width, height = (abs(int.from_bytes(head[at : at + 4], "little", signed=True)) for at in (18, 22))
    bits, packing = int.from_bytes(head[28:30], "little"), head[30]
    if packing in _PACKED_BITMAPS:
        return start
    return start + (width * bits + 31) // 32 * 4 * height - 3  # the last row may lack what fills it up


_STATED_SIZES: dict[str, Callable[[bytes], int]] = {
    "image/bmp": _bitmap_size,
    "image/tiff": lambda head: int.from_bytes(head[4:8], "little" if head[:2] == b"II" else "big"),
    "image/webp": lambda head: int.from_bytes(head[4:8], "little") + 8,
}
"""How many bytes the file has, or has at least, by its own account."""


def _ends_within_a_box(file: HeadAndTail) -> bool:
    """Whether one of the boxes that a file is made of is longer than what is left of it."""
    position = 0
    for _ in range(_MOST_BOXES):
        try:
            file.seek(position)
            header = file.read(16)
        except NotBufferedError:
            return False
        if header[4:8] not in _BOXES:  # whatever has been added to a whole image
            return False
        length = int.from_bytes(header[:4], "big")
        if length == 0:  # up to the end of the file
            return False
        position += int.from_bytes(header[8:], "big") if length == 1 else length
        if position > file.size:
            return True
    return False


def _pixels_start(head: bytes) -> int | None:
    """Where a JPEG's pixels begin: only after that is an end mark the image's own and not that of a thumbnail.

    The end of the head if they begin later, None if it is unknown.
    """
    position = 2
    while position + 4 <= len(head):
        marker = head[position + 1]
        if head[position] != 0xFF:  # noqa: PLR2004 - every marker begins so
            return None
        if marker == 0xDA:  # noqa: PLR2004 - start of scan
            return position
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte
            position += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:  # noqa: PLR2004 - those that carry nothing
            position += 2
        else:
            position += 2 + int.from_bytes(head[position + 2 : position + 4], "big")
    return len(head)


def _in_words(width: float, height: float) -> str:
    megapixels = width * height / 1e6
    number = f"{megapixels:,.0f}"
    rounded = f" ({number} megapixel{'' if number == '1' else 's'})" if megapixels >= 1 else ""
    return f"{width:,.0f} × {height:,.0f} pixels{rounded}"  # noqa: RUF001 - a multiplication sign, as people write it
