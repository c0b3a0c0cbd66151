"""Photos of real phones and cameras, without their pixels.

They are from the tests of pillow-heif 1.8.1, under the licence in LICENSE.pillow-heif.txt. Kept of each is what says
how it is shown: all its boxes but the pixels', of which 64 zeros stand for the rest. libheif says how large the whole
photos are when shown.
"""

# ruff: noqa: RUF001 - a multiplication sign, as people write it

from __future__ import annotations

import os
import struct
from pathlib import Path

from tests.handlers.inspectors.corpus import sample, stored

_PHOTOS = {
    "cropped.heif": ("L_8__29x100.heif", "HEIF image that is cropped when it is shown", "29 × 100 pixels"),
    "iphone-upright.heic": ("arrow.heic", "Photo of an iPhone held upright", "3,024 × 4,032 pixels (12 megapixels)"),
    "iphone-level.heic": ("pug.heic", "Photo of an iPhone held level", "4,032 × 3,024 pixels (12 megapixels)"),
    "iphone-spatial.heic": (
        "spatial_photo.heic",
        "Photo for two eyes of an iPhone",
        "2,560 × 2,560 pixels (7 megapixels)",
    ),
    "xiaomi.heic": ("xiaomi.heic", "Photo of a Xiaomi phone", "2,592 × 1,944 pixels (5 megapixels)"),
    "samsung-200mp.heic": (
        "200MP.heic",
        "Photo of a phone with 200 megapixels, its tables at the end",
        "12,240 × 16,320 pixels (200 megapixels)",
    ),
    "camera-upright.hif": ("guitar_cw90.hif", "Photo of a camera held upright", "4,672 × 7,008 pixels (33 megapixels)"),
    "camera-level.hif": ("cat.hif", "Photo of a camera held level", "4,240 × 2,832 pixels (12 megapixels)"),
}


def _without_pixels(photo: bytes) -> bytes:
    kept, position = [], 0
    while position + 8 <= len(photo):
        length, name = struct.unpack_from(">L4s", photo, position)
        if length == 1:
            length = struct.unpack_from(">Q", photo, position + 8)[0]
        end = position + length if length else len(photo)
        kept.append(struct.pack(">L4s", 72, name) + bytes(64) if name in {b"mdat", b"free"} else photo[position:end])
        position = end
    return b"".join(kept)


def _of_a_phone(name: str, original: str, kind: str, size: str) -> None:
    @sample(name, kind, "as it was taken, without its pixels", "image/heic", {"Dimensions": size})
    def make() -> bytes:
        folder = Path(os.environ["PILLOW_HEIF_SOURCE"]) / "tests" / "images"
        return _without_pixels(next(folder.rglob(original)).read_bytes())


for _name, (_original, _kind, _size) in _PHOTOS.items():
    _of_a_phone(_name, _original, _kind, _size)


stored(
    "phone-turned.heic",
    "Photo of a phone held upright",
    "by hand, with zeros for its pixels",
    "image/heic",
    {"Dimensions": "3,024 × 4,032 pixels (12 megapixels)"},
)
