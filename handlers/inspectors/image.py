"""Images: how large the picture is, and whether the file has arrived whole."""

from __future__ import annotations

from collections.abc import Callable

from handlers.inspectors import BrokenFileError, Findings, Inspector
from handlers.inspectors.kept import Kept, NotKeptError

HEAD = 1_048_576  # cameras put thumbnails and colour profiles before the size of a JPEG
TAIL = 262_144  # large TIFFs end with what other formats begin with

_STATE_THEIR_SIZE = frozenset(
    {"image/apng", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"}
)  # where the others keep it depends on who wrote them
_BOXED = frozenset({"image/avif", "image/heic", "image/jpx"})
_KNOWN = _STATE_THEIR_SIZE | _BOXED | {"image/svg+xml", "image/tiff"}
_END_MARKS = {"image/apng": b"IEND\xaeB`\x82", "image/jpeg": b"\xff\xd9", "image/png": b"IEND\xaeB`\x82"}
_GIF_WRAP = 65_536  # imagesize reads the unsigned sizes of GIFs as signed ones
_MOST_BOXES = 1_000
_BOXES = frozenset({b"ftyp", b"free", b"idat", b"jP  ", b"jp2c", b"jp2h", b"mdat", b"meta", b"moov", b"skip", b"uuid"})


def inspector(content_type: str, extension: str) -> Inspector | None:  # noqa: ARG001 - all inspectors are asked alike
    return Image(content_type) if content_type in _KNOWN else None


class Image:
    """Reads what states the size by `imagesize`, out of the kept parts."""

    def __init__(self, content_type: str) -> None:
        self._type = content_type
        self._kept = Kept(head=HEAD, tail=TAIL)
        self._mark = _END_MARKS.get(content_type, b"")
        self._marked_late = False
        self._before = b""

    def feed(self, chunk: bytes) -> None:
        late = chunk[max(0, HEAD - self._kept.size) :]
        self._kept.feed(chunk)
        if not self._mark or self._marked_late or not late:
            return
        overlap = len(self._mark) - 1
        before = self._before or self._kept.head[-overlap:]
        self._marked_late = self._mark in late or self._mark in before + late[:overlap]
        self._before = (before + late[-overlap:])[-overlap:]

    def findings(self) -> Findings:
        if self._is_cut_off():
            raise BrokenFileError("The image is cut off: its end is missing.")
        size = self._dimensions()
        return Findings(facts=(("Dimensions", _in_words(*size)),) if size else ())

    def _dimensions(self) -> tuple[float, float] | None:
        """Width and height; None where they cannot be told and the image may still be in order."""
        import imagesize  # type: ignore[import-untyped] # late: only images pay for its imports

        if self._type == "image/bmp" and self._kept.head[14:18] == b"\x0c\0\0\0":
            return None  # OS/2's older header, which imagesize takes for the usual one
        # The turned sides of boxed formats are left alone: the tables that tell of them can be made to take hours.
        width, height = imagesize.get(self._kept, exif_rotation=self._type not in _BOXED)
        if self._type == "image/gif" and (width, height) != (-1, -1):
            width, height = width % _GIF_WRAP, height % _GIF_WRAP
        if width > 0 and height > 0:
            return width, height
        if self._kept.missed or self._type not in _STATE_THEIR_SIZE:
            return None
        raise BrokenFileError("The image cannot be shown: its header does not say how large it is.")

    def _is_cut_off(self) -> bool:
        if self._type in _BOXED:
            return _ends_within_a_box(self._kept)
        head, size = self._kept.head, self._kept.size
        stated = _STATED_SIZES.get(self._type)
        if stated:
            return stated(head) > size
        if not self._mark or self._marked_late:
            return False
        start = _pixels_start(head) if self._type == "image/jpeg" else 0
        return start is not None and self._mark not in head[start:]


_STATED_SIZES: dict[str, Callable[[bytes], int]] = {
    "image/bmp": lambda head: int.from_bytes(head[2:6], "little"),
    "image/tiff": lambda head: int.from_bytes(head[4:8], "little" if head[:2] == b"II" else "big"),
    "image/webp": lambda head: int.from_bytes(head[4:8], "little") + 8,
}
"""How many bytes the file has, or has at least, by its own account."""


def _ends_within_a_box(kept: Kept) -> bool:
    """Whether one of the boxes that a file is made of is longer than what is left of it."""
    position = 0
    for _ in range(_MOST_BOXES):
        try:
            kept.seek(position)
            header = kept.read(16)
        except NotKeptError:
            return False
        if header[4:8] not in _BOXES:  # whatever has been added to a whole image
            return False
        length = int.from_bytes(header[:4], "big")
        if length == 0:  # up to the end of the file
            return False
        position += int.from_bytes(header[8:], "big") if length == 1 else length
        if position > kept.size:
            return True
    return False


def _pixels_start(head: bytes) -> int | None:
    """Where a JPEG's pixels begin: only after that is an end mark the image's own and not that of a thumbnail.

    The end of the head if they begin later, None if it cannot be told.
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
    rounded = f" ({megapixels:,.0f} megapixels)" if megapixels >= 1 else ""
    return f"{width:,.0f} × {height:,.0f} pixels{rounded}"  # noqa: RUF001 - a multiplication sign, as people write it
