"""XML by its root element, HTML by its beginning."""

from __future__ import annotations

import pytest

from tests.handlers.inspectors.files import facts_of, inspected

DECLARED = "<?xml version='1.0'?>\n"
IN_SVG = "xmlns='http://www.w3.org/2000/svg'"
IN_XHTML = "xmlns='http://www.w3.org/1999/xhtml'"


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        (f"{DECLARED}<svg {IN_SVG}/>", "image/svg+xml"),
        ("<svg width='9'/>", "image/svg+xml"),
        (f"<!-- by hand --><svg {IN_SVG}/>", "image/svg+xml"),
        (f"{DECLARED}<!-- {'licence ' * 3000}--><svg {IN_SVG}/>", "image/svg+xml"),
        ("<s:svg xmlns:s='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (f"{DECLARED}<!DOCTYPE svg [<!ENTITY n 'http://www.w3.org/2000/svg'>]><svg xmlns='&n;'/>", "image/svg+xml"),
        (f"{DECLARED}<html {IN_XHTML}><body><svg {IN_SVG}/></body></html>", "application/xhtml+xml"),
        (f"{DECLARED}<article><svg {IN_SVG}/></article>", "text/xml"),
        (f"{DECLARED}<mails><html/></mails>", "text/xml"),
        (f"{DECLARED}<svg xmlns='http://example.org/another'/>", "text/xml"),
        (f"{DECLARED}<feed><title>&lt;svg&gt;</title></feed>", "text/xml"),
        (f"{DECLARED}<not well formed", "text/xml"),
        ("<x:a xmlns:x='http://example.org'>", "text/xml"),
        ("<!DOCTYPE html><html><svg></svg></html>", "text/html"),
        (f"<html {IN_XHTML}/>", "text/html"),
        ("<body>hi", "text/html"),
        ("<p>a piece of a page</p>", "text/plain"),
        ("<project/>", "text/plain"),
        ("< less than", "text/plain"),
        ("a < b and <svg/> inside", "text/plain"),
    ],
)
def test_markup_is_detected_by_its_root_and_not_by_what_is_in_it(text, content_type):
    assert inspected(text.encode()).content_type == content_type
    assert inspected(text.encode("utf-16")).content_type == content_type
    assert inspected(b"\xef\xbb\xbf" + text.encode()).content_type == content_type


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "shift_jis", "gb2312", "koi8-r"])
def test_xml_in_a_code_page_is_detected_by_its_root(encoding):
    text = f"<?xml version='1.0' encoding='{encoding}'?><svg {IN_SVG}><text>a</text></svg>"

    assert inspected(text.encode(encoding)).content_type == "image/svg+xml"


@pytest.mark.parametrize("extension", ["html", "svg", "rss", "gpx", "doc", "xls", "docbook", "txt", "plist"])
def test_a_name_for_some_xml_is_not_contradicted(extension):
    assert "Extension" not in facts_of(b"<?xml version='1.0'?><article/>", f"a.{extension}")
