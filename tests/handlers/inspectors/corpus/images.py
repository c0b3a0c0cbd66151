"""Images of many programs: turned, cropped, animated, in old and new forms."""

# ruff: noqa: RUF001 - a multiplication sign, as people write it

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from tests.handlers.inspectors.corpus import made_by, of_shell, sample

PILLOW = "Pillow 13.0"
WIDE = {"Dimensions": "64 × 48 pixels"}
UPRIGHT = {"Dimensions": "48 × 64 pixels"}
ORIENTATION = 0x0112


def picture(mode: str = "RGB", width: int = 64, height: int = 48) -> Any:
    from PIL import Image

    image = Image.linear_gradient("L").resize((width, height))
    return image.convert(mode)


def turned(orientation: int) -> Any:
    from PIL import Image

    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def _saved(form: str, mode: str = "RGB", **options: Any) -> bytes:
    target = io.BytesIO()
    picture(mode).save(target, form, **options)
    return target.getvalue()


def _of_pillow(
    name: str,
    kind: str,
    content_type: str,
    form: str,
    mode: str = "RGB",
    facts: dict[str, str] | None = None,
    **options: Callable[[], Any],
) -> None:
    @sample(name, kind, PILLOW, content_type, WIDE if facts is None else facts)
    def make() -> bytes:
        return _saved(form, mode, **{option: value() for option, value in options.items()})


_of_pillow("plain.png", "PNG image", "image/png", "PNG")
_of_pillow(
    "moving.png",
    "Animated PNG image",
    "image/apng",
    "PNG",
    save_all=lambda: True,
    append_images=lambda: [picture().rotate(90)],
)
_of_pillow("plain.jpg", "JPEG image", "image/jpeg", "JPEG")
_of_pillow("printing.jpg", "JPEG image in CMYK", "image/jpeg", "JPEG", "CMYK")
_of_pillow("progressive.jpeg", "JPEG image", "image/jpeg", "JPEG", progressive=lambda: True)
_of_pillow("upright.jpg", "JPEG photo taken upright", "image/jpeg", "JPEG", facts=UPRIGHT, exif=lambda: turned(6))
_of_pillow("upside-down.jpg", "JPEG photo taken upside down", "image/jpeg", "JPEG", exif=lambda: turned(3))
_of_pillow(
    "upright.tiff", "TIFF image that is shown turned", "image/tiff", "TIFF", facts=UPRIGHT, exif=lambda: turned(8)
)
_of_pillow("plain.gif", "GIF image", "image/gif", "GIF")
_of_pillow(
    "moving.gif",
    "Animated GIF image",
    "image/gif",
    "GIF",
    "P",
    save_all=lambda: True,
    append_images=lambda: [picture("P").rotate(90)],
)
_of_pillow("plain.webp", "WebP image", "image/webp", "WEBP")
_of_pillow("lossless.webp", "WebP image", "image/webp", "WEBP", lossless=lambda: True)
_of_pillow("profile.webp", "WebP image", "image/webp", "WEBP", exif=lambda: turned(1))
_of_pillow(
    "upright.webp", "WebP image that some programs show turned", "image/webp", "WEBP", facts={}, exif=lambda: turned(6)
)
_of_pillow(
    "upright.png", "PNG image that some programs show turned", "image/png", "PNG", facts={}, exif=lambda: turned(6)
)
_of_pillow("plain.bmp", "BMP image", "image/bmp", "BMP")
_of_pillow("plain.tif", "TIFF image", "image/tiff", "TIFF")
_of_pillow("packed.tif", "TIFF image", "image/tiff", "TIFF", compression=lambda: "tiff_lzw")
_of_pillow("large.tif", "BigTIFF image", "image/tiff", "TIFF", big_tiff=lambda: True)
_of_pillow(
    "pages.tiff",
    "TIFF image of two pages",
    "image/tiff",
    "TIFF",
    save_all=lambda: True,
    append_images=lambda: [picture(width=10)],
)
_of_pillow("plain.ico", "Icon", "image/x-icon", "ICO", "RGBA", facts={}, sizes=lambda: [(32, 32)])
_of_pillow("plain.jp2", "JPEG 2000 image", "image/jpx", "JPEG2000")
_of_pillow("plain.icns", "Apple icon", "image/icns", "ICNS", "RGBA", facts={})
_of_pillow("plain.tga", "Targa image", "application/octet-stream", "TGA", facts={})
_of_pillow("plain.ppm", "Portable pixmap", "application/octet-stream", "PPM", facts={})
_of_pillow("plain.pcx", "PCX image", "application/octet-stream", "PCX", facts={})
_of_pillow("plain.eps", "Encapsulated PostScript", "application/postscript", "EPS", facts={})
_of_pillow("plain.avif", "AVIF image", "image/avif", "AVIF")
_of_pillow(
    "upright.avif", "AVIF image that is shown turned", "image/avif", "AVIF", facts=UPRIGHT, exif=lambda: turned(6)
)


def _of_heif_enc(name: str, kind: str, facts: dict[str, str], source: Callable[[], bytes], suffix: str) -> None:
    @sample(name, kind, "heif-enc of libheif 1.15", "image/heic", facts)
    def make() -> bytes:
        return of_shell(f"heif-enc -q 20 -o out.heic in.{suffix}", "out.heic", {f"in.{suffix}": source()})


_of_heif_enc("plain.heic", "HEIC image", WIDE, lambda: _saved("PNG"), "png")
_of_heif_enc(
    "exif-upright.heic",
    "HEIC image that only its Exif calls turned",
    WIDE,
    lambda: _saved("JPEG", exif=turned(6)),
    "jpg",
)
_of_heif_enc(
    "exif-mirrored.heic",
    "HEIC image that only its Exif calls turned",
    WIDE,
    lambda: _saved("JPEG", exif=turned(5)),
    "jpg",
)


def odd() -> bytes:
    target = io.BytesIO()
    picture(width=63, height=47).save(target, "PNG")
    return target.getvalue()


_of_heif_enc("odd.heic", "HEIC image of odd sides", {"Dimensions": "63 × 47 pixels"}, odd, "png")


@sample("odd.avif", "AVIF image of odd sides", "Pillow 13.0", "image/avif", {"Dimensions": "63 × 47 pixels"})
def odd_avif() -> bytes:
    target = io.BytesIO()
    picture(width=63, height=47).save(target, "AVIF")
    return target.getvalue()


@sample("container.jxl", "JPEG XL image", "cjxl of libjxl 0.7", "image/jxl")
def jxl() -> bytes:
    return made_by("cjxl", "a.png", "a.jxl", "--container=1", result="a.jxl", given={"a.png": _saved("PNG")})


@sample("bare.jxl", "JPEG XL image", "cjxl of libjxl 0.7", "image/jxl")
def bare_jxl() -> bytes:
    return made_by("cjxl", "a.png", "a.jxl", "--container=0", result="a.jxl", given={"a.png": _saved("PNG")})


@sample("layers.psd", "Photoshop image", "psd-tools", "image/vnd.adobe.photoshop")
def psd() -> bytes:
    from psd_tools import PSDImage

    target = io.BytesIO()
    PSDImage.frompil(picture()).save(target)
    return target.getvalue()


@sample("scan.dcm", "DICOM image", "pydicom 3.0", "application/dicom")
def dicom() -> bytes:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    scan = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    scan.SOPClassUID, scan.SOPInstanceUID, scan.PatientName = CTImageStorage, meta.MediaStorageSOPInstanceUID, "A^B"
    target = io.BytesIO()
    scan.save_as(target, enforce_file_format=True)
    return target.getvalue()


@sample(
    "drawing.svg",
    "SVG image",
    "svgwrite 1.4",
    "image/svg+xml",
    {"Dimensions": "24 × 16 pixels", "Encoding": "ASCII", "Lines": "1", "Longest line": "234 characters"},
)
def svg() -> bytes:
    import svgwrite

    drawing = svgwrite.Drawing(size=(24, 16))
    drawing.add(drawing.line((0, 0), (9, 9)))
    return str(drawing.tostring()).encode()
