"""Texts: how they are written and how long they are. What proves not to be text after all is called binary data."""

from __future__ import annotations

import codecs
import csv
import io
import json

from domain.file_types import BINARY, HTML, JSON, SVG, TEXT, XHTML, XML
from domain.findings import Facts
from handlers.inspectors import Findings, Inspector
from handlers.inspectors.content_types import HEAD
from handlers.inspectors.encodings import UNKNOWN_8_BIT, encoding_of, has_controls

MOST_MEASURED_LINES = 10_000_000  # beyond, lines are only counted: measuring short ones takes longer than reading them
LARGEST_JSON = 262_144  # bytes; hostile JSON takes some 25 times as much when parsed

_PIECE = 65_536  # decoded at a time, for the same reason
_SAMPLE_ROWS = 20
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without a byte order mark",
    "utf-16-be": "UTF-16 without a byte order mark",
    "utf-32": "UTF-32",
    UNKNOWN_8_BIT: "an 8-bit code page, not UTF-8",
}


def inspector(content_type: str, extension: str) -> Inspector | None:
    return Text(content_type, extension) if content_type in {TEXT, HTML, XHTML, XML, SVG} else None


class Text:
    """Decodes the whole file in pieces. Takes text for UTF-8 until a byte says otherwise."""

    def __init__(self, content_type: str, extension: str) -> None:
        self._type = content_type
        self._extension = extension
        self._size = 0
        self._start = bytearray()
        self._has_begun = False
        self._use("utf-8")
        self._is_binary = False
        self._is_cut_off = False
        self._is_ascii = True
        self._has_controls = False
        self._line_ends = 0
        self._line = 0
        self._longest = 0

    def feed(self, chunk: bytes) -> None:
        before = len(self._start)
        self._size += len(chunk)
        self._start += chunk[: LARGEST_JSON - before]
        if not self._has_begun:
            if self._size < HEAD:
                return
            chunk = bytes(self._start[:before]) + chunk
            self._begin()
        for position in range(0, len(chunk), _PIECE):
            self._read(chunk[position : position + _PIECE])

    def findings(self) -> Findings:
        if not self._has_begun:
            self._begin()
            for position in range(0, len(self._start), _PIECE):
                self._read(bytes(self._start[position : position + _PIECE]))
        self._end()
        if self._is_binary:
            return Findings(content_type=BINARY)
        content_type, facts = self._structure()
        return Findings(facts=(*self._writing(), *facts), content_type=content_type)

    def _begin(self) -> None:
        self._has_begun = True
        self._use(encoding_of(bytes(self._start[:HEAD])) or "utf-8")

    def _use(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)

    def _read(self, piece: bytes) -> None:
        if self._is_binary:
            return
        self._is_ascii = self._is_ascii and piece.isascii()
        self._has_controls = self._has_controls or has_controls(piece)
        text = self._decode(piece)
        self._is_binary = self._is_binary or "\0" in text or (self._is_8_bit and self._has_controls)
        if not self._is_binary:
            self._measure(text)

    def _decode(self, piece: bytes) -> str:
        try:
            return self._decoder.decode(piece)
        except UnicodeDecodeError as error:
            if self._encoding not in {"utf-8", "utf-8-sig"}:
                self._is_binary = True
                return ""
            # Not UTF-8 after all. From the first byte that shows it on the text is 8-bit, wherever the pieces begin.
            line_ends = io.IncrementalNewlineDecoder(None, translate=True)
            line_ends.setstate((b"", self._decoder.getstate()[1] & 1))
            before, after = error.object[: error.start], error.object[error.start :]
            text = line_ends.decode(before.decode() + after.decode(UNKNOWN_8_BIT))
            self._use(UNKNOWN_8_BIT)
            self._decoder.setstate((b"", line_ends.getstate()[1] & 1))
            return text

    def _end(self) -> None:
        if self._is_binary:
            return
        try:
            self._measure(self._decoder.decode(b"", final=True))
        except UnicodeDecodeError:
            self._is_cut_off = True

    def _measure(self, text: str) -> None:
        if self._line_ends > MOST_MEASURED_LINES:
            self._line_ends += text.count("\n")
            return
        first, *others = text.split("\n")
        self._line += len(first)
        if others:
            last = others.pop()
            self._longest = max(self._longest, self._line, max(map(len, others), default=0))
            self._line_ends += len(others) + 1
            self._line = len(last)

    @property
    def _is_8_bit(self) -> bool:
        return self._encoding == UNKNOWN_8_BIT

    def _writing(self) -> Facts:
        name = "ASCII" if self._is_ascii and self._encoding == "utf-8" else _NAMES[self._encoding]
        cut = ", cut off within its last character" if self._is_cut_off else ""
        lines = self._line_ends + (self._line > 0)
        facts = [("Encoding", name + cut), ("Lines", f"{lines:,}")]
        if self._line_ends <= MOST_MEASURED_LINES:
            facts.append(("Longest line", f"{max(self._longest, self._line):,} characters"))
        return tuple(facts)

    def _structure(self) -> tuple[str, Facts]:
        """What JSON and tables hold, and the type if it is JSON's."""
        text = bytes(self._start).decode(self._encoding, errors="replace")
        if self._extension in {"csv", "tsv", "tab"}:
            return "", _columns(text, is_whole=self._size <= LARGEST_JSON)
        if self._type == TEXT and self._size <= LARGEST_JSON and (text.lstrip()[:1] in {"{", "["}):
            return self._json(text)
        return "", ()

    def _json(self, text: str) -> tuple[str, Facts]:
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            is_promised = self._extension == "json"
            return "", (("JSON", f"cannot be read: line {error.lineno}, column {error.colno}"),) if is_promised else ()
        except (ValueError, RecursionError):  # a number or a depth that Python does not take on
            return "", ()
        what = f"a list of {len(value):,}" if isinstance(value, list) else f"an object with {len(value):,} names"
        return JSON, (("JSON", what),)


def _columns(text: str, *, is_whole: bool) -> Facts:
    """How many columns a table has, if its first items agree on that."""
    sample = text if is_whole else text[: text.rfind("\n") + 1]
    most, name = 1, ""
    for separator, separators in _SEPARATORS.items():
        widths = set()
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        try:
            widths = {len(item) for item, _ in zip(reader, range(_SAMPLE_ROWS), strict=False) if item}
        except csv.Error:
            continue
        if len(widths) == 1 and max(widths) > most:
            most, name = max(widths), separators
    return (("Columns", f"{most:,}, separated by {name}"),) if name else ()
