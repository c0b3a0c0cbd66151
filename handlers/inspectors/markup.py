"""Texts in angle brackets: HTML by how it begins, XML by its root element."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

from domain.file_types import HTML, SVG, XHTML, XML

HEAD = 65_536
"""How many characters are looked at: a root element stands behind comments, licences and declarations."""

_PIECE = 1_024
_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_XHTML_NAMESPACE = "http://www.w3.org/1999/xhtml"
_HTML_START = re.compile(r"\s*(<!--.{0,1000}?-->\s*)?(<!doctype html|<(html|head|body|script|iframe)\b)", re.DOTALL)
_DECLARED = re.compile(r"\s*<\?xml\b")
_BETWEEN = " "  # stands between the namespace and the name of an element


def markup_type(text: str) -> str:
    """HTML, XHTML, SVG or XML for a text that begins so; empty for every other."""
    start = text[:HEAD].removeprefix("\ufeff")
    if not start.lstrip().startswith("<"):
        return ""
    is_declared = bool(_DECLARED.match(start))
    if not is_declared and _HTML_START.match(start[:4096].lower()):
        return HTML
    namespace, name, _ = root_of(start)
    if name == "svg" and namespace in {"", _SVG_NAMESPACE}:
        return SVG
    if is_declared and name == "html" and namespace in {"", _XHTML_NAMESPACE}:
        return XHTML
    # Without a declaration, well-formed pieces of HTML and of other languages look the same: a namespace makes it XML.
    return XML if is_declared or namespace else ""


def root_of(text: str) -> tuple[str, str, Mapping[str, str]]:
    """The root element's namespace, name and attributes; empty if there is none that can be read."""
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    found: list[tuple[str, Mapping[str, str]]] = []

    def open_root(name: str, attributes: Mapping[str, str]) -> None:
        found.append((name, attributes))
        parser.StartElementHandler = None  # the rest of this piece is read, and nothing is kept of it

    start = text[:HEAD].lstrip("\ufeff \t\r\n")
    parser.StartElementHandler = open_root
    try:
        # Entities are let be: drawing programs declare some for their namespaces. What they may become is limited.
        for position in range(0, len(start), _PIECE):
            parser.Parse(start[position : position + _PIECE])
            if found:
                break
    except expat.ExpatError:
        pass  # not well-formed from here on; what came before stands
    if not found:
        return "", "", {}
    name, attributes = found[0]
    namespace, _, local = name.rpartition(_BETWEEN)
    return namespace, local, attributes
