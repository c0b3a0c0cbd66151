"""What a file is by its first bytes, and whether its name says something else."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath

import filetype  # type: ignore[import-untyped] # ships no types

BINARY = "application/octet-stream"
HTML = "text/html"
JSON = "application/json"
OLE = "application/x-ole-storage"
SVG = "image/svg+xml"
TEXT = "text/plain"
XML = "text/xml"

HEAD = 65_536
"""How many bytes are enough to tell."""

CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
"""The bytes that no text has: WHATWG's "binary data bytes"."""

UNKNOWN_8_BIT = "latin-1"
"""Decodes anything: stands for all the code pages that cannot be told from each other."""

_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MP4 = "video/mp4"
_BRANDS = {  # of the formats made like MP4, those that filetype leaves out or takes for something else
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevx"), "image/heic"),
    b"crx ": "image/x-canon-cr3",
}
_WRITTEN_AS_TEXT = {
    "application/pdf": b"%PDF-",
    "application/postscript": b"%!PS",  # "%!" alone begins many a LaTeX file
    "application/rtf": rb"{\rtf",
}
"""Formats that look like clean text, with the whole of what they begin with."""
_BYTE_ORDER_MARKS = (  # the longer first: UTF-32's begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HTML_START = re.compile(r"\s*(<!--.{0,1000}?-->\s*)?(<!doctype html|<(html|head|body|script|iframe)\b)", re.DOTALL)
_SVG_START = re.compile(r"\s*<svg\b")
_XML_START = re.compile(r"\s*<\?xml\b")


def content_type_of(head: bytes) -> str:
    """The type by the first bytes of a file: HEAD of them, or all if there are fewer.

    Clean text is text, whatever it begins with: "BM", "MZ" and others are signatures and the beginnings of words.
    """
    if not head:
        return BINARY
    encoding = encoding_of(head)
    signed = _signed_type(head)
    is_clean = encoding in {"utf-16", "utf-32"} or (encoding != UNKNOWN_8_BIT and not has_controls(head))
    if encoding and is_clean and not (signed in _WRITTEN_AS_TEXT and head.startswith(_WRITTEN_AS_TEXT[signed])):
        return _text_type(head, encoding)
    return signed or (_text_type(head, encoding) if encoding else BINARY)


def encoding_of(head: bytes) -> str:
    """How text is encoded that begins so, as Python names it; empty if it is no text."""
    encoding = marked_encoding(head) or "utf-8"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return UNKNOWN_8_BIT if encoding == "utf-8" and not has_controls(head) else ""
    return "" if "\0" in text else encoding


def marked_encoding(head: bytes) -> str:
    """The encoding that the byte order mark tells; empty if there is none."""
    return next((encoding for mark, encoding in _BYTE_ORDER_MARKS if head.startswith(mark)), "")


def has_controls(data: bytes) -> bool:
    return len(data.translate(None, CONTROLS)) != len(data)


def extension_of(key: str) -> str:
    """The extension in a key, lower case and without its dot; empty if it has none."""
    return PurePosixPath(key).suffix[1:].lower()


def contradiction(extension: str, content_type: str) -> str:
    """What to tell if a name promises another content: "says .jpg, content is PDF". Empty if it does not.

    A name that promises nothing in particular is never contradicted.
    """
    name, extensions = _KINDS.get(content_type, (content_type, frozenset()))
    promising = _UNMISTAKABLE if content_type == BINARY else _PROMISING
    if extension in extensions or extension not in promising:
        return ""
    return f"says .{extension}, content is {name}"


def _signed_type(head: bytes) -> str:
    if head.startswith(_OLE_SIGNATURE):
        return OLE  # filetype goes on to guess the program, by marks that most of these files share
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    if brand in _BRANDS:
        return _BRANDS[brand]
    try:
        kind = filetype.guess(head)
    except Exception:  # noqa: BLE001 - a file that upsets the library is of no type that it knows
        kind = None
    return str(kind.mime) if kind else (_MP4 if brand else "")


def _text_type(head: bytes, encoding: str) -> str:
    start = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)[:4096].lower()
    if _HTML_START.match(start):
        return HTML
    is_xml = _XML_START.match(start)
    if _SVG_START.match(start) or (is_xml and "<svg" in start):
        return SVG
    if is_xml:
        return HTML if "<html" in start else XML
    return TEXT


def _kinds() -> dict[str, tuple[str, frozenset[str]]]:
    texts = (
        "bat c cfg conf cpp css csv eml go h htm html ics ini java js json jsx log md php pl properties py rb rst "
        "rss sh sql srt svg tab tex toml tsv tsx txt vcf vtt xhtml xml xsd xsl yaml yml"
    )
    iso_media = "3g2 3gp f4v m4a m4b m4p m4v mov mp4 qt"
    raw_photos = "3fr arw cr2 dng erf kdc nef nrw orf pef raf rw2 srw"
    table = {
        BINARY: ("binary data", ""),
        HTML: ("HTML", "htm html php shtml xhtml xml"),
        JSON: ("JSON", texts),
        OLE: ("an older Office document", "doc docx mpp msi pps ppt pptx vsd xla xls xlsx xlt"),
        SVG: ("an SVG image", "svg xml"),
        TEXT: ("text", texts),
        XML: ("XML", f"{texts} atom gpx kml plist wsdl"),
        "application/dicom": ("a DICOM image", "dcm dicom"),
        "application/epub+zip": ("an EPUB book", "epub"),
        "application/gzip": ("a gzip archive", "emz gz gzip svgz tgz"),
        "application/java-archive": ("a Java archive", "aar ear jar war zip"),
        "application/msword": ("a Word document", "doc"),
        "application/pdf": ("PDF", "ai pdf"),
        "application/postscript": ("PostScript", "ai"),
        "application/rtf": ("an RTF document", "doc rtf"),
        "application/vnd.android.package-archive": ("an Android program", "apk"),
        "application/vnd.ms-cab-compressed": ("a cabinet archive", "cab"),
        "application/vnd.ms-excel": ("an Excel workbook", "xla xls xlt"),
        "application/vnd.ms-outlook": ("an Outlook message", "oft"),
        "application/vnd.ms-powerpoint": ("a PowerPoint presentation", "pps ppt"),
        "application/vnd.oasis.opendocument.presentation": ("an OpenDocument presentation", "odp otp"),
        "application/vnd.oasis.opendocument.spreadsheet": ("an OpenDocument spreadsheet", "ods ots"),
        "application/vnd.oasis.opendocument.text": ("an OpenDocument text", "odt ott"),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": (
            "a PowerPoint presentation",
            "potm potx ppsm ppsx pptm pptx",
        ),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (
            "an Excel workbook",
            "xlam xlsb xlsm xlsx xltm xltx",
        ),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (
            "a Word document",
            "docm docx dotm dotx",
        ),
        "application/wasm": ("WebAssembly", "wasm"),
        "application/x-7z-compressed": ("a 7z archive", "7z"),
        "application/x-bzip2": ("a bzip2 archive", "bz2 tbz tbz2"),
        "application/x-executable": ("a Linux program", "elf"),
        "application/x-msdownload": ("a Windows program", "dll exe ocx scr"),
        "application/x-rar-compressed": ("a RAR archive", "cbr rar"),
        "application/x-sqlite3": ("an SQLite database", "gpkg sqlite sqlite3"),
        "application/x-tar": ("a tar archive", "tar"),
        "application/x-xz": ("an xz archive", "txz xz"),
        "application/zip": (
            "a ZIP archive",
            "3mf apk cbz ear idml ipa jar kmz numbers nupkg oxps pages vsix war whl xpi xps zip",
        ),
        "application/zstd": ("a Zstandard archive", "zst"),
        "audio/aac": ("AAC audio", "aac"),
        "audio/amr": ("AMR audio", "amr"),
        "audio/midi": ("MIDI music", "mid midi"),
        "audio/mp4": ("MP4 audio", iso_media),
        "audio/mpeg": ("MP3 audio", "mp2 mp3 mpga"),
        "audio/ogg": ("Ogg audio", "oga ogg ogv opus spx"),
        "audio/x-aiff": ("AIFF audio", "aif aifc aiff"),
        "audio/x-flac": ("FLAC audio", "flac"),
        "audio/x-wav": ("WAV audio", "wav"),
        "image/apng": ("a PNG image", "apng ico png"),
        "image/avif": ("an AVIF image", "avif heif"),
        "image/bmp": ("a BMP image", "bmp dib"),
        "image/gif": ("a GIF image", "gif"),
        "image/heic": ("a HEIC image", "heic heif"),
        "image/jpeg": ("a JPEG image", "jfif jpe jpeg jpg"),
        "image/jpx": ("a JPEG 2000 image", "j2k jp2 jpf jpm jpx"),
        "image/png": ("a PNG image", "apng ico png"),
        "image/tiff": ("a TIFF image", f"tif tiff {raw_photos}"),
        "image/vnd.adobe.photoshop": ("a Photoshop image", "psb psd"),
        "image/vnd.dwg": ("an AutoCAD drawing", "dwg"),
        "image/webp": ("a WebP image", "webp"),
        "image/x-canon-cr2": ("a camera's raw photo", raw_photos),
        "image/x-canon-cr3": ("a camera's raw photo", "cr3"),
        "image/x-icon": ("an icon", "cur ico"),
        "video/3gpp": ("3GP video", iso_media),
        _MP4: ("MP4 video", iso_media),
        "video/mpeg": ("MPEG video", "m2v mpe mpeg mpg vob"),
        "video/quicktime": ("QuickTime video", iso_media),
        "video/webm": ("WebM video", "mkv webm"),
        "video/x-flv": ("Flash video", "flv"),
        "video/x-m4v": ("MP4 video", iso_media),
        "video/x-matroska": ("Matroska video", "mka mkv webm"),
        "video/x-ms-wmv": ("Windows Media", "asf wma wmv"),
        "video/x-msvideo": ("AVI video", "avi"),
    }
    return {kind: (name, frozenset(extensions.split())) for kind, (name, extensions) in table.items()}


_KINDS = _kinds()
"""Names as people know them, and the extensions that promise the kind."""
_PROMISING = frozenset().union(*(extensions for _, extensions in _KINDS.values()))
_UNMISTAKABLE = frozenset(
    {"7z", "bmp", "csv", "docx", "gif", "gz", "htm", "html", "jpeg", "jpg", "json", "md", "pdf", "png", "pptx"}
    | {"rar", "txt", "webp", "xlsx", "xml", "yaml", "yml", "zip"}
)
"""Of these kinds every file is recognised: one that is not recognised is not of the kind."""
