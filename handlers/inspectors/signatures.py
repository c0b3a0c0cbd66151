"""Types of binary files by their first bytes: the library's, what it leaves out, and what it takes for another."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

import filetype  # type: ignore[import-untyped] # ships no types

from domain.file_types import EXECUTABLE, OLE, PDF, TAR, ZIP
from handlers.inspectors.tar_archive import is_header

_HEIF = "image/heif"
_MP4 = "video/mp4"
_BRANDS = {  # of the formats made like MP4
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevx", b"hevm", b"hevs"), "image/heic"),
    **dict.fromkeys((b"mif1", b"msf1", b"mif2", b"miaf"), _HEIF),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "audio/mp4"),
    **dict.fromkeys((b"M4V ", b"M4VH", b"M4VP"), "video/x-m4v"),
    b"crx ": "image/x-canon-cr3",
    b"qt  ": "video/quicktime",
}
_LEFT_OUT = {  # by the library; with where they stand if not at the beginning
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"): OLE,  # the library goes on to guess the program
    (0, b"PK\x03\x04"): ZIP,  # what more it is stands at the end
    (0, b"PK\x05\x06"): ZIP,
    (0, b"PK\x07\x08"): ZIP,
    (0, b"PK00PK\x03\x04"): ZIP,
    (128, b"DICM"): "application/dicom",  # what stands before may make it another image besides
    (0, b"II+\0\x08\0\0\0"): "image/tiff",  # BigTIFF
    (0, b"MM\0+\0\x08\0\0"): "image/tiff",
    (0, b"\xff\x0a"): "image/jxl",
    (0, b"\0\0\0\x0cJXL \r\n\x87\n"): "image/jxl",
    (0, b"icns"): "image/icns",
    (0, b"8BPS\0"): "image/vnd.adobe.photoshop",
    (0, b"\xca\xfe\xba\xbe\0\0\0"): "application/java-vm",
    (0, b"!<arch>\ndebian-binary"): "application/vnd.debian.binary-package",
    (0, b"!<arch>\n"): "application/x-unix-archive",
    (0, b"Obj\x01"): "application/avro",
    (0, b"PAR1"): "application/vnd.apache.parquet",
    (0, b"bplist0"): "application/x-bplist",
    (0, b"\x93NUMPY"): "application/x-npy",
    (0, b"\x03\xd9\xa2\x9ag\xfbK\xb5"): "application/x-keepass2",
    (0, b"070701"): "application/x-cpio",
    (0, b"070707"): "application/x-cpio",
    (0, b"caff\0\x01"): "audio/x-caf",
    (8, b"AIFCFVER"): "audio/x-aiff",
    (12, b"mvhd"): "video/quicktime",  # from before files of this kind began with their brand
    (0, b"\0\0\0\x08wide"): "video/quicktime",
    (0, b"\0\x01\0\0\0"): "font/ttf",
    (0, b"OTTO\0"): "font/otf",
    (0, b"wOFF"): "font/woff",
    (0, b"wOF2"): "font/woff2",
    (0x8001, b"CD001"): "application/x-iso9660-image",
}
_ID3 = b"ID3"
_AFTER_ID3 = {b"fLaC": "audio/x-flac", b"\xff\xf1": "audio/aac", b"\xff\xf9": "audio/aac"}
_PDF_HEADER = re.compile(rb"%PDF-\d\.\d|%!PS-Adobe-\d\.\d PDF-\d\.\d")
_PDF_OBJECT = re.compile(rb"\b\d+ +\d+ +obj\b")
_PDF_REACH = 1_024
"""Where a PDF may begin at the latest: ISO 32000-1, 7.5.2 and Adobe's note 13 on it."""
_FRONT_MATTER = re.compile(rb"(\xef\xbb\xbf)?\s*\Z|\x1b%-12345X")  # an empty line or a printer's commands before a PDF


def signed_type(head: bytes) -> str:
    """The type by the signatures of a file's first bytes; empty if none is there for certain."""
    detected = _left_out(head) or _media(head)
    if detected:
        return detected
    try:
        kind = filetype.guess(head)
    except Exception:  # noqa: BLE001 - a file that upsets the library is of no type that it knows
        kind = None
    mime = str(kind.mime) if kind else ""
    if mime in _DOUBTED and not _DOUBTED[mime](head):
        mime = ""
    return mime or (TAR if is_header(head[:512]) else "") or (PDF if is_pdf(head) else "")


def is_pdf(head: bytes) -> bool:
    """Whether this is a PDF: its header may begin within the first 1,024 bytes, if an object follows it."""
    header = _PDF_HEADER.search(head[: _PDF_REACH + 8])
    if not header or header.start() > _PDF_REACH:
        return False
    return header.start() == 0 or bool(_PDF_OBJECT.search(head, header.end()))


def is_pdf_in_letters(head: bytes) -> bool:
    """The same for a file that looks like clean text: one that is about PDF has other text before the header."""
    header = _PDF_HEADER.search(head)
    return header is not None and is_pdf(head) and bool(_FRONT_MATTER.match(head[: header.start()]))


def _left_out(head: bytes) -> str:
    return next((kind for (at, mark), kind in _LEFT_OUT.items() if head.startswith(mark, at)), "")


def _media(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head.startswith(_ID3) and len(head) >= 10:  # noqa: PLR2004 - the length of ID3's header
        size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        after = head[10 + size : 14 + size]
        return next((kind for mark, kind in _AFTER_ID3.items() if after.startswith(mark)), "")
    if head.startswith(b"OggS") and b"theora" in head[:512]:
        return "video/ogg"
    return ""


def _brand(head: bytes) -> str:
    """By the major brand; for images that leave it open, by the first of the others that says more."""
    length = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length, 4))]
    if brands[0][:3] in {b"3gp", b"3g2"}:
        return "video/3gpp"
    major = _BRANDS.get(brands[0], _MP4)
    if major != _HEIF:
        return major
    return next((kind for kind in map(_BRANDS.get, brands) if kind and kind != _HEIF), _HEIF)


def _is_program(head: bytes) -> bool:
    """DOS's header is followed by that of the system, or says how long the program is."""
    if len(head) < 64:  # noqa: PLR2004 - the length of the header
        return False
    last, pages = struct.unpack_from("<2H", head, 2)
    start = int.from_bytes(head[60:64], "little")
    return head[start : start + 2] in {b"PE", b"NE", b"LE", b"LX"} or (last < 512 and pages > 0)  # noqa: PLR2004


def _is_bitmap(head: bytes) -> bool:
    return head[14:18] in {struct.pack("<L", length) for length in (12, 16, 40, 52, 56, 64, 108, 124)}


def _is_icon(head: bytes) -> bool:
    if len(head) < 22:  # noqa: PLR2004 - the header and one entry
        return False
    count, _, _, _, reserved, planes, bits, size, start = struct.unpack_from("<H4B2H2L", head, 4)
    return not reserved and planes <= 1 and bits <= 32 and size > 0 and start >= 6 + 16 * count > 6  # noqa: PLR2004


def _is_mpeg_audio(head: bytes) -> bool:
    return head.startswith(_ID3) or _frames(head, _mpeg_frame) > 1


def _is_aac(head: bytes) -> bool:
    return _frames(head, lambda at: int.from_bytes(at[3:6], "big") >> 5 & 0x1FFF if at[:2] in _ADTS else 0) > 1


_ADTS = {b"\xff\xf1", b"\xff\xf9"}
_BIT_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LOW_BIT_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLE_RATES = (44_100, 48_000, 32_000)


def _frames(head: bytes, length_of: Callable[[bytes], int]) -> int:
    """How many frames of sound follow each other, three at most: two bytes alone begin too many other files."""
    position = count = 0
    while count < 3 and (length := length_of(head[position : position + 7])):  # noqa: PLR2004
        position, count = position + length, count + 1
        if position >= len(head):
            break
    return count


def _mpeg_frame(header: bytes) -> int:
    """The length in bytes of a frame of MPEG audio, layer 3; 0 if this does not begin one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:  # noqa: PLR2004 - 11 bits set, layer 3
        return 0
    version, rate, sample = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or rate in {0, 15} or sample == 3:  # noqa: PLR2004 - reserved and free
        return 0
    is_first = version == 3  # noqa: PLR2004 - MPEG 1; the later ones sample half as often, or a quarter
    kilobits = (_BIT_RATES if is_first else _LOW_BIT_RATES)[rate]
    hertz = _SAMPLE_RATES[sample] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if is_first else 72) * kilobits * 1000 // hertz + (header[2] >> 1 & 1)


_DOUBTED: dict[str, Callable[[bytes], bool]] = {
    EXECUTABLE: _is_program,
    PDF: is_pdf,
    "application/gzip": lambda head: not head[3:4] or not head[3] & 0xE0,
    "application/x-bzip2": lambda head: head[4:10] in {b"1AY&SY", b"\x17rE8P\x90"},
    "application/x-compress": lambda head: head[2:3] > b"" and 9 <= head[2] & 0x1F <= 16,  # noqa: PLR2004 - bits
    "audio/aac": _is_aac,
    "audio/mpeg": _is_mpeg_audio,
    "image/bmp": _is_bitmap,
    "image/x-icon": _is_icon,
    "video/mpeg": lambda head: head[3] in {0xB3, 0xBA},  # a sequence's or a pack's header
}
"""What the library detects by two or three bytes, and what must follow them: any file may begin so by chance."""
