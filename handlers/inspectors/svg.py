"""How large an SVG drawing says it is."""

from __future__ import annotations

import codecs
import re

from handlers.inspectors.encodings import encoding_of
from handlers.inspectors.markup import HEAD, root_of

_LENGTH = re.compile(r"\s*\+?(\d{1,9}(?:\.\d*)?|\.\d+)(px|pt|pc|mm|cm|in|)\s*", re.IGNORECASE)
_PIXELS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
"""By unit: CSS Values and Units, 5.2."""


def drawn_size(head: bytes) -> tuple[float, float] | None:
    """Width and height in CSS pixels by the root element; None for a drawing that fits any size."""
    encoding = encoding_of(head[:HEAD]) or "utf-8"
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head[:HEAD])
    _, _, attributes = root_of(text)
    width, height = (_pixels(attributes.get(name, "")) for name in ("width", "height"))
    return (width, height) if width and height else None


def _pixels(length: str) -> float:
    """0 for a share, for `auto` and for what is no length."""
    match = _LENGTH.fullmatch(length)
    return float(match[1]) * _PIXELS[match[2].lower()] if match else 0
