"""Real files of many kinds, made here byte by byte, and what the senders of bad ones do to them."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from handlers.logic.inspection import Inspection, inspect


def in_chunks(content: bytes, size: int = 1_048_576) -> Iterator[bytes]:
    yield from (content[start : start + size] for start in range(0, len(content), size))


def inspected(content: bytes, key: str = "folder/file", chunk: int = 1_048_576) -> Inspection:
    return inspect(in_chunks(content, chunk), size=len(content), key=key)


def facts_of(content: bytes, key: str = "folder/file", chunk: int = 1_048_576) -> dict[str, str]:
    return dict(inspected(content, key, chunk).facts)


def png_part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def a_png(width: int = 640, height: int = 480, *, before_pixels: bytes = b"", pixels: int = 200) -> bytes:
    header = png_part(b"IHDR", struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + before_pixels + png_part(b"IDAT", b"\x55" * pixels) + png_part(b"IEND", b"")


def a_jpeg(width: int = 640, height: int = 480, *, segments: bytes = b"", pixels: int = 400) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HB2HB", 17, 8, height, width, 3) + b"\1\x22\0\2\x11\1\3\x11\1"
    scan = b"\xff\xda" + struct.pack(">H", 12) + b"\3\1\0\2\x11\3\x11\0\x3f\0" + b"\x37" * pixels
    return (
        b"\xff\xd8\xff\xe0"
        + struct.pack(">H", 16)
        + b"JFIF\0\1\1\0\0\1\0\1\0\0"
        + segments
        + frame
        + scan
        + b"\xff\xd9"
    )


def a_segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def turned(orientation: int) -> bytes:
    """What a camera that was held upright writes before the picture."""
    directory = struct.pack("<HHHLHHL", 1, 0x0112, 3, 1, orientation, 0, 0)
    return a_segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + directory)


def a_gif(width: int = 640, height: int = 480) -> bytes:
    return b"GIF89a" + struct.pack("<2H3B", width, height, 0, 0, 0) + b",\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def a_webp() -> bytes:
    extended = b"\0\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<L", 10) + extended + b"VP8L" + struct.pack("<L", 40) + b"\x2f" * 40
    return b"RIFF" + struct.pack("<L", len(body)) + body


def a_bmp(width: int = 640, height: int = -480, *, pixels: int = 96, is_packed: bool = True) -> bytes:
    sizes = struct.pack("<L2HL", 54 + pixels, 0, 0, 54)
    about = struct.pack("<L2l2H6L", 40, width, height, 1, 8, int(is_packed), 0, 0, 0, 0, 0)
    return b"BM" + sizes + about + b"\x44" * pixels


def a_tiff(*, pixels: int = 300) -> bytes:
    """With what states the size at the end, as large ones are written."""
    directory = struct.pack("<HHHLLHHLLL", 2, 256, 4, 1, 640, 257, 4, 1, 480, 0)
    return b"II*\0" + struct.pack("<L", 8 + pixels) + b"\x66" * pixels + directory


def a_box(name: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">L", 8 + len(content)) + name + content


def a_heic(
    *,
    brand: bytes = b"heic",
    extra: bytes = b"",
    transforms: tuple[bytes, ...] = (),
    properties: int = 1,
) -> bytes:
    """`transforms` are the boxes of what is done to the picture before it is shown."""
    size = a_box(b"ispe", bytes(4), struct.pack(">2L", 640, 480))
    item = a_box(b"pitm", bytes(4), b"\0\1")
    indexes = bytes(range(1, 2 + len(transforms)))
    associated = b"".join(struct.pack(">HB", number, len(indexes)) + indexes for number in range(1, properties + 1))
    which = a_box(b"ipma", bytes(4), struct.pack(">L", properties), associated)
    meta = a_box(b"meta", bytes(4), item, extra, a_box(b"iprp", a_box(b"ipco", size, *transforms), which))
    return a_box(b"ftyp", brand, bytes(4), b"mif1", brand) + meta + a_box(b"mdat", b"\x77" * 200)


def an_mp4(brand: bytes = b"isom") -> bytes:
    return a_box(b"ftyp", brand, bytes(4), brand, b"avc1") + a_box(b"moov", bytes(100)) + a_box(b"mdat", bytes(300))


def a_zip(
    names: dict[str, bytes] | None = None, *, comment: bytes = b"", method: int = zipfile.ZIP_DEFLATED, **options: bool
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method, **options) as archive:
        for name, content in (names if names is not None else {"a.txt": b"a" * 1000, "b/c.txt": b"c" * 24}).items():
            archive.writestr(name, content)
        archive.comment = comment
    return target.getvalue()


def content_types(*types: str) -> bytes:
    """What an Office document says of its parts."""
    parts = "".join(f'<Override PartName="/{number}.xml" ContentType="{one}"/>' for number, one in enumerate(types))
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{parts}</Types>'.encode()


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def a_docx(*more: str) -> bytes:
    """With the telling part so late that the first bytes do not show it."""
    late = {f"customXml/item{number}.xml": b"<x/>" * 400 for number in range(50)}
    telling = {
        "[Content_Types].xml": content_types(f"{DOCX}.main+xml"),
        "word/any.xml": b"",
        **dict.fromkeys(more, b"..."),
    }
    return a_zip({**late, **telling}, method=zipfile.ZIP_STORED)


def a_tar(files: dict[str, bytes] | None = None, form: int = tarfile.GNU_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, content in (files if files is not None else {"a.txt": b"a" * 1000, "b.txt": b"b" * 24}).items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    return target.getvalue()


def a_gzip(content: bytes = b"some text " * 100, name: str = "") -> bytes:
    target = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=target, mtime=0) as packed:
        packed.write(content)
    return target.getvalue()


def an_ole_document(*streams: str, before: int = 512) -> bytes:
    def entry(name: str) -> bytes:
        text = name.encode("utf-16-le")
        return (text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2)).ljust(128, b"\0")

    directory = b"".join(entry(name) for name in ("Root Entry", *streams))
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(before, b"\0") + directory + bytes(512)


A_PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
AN_EXE = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + bytes(200)
AN_SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="24" height="16px"></svg>\n'
A_CSV = "name;price;note\napple;1,20;fresh\npear;2,10;„soft“\n".encode()
A_JSON = json.dumps({"name": "invoice", "lines": [1, 2, 3]}).encode()
NO_TYPE = bytes.fromhex("00017f8099c3a25bd1ee0ff2b3a4f5c6d7e8091a2b3c4d5e6f70")

EVERY_KIND: dict[str, bytes] = {
    "png": a_png(),
    "jpg": a_jpeg(segments=turned(6)),
    "gif": a_gif(),
    "webp": a_webp(),
    "bmp": a_bmp(),
    "tiff": a_tiff(),
    "heic": a_heic(),
    "mp4": an_mp4(),
    "zip": a_zip(),
    "docx": a_docx("word/vbaProject.bin"),
    "tar": a_tar(),
    "gz": a_gzip(name="notes.txt"),
    "doc": an_ole_document("WordDocument", "_VBA_PROJECT"),
    "pdf": A_PDF,
    "exe": AN_EXE,
    "svg": AN_SVG,
    "csv": A_CSV,
    "json": A_JSON,
    "txt": "Xin chào\r\nthế giới\r\n".encode(),
    "utf16.txt": "Xin chào\r\nthế giới 🚀\r\n".encode("utf-16"),
    "html": b"<!DOCTYPE html><title>x</title>",
    "unknown": NO_TYPE,
    "empty": b"",
}
