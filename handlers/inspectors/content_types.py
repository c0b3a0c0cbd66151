"""What a file is by its first bytes."""

from __future__ import annotations

import codecs

from domain.file_types import BINARY, PDF, TEXT
from handlers.inspectors.encodings import encoding_of, is_clean
from handlers.inspectors.markup import markup_type
from handlers.inspectors.signatures import is_pdf_in_letters, signed_type

HEAD = 65_536
"""How many bytes are enough to tell."""

_WRITTEN_AS_TEXT = {
    "application/postscript": b"%!PS",  # "%!" alone begins many a LaTeX file
    "application/rtf": rb"{\rtf",
    "application/vnd.debian.binary-package": b"!<arch>\n",
    "application/x-unix-archive": b"!<arch>\n",
}
"""Formats that may look like clean text, with the whole of what they begin with."""


def content_type_of(head: bytes) -> str:
    """The type by the first bytes of a file: HEAD of them, or all if there are fewer.

    Clean text is text, whatever it begins with: "BM", "MZ" and others are signatures and the beginnings of words.
    """
    if not head:
        return BINARY
    encoding = encoding_of(head)
    signed = signed_type(head)
    if is_clean(head, encoding):
        if is_pdf_in_letters(head):
            return PDF
        if not (signed in _WRITTEN_AS_TEXT and head.startswith(_WRITTEN_AS_TEXT[signed])):
            return _text_type(head, encoding)
    return signed or (_text_type(head, encoding) if encoding else BINARY)


def _text_type(head: bytes, encoding: str) -> str:
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    return markup_type(text) or TEXT
