"""The types of files that a rule asks for, as people write them in config: whether detection ever gives one."""

from __future__ import annotations

import difflib

from domain.file_types import DETECTED, JSON, PDF, SVG, TEXT, XML, ZIP
from domain.rules import is_of_type

MOST_SUGGESTED = 3


def is_detected(pattern: str) -> bool:
    """Whether a file can be of a type that fits the pattern."""
    return any(is_of_type(detected, pattern) for detected in DETECTED)


def nearest_types(pattern: str) -> list[str]:
    """The types that are probably meant by one that is never detected, the likeliest first; none if it is like none."""
    written = pattern.lower()
    if written in _OTHERWISE_CALLED:
        return [_OTHERWISE_CALLED[written]]
    heading, _, name = written.partition("/")
    names = {
        detected.partition("/")[2]: detected for detected in sorted(DETECTED) if is_of_type(detected, f"{heading}/*")
    }
    close = difflib.get_close_matches(name, names, n=MOST_SUGGESTED)
    return [names[one] for one in close] or ([TEXT] if heading == "text" else [])


_OTHERWISE_CALLED = {
    "application/csv": TEXT,
    "application/javascript": TEXT,
    "application/font-woff": "font/woff",
    "application/x-pdf": PDF,
    "application/x-rar": "application/x-rar-compressed",
    "application/vnd.rar": "application/x-rar-compressed",
    "application/x-gzip": "application/gzip",
    "application/x-zip": ZIP,
    "application/x-zip-compressed": ZIP,
    "application/xml": XML,
    "application/yaml": TEXT,
    "audio/flac": "audio/x-flac",
    "audio/mp3": "audio/mpeg",
    "audio/wav": "audio/x-wav",
    "image/jpg": "image/jpeg",
    "image/svg": SVG,
    "image/tif": "image/tiff",
    "text/json": JSON,
    "video/avi": "video/x-msvideo",
}
"""Other names of types, as people and programs write them."""
