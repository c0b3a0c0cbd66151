"""The types of files that are detected: their names as people know them, and the extensions that promise them.

A type stands here if detection gives it: rules may ask for no other. Tests compare it with what inspectors give.
"""

from __future__ import annotations

from pathlib import PurePosixPath

BINARY = "application/octet-stream"
EXECUTABLE = "application/x-msdownload"
HTML = "text/html"
JAR = "application/java-archive"
JSON = "application/json"
OLE = "application/x-ole-storage"
PDF = "application/pdf"
SVG = "image/svg+xml"
TAR = "application/x-tar"
TEXT = "text/plain"
XHTML = "application/xhtml+xml"
XML = "text/xml"
ZIP = "application/zip"

_OPEN = "application/vnd.openxmlformats-officedocument."
_MICROSOFT = "application/vnd.ms-"
_OASIS = "application/vnd.oasis.opendocument."


def extension_of(key: str) -> str:
    """The extension in a key, lower case and without its dot; empty if it has none."""
    return PurePosixPath(key).suffix[1:].lower()


def contradiction(extension: str, content_type: str, also: str) -> str:
    """The warning if a name promises another content: "says .jpg, content is PDF". Empty if it does not.

    A name that promises nothing in particular is never contradicted, and only what was recognised contradicts one:
    "binary data", "text" and "ZIP archive" are what is left if nothing was. `also` is what the file is besides.
    """
    name, extensions = _KINDS.get(content_type, ("", frozenset()))
    _, others = _KINDS.get(also, ("", frozenset()))
    if not name or extension in extensions | others or extension not in _PROMISING:
        return ""
    return f"says .{extension}, content is {name}"


_TEXTS = (
    "adoc asc asp aspx bat c cfg conf cpp cs css csv eml go h htm html ics ini ipynb java js json jsonl jsx log md mht "
    "mhtml mjs php pl properties ps1 py rb rdf reg rss rst sh sql srt svg tab tex toml ts tsv tsx txt vcf vtt vue xht "
    "xhtml xml xsd xsl xslt yaml yml"
)
_MARKUP = "atom dae drawio fb2 fodg fodp fods fodt gpx jnlp kml musicxml opml plist tcx tei wsdl xaml xlf xliff xspf"
_PAGES = "asp aspx eml htm html jsp log md mht mhtml php pl rst shtml txt vue xht xhtml xml"
_WORD = "docm docx dotm dotx"
_EXCEL = "xlam xlsb xlsm xlsx xltm xltx"
_POWERPOINT = "potm potx ppam ppsm ppsx pptm pptx sldm sldx thmx"
_VISIO = "vsdm vsdx vssm vssx vstm vstx"
_OLD_WORD = "doc dot wbk wiz"
_OLD_EXCEL = "xla xlm xls xlt xlw"
_OLD_POWERPOINT = "pot ppa pps ppt"
_OLD_OFFICE = f"{_OLD_WORD} {_OLD_EXCEL} {_OLD_POWERPOINT} mpp mpt msi msp mst oft msg pub vsd vss vst wps"
# Of what archives are by their own word, the known types; a file may state others.
_ADOBE_PACKAGES = "air-application-installer-package+zip indesign-idml-package"
_OLD_OPEN_OFFICE = (
    "calc calc.template draw draw.template impress impress.template math writer writer.global writer.template"
)
_VISIO_TYPES = " ".join(f"{kind} {kind}.macroEnabled.12" for kind in ("drawing", "stencil", "template"))
_UNNAMED = {
    "application/": "avro java-vm octet-stream vnd.apache.parquet vnd.debian.binary-package vnd.recordare.musicxml "
    "x-bplist x-brotli x-compress x-cpio x-google-chrome-extension x-iso9660-image x-keepass2 x-krita x-lz4 x-lzip "
    "x-lzop x-nintendo-nes-rom x-npy x-rpm x-shockwave-flash x-unix-archive",
    "application/vnd.adobe.": _ADOBE_PACKAGES,
    "application/vnd.sun.xml.": _OLD_OPEN_OFFICE,
    f"{_MICROSOFT}visio.": _VISIO_TYPES,
    "audio/": "x-caf",
    "font/": "otf ttf woff woff2",
    "image/": "icns openraster vnd.ms-photo x-xcf",
}
"""By what they begin with, types that contradict no name: none of them is mistaken for another."""
_JARS = "aab aar ear hpi jar jmod nbm par rar sar war"
_ZIPS = f"{_JARS} 3mf apk appx cbz idml ipa kmz kra numbers nupkg oxps oxt pages vsix whl xap xpi xps zip"
_ISO_MEDIA = "3g2 3gp f4a f4v m4a m4b m4p m4r m4v mov mp4 mpg4 qt"
_RAW_PHOTOS = "3fr arw cr2 dcr dng erf fff iiq kdc mef mos nef nrw orf pef ptx raf rw2 rwl sr2 srf srw"
_AUDIO = "aac ac3 flac m4a mp1 mp2 mp3 mpa mpga"

_TABLE = {
    **{f"{start}{end}": ("", "") for start, ends in _UNNAMED.items() for end in ends.split()},
    ZIP: ("", _ZIPS),
    TEXT: ("", _TEXTS),
    HTML: ("HTML", _PAGES),
    XHTML: ("XHTML", _PAGES),
    SVG: ("an SVG image", "htm html md svg txt xhtml xml"),
    XML: ("XML", f"{_TEXTS} {_OLD_WORD} {_OLD_EXCEL} {_MARKUP}"),
    JSON: ("JSON", f"{_TEXTS} geojson har topojson webmanifest"),
    OLE: ("an OLE compound file", f"{_OLD_OFFICE} {_WORD} {_EXCEL} {_POWERPOINT} {_VISIO}"),
    "application/dicom": ("a DICOM image", "dcm dicom"),
    "application/epub+zip": ("an EPUB book", "epub zip"),
    "application/gzip": ("a gzip archive", "adz apk cpgz emz gz gzip svgz tgz wmz"),
    JAR: ("a Java archive", _ZIPS),
    "application/msword": ("a Word 97–2003 document", _OLD_WORD),
    PDF: ("PDF", "ai pdf"),
    "application/postscript": ("PostScript", "ai"),
    "application/rtf": ("an RTF document", "doc dot rtf"),
    "application/vnd.android.package-archive": ("an Android program", "apk zip"),
    "application/vnd.ms-cab-compressed": ("a cabinet archive", "cab"),
    f"{_MICROSOFT}excel": ("an Excel 97–2003 workbook", _OLD_EXCEL),
    f"{_MICROSOFT}outlook": ("an Outlook message", "msg oft"),
    f"{_MICROSOFT}powerpoint": ("a PowerPoint 97–2003 presentation", _OLD_POWERPOINT),
    "application/x-msi": ("a Windows installer", "msi msp mst"),
    "application/wasm": ("WebAssembly", "wasm"),
    "application/x-7z-compressed": ("a 7z archive", "7z cb7"),
    "application/x-bzip2": ("a bzip2 archive", "bz2 tbz tbz2"),
    "application/x-executable": ("a Linux program", "elf"),
    EXECUTABLE: ("a Windows program", "dll exe ocx scr"),
    "application/x-rar-compressed": ("a RAR archive", "cbr rar"),
    "application/x-sqlite3": ("an SQLite database", "gpkg sqlite sqlite3"),
    TAR: ("a tar archive", "tar"),
    "application/x-xz": ("an xz archive", "txz xz"),
    "application/zstd": ("a Zstandard archive", "zst"),
    "audio/aac": ("AAC audio", _AUDIO),
    "audio/amr": ("AMR audio", "amr"),
    "audio/midi": ("MIDI music", "mid midi"),
    "audio/mp4": ("MP4 audio", f"{_ISO_MEDIA} aac"),
    "audio/mpeg": ("MP3 audio", _AUDIO),
    "audio/ogg": ("Ogg audio", "flac oga ogg ogv opus spx"),
    "audio/x-aiff": ("AIFF audio", "aif aifc aiff"),
    "audio/x-flac": ("FLAC audio", "flac"),
    "audio/x-wav": ("WAV audio", "wav"),
    "image/apng": ("a PNG image", "apng ico png"),
    "image/avif": ("an AVIF image", "avif avifs heif hif"),
    "image/bmp": ("a BMP image", "bmp dib"),
    "image/gif": ("a GIF image", "gif"),
    "image/heic": ("a HEIC image", "heic heics heif hif"),
    "image/heif": ("a HEIF image", "avif avifs heic heics heif hif"),
    "image/jpeg": ("a JPEG image", "jfif jpe jpeg jpg"),
    "image/jpx": ("a JPEG 2000 image", "j2k jp2 jpf jpm jpx"),
    "image/jxl": ("a JPEG XL image", "jxl"),
    "image/png": ("a PNG image", "apng ico png"),
    "image/tiff": ("a TIFF image", f"tif tiff {_RAW_PHOTOS}"),
    "image/vnd.adobe.photoshop": ("a Photoshop image", "psb psd"),
    "image/vnd.dwg": ("an AutoCAD drawing", "dwg"),
    "image/webp": ("a WebP image", "webp"),
    "image/x-canon-cr2": ("a camera's raw photo", _RAW_PHOTOS),
    "image/x-canon-cr3": ("a camera's raw photo", "cr3"),
    "image/x-icon": ("an icon", "cur ico"),
    "model/3mf": ("a 3D print", "3mf zip"),
    "video/3gpp": ("3GP video", _ISO_MEDIA),
    "video/mp4": ("MP4 video", _ISO_MEDIA),
    "video/mpeg": ("MPEG video", "m1v m2v mpe mpeg mpg vob"),
    "video/ogg": ("Ogg video", "oga ogg ogv ogx"),
    "video/quicktime": ("QuickTime video", _ISO_MEDIA),
    "video/webm": ("WebM video", "mka mkv weba webm"),
    "video/x-flv": ("Flash video", "flv"),
    "video/x-m4v": ("MP4 video", _ISO_MEDIA),
    "video/x-matroska": ("Matroska video", "mka mks mkv webm"),
    "video/x-ms-wmv": ("Windows Media", "asf wma wmv"),
    "video/x-msvideo": ("AVI video", "avi"),
    **{
        f"{_OASIS}{kind}": (name, extensions)
        for kind, name, extensions in (
            ("text", "an OpenDocument text", "odm odt oth ott"),
            ("spreadsheet", "an OpenDocument spreadsheet", "ods ots"),
            ("presentation", "an OpenDocument presentation", "odp otp"),
            ("graphics", "an OpenDocument drawing", "odg otg"),
            ("chart", "an OpenDocument chart", "odc otc"),
            ("formula", "an OpenDocument formula", "odf otf"),
            ("database", "an OpenDocument database", "odb"),
            ("base", "an OpenDocument database", "odb"),
            ("image", "an OpenDocument image", "odi oti"),
        )
        for kind in (kind, f"{kind}-template", f"{kind}-master", f"{kind}-web")
    },
    **dict.fromkeys(
        (
            f"{_OPEN}wordprocessingml.document",
            f"{_OPEN}wordprocessingml.template",
            f"{_MICROSOFT}word.document.macroEnabled.12",
            f"{_MICROSOFT}word.template.macroEnabled.12",
        ),
        ("a Word document", _WORD),
    ),
    **dict.fromkeys(
        (
            f"{_OPEN}spreadsheetml.sheet",
            f"{_OPEN}spreadsheetml.template",
            f"{_MICROSOFT}excel.sheet.macroEnabled.12",
            f"{_MICROSOFT}excel.template.macroEnabled.12",
            f"{_MICROSOFT}excel.addin.macroEnabled.12",
            f"{_MICROSOFT}excel.sheet.binary.macroEnabled.12",
        ),
        ("an Excel workbook", _EXCEL),
    ),
    **dict.fromkeys(
        (
            f"{_OPEN}presentationml.presentation",
            f"{_OPEN}presentationml.slideshow",
            f"{_OPEN}presentationml.template",
            f"{_OPEN}presentationml.slide",
            f"{_MICROSOFT}powerpoint.presentation.macroEnabled.12",
            f"{_MICROSOFT}powerpoint.slideshow.macroEnabled.12",
            f"{_MICROSOFT}powerpoint.template.macroEnabled.12",
            f"{_MICROSOFT}powerpoint.addin.macroEnabled.12",
            f"{_MICROSOFT}powerpoint.slide.macroEnabled.12",
        ),
        ("a PowerPoint presentation", _POWERPOINT),
    ),
}

_KINDS = {kind: (name, frozenset(extensions.split())) for kind, (name, extensions) in _TABLE.items()}
_PROMISING = frozenset().union(*(extensions for _, extensions in _KINDS.values()))

DETECTED = frozenset(_TABLE)
"""Every type that detection gives."""
