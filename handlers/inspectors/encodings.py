"""Detects how a text is encoded, by its bytes alone."""

from __future__ import annotations

import codecs
import unicodedata

UNKNOWN_8_BIT = "latin-1"
"""Decodes anything: stands for all the code pages that cannot be distinguished."""

_CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
"""The bytes that no text has: WHATWG's "binary data bytes"."""
_BYTE_ORDER_MARKS = (  # the longer first: UTF-32's begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = ("utf-16-le", "utf-16-be")
_WHITE = "\n\r\t \u3000\u3001\u3002\uff0c"  # with the stops of languages that have no spaces
_BLANKS = dict.fromkeys(map(ord, _WHITE), " ")
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})
_SAMPLE = 4_096  # characters
_LONGEST_WORD = 400  # characters; where words have no spaces between them, lines end or sentences have some


def encoding_of(head: bytes) -> str:
    """How text is encoded that begins so, as Python names it; empty if it is no text."""
    encoding = _marked(head) or "utf-8"
    text = _decoded(head, encoding)
    if text is None:
        is_text = encoding == "utf-8" and not has_controls(head)
        return UNKNOWN_8_BIT if is_text else _unmarked(head)
    return encoding if "\0" not in text else _unmarked(head)


def is_clean(head: bytes, encoding: str) -> bool:
    """Whether these bytes are text for certain, whatever signature they begin with."""
    return encoding.startswith("utf-") and (encoding not in {"utf-8", "utf-8-sig"} or not has_controls(head))


def has_controls(data: bytes) -> bool:
    return len(data.translate(None, _CONTROLS)) != len(data)


def _marked(head: bytes) -> str:
    """The encoding that the byte order mark names; empty if there is none."""
    return next((encoding for mark, encoding in _BYTE_ORDER_MARKS if head.startswith(mark)), "")


def _decoded(head: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return None


def _unmarked(head: bytes) -> str:
    """UTF-16 without a mark, as databases and Java export it; empty if it is not that.

    Only data of 16 bits that are all assigned characters, with spaces or line ends as often as texts have them, pass:
    samples of sound, pixels and random bytes do not. In the wrong byte order a line end is no character at all.
    """
    if b"\0" not in head[: 2 * _SAMPLE] or _marked(head):
        return ""
    texts = ((encoding, _decoded(head[: 2 * _SAMPLE], encoding) or "") for encoding in _UNMARKED)
    return next((encoding for encoding, text in texts if _reads_like_text(text)), "")


def _reads_like_text(text: str) -> bool:
    words = text.translate(_BLANKS).split(" ")
    return (
        len(words) > 1
        and max(map(len, words)) <= _LONGEST_WORD
        and not any(unicodedata.category(char) in _NO_TEXT for char in set(text).difference(_WHITE))
    )
