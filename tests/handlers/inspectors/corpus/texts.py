"""Texts: in every encoding, and the many formats that are written as text."""

# ruff: noqa: RUF001 - a multiplication sign, as people write it

from __future__ import annotations

import json
import plistlib
from email.message import EmailMessage

from tests.handlers.inspectors.corpus import by_office, of_shell, sample, stored
from tests.handlers.inspectors.corpus.office import CALC, WRITER, letter, table

TEXT = "text/plain"
XML = "text/xml"
HTML = "text/html"
XHTML = "application/xhtml+xml"
SQL = "Nr;Kunde;Betrag\r\n1;Müller & Söhne;1,50\r\n2;Nguyễn;2,50\r\n"
THREE = {"Lines": "3", "Columns": "3, separated by semicolons"}


def _written(
    name: str, kind: str, content: bytes, facts: dict[str, str], content_type: str = TEXT, by: str = "Python 3.11"
) -> None:
    sample(name, kind, by, content_type, facts)(lambda: content)


_written("utf-8.csv", "Table", SQL.encode(), {**THREE, "Encoding": "UTF-8"})
_written(
    "marked.csv",
    "Table, as Excel saves it",
    SQL.encode("utf-8-sig"),
    {**THREE, "Encoding": "UTF-8 with a byte order mark"},
)
_written(
    "windows.csv",
    "Table in a Windows code page",
    SQL.replace("ễ", "e").encode("cp1252"),
    {**THREE, "Encoding": "an 8-bit code page, not UTF-8"},
)
_written("unicode.csv", "Table, as Notepad saves it", SQL.encode("utf-16"), {**THREE, "Encoding": "UTF-16"})
_written(
    "bcp.csv",
    "Table, as SQL Server exports it",
    SQL.encode("utf-16-le"),
    {**THREE, "Encoding": "UTF-16 without a byte order mark"},
)
_written(
    "big-endian.csv",
    "Table, as Java exports it",
    SQL.encode("utf-16-be"),
    {**THREE, "Encoding": "UTF-16 without a byte order mark"},
)
_written(
    "thai.txt",
    "Text in UTF-16 without a mark",
    "สวัสดีชาวโลก\n".encode("utf-16-le") * 9,
    {"Encoding": "UTF-16 without a byte order mark", "Lines": "9"},
)
_written("japanese.txt", "Text in Shift JIS", "日本語のテキスト\n".encode("shift-jis"), {"Lines": "1"})
_written("chinese.txt", "Text in GB 18030", "中文文本\n".encode("gb18030"), {"Lines": "1"})
_written(
    "settings.reg", "Windows registry", "Windows Registry Editor Version 5.00\r\n".encode("utf-16"), {"Lines": "1"}
)
_written(
    "data.json", "JSON", json.dumps({"a": 1, "b": [1]}).encode(), {"JSON": "an object with 2 names"}, "application/json"
)
_written(
    "unicode.json", "JSON in UTF-16", json.dumps([1]).encode("utf-16"), {"JSON": "a list of 1"}, "application/json"
)
_written("rows.jsonl", "JSON Lines", b'{"a": 1}\n{"a": 2}\n', {"Lines": "2"})
_written(
    "place.geojson",
    "GeoJSON",
    b'{"type": "Point", "coordinates": [1, 2]}',
    {"JSON": "an object with 2 names"},
    "application/json",
)
_written(
    "book.ipynb",
    "Jupyter notebook",
    b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    {"JSON": "an object with 4 names"},
    "application/json",
)
_written("server.log", "Log", b"2026-11-29T00:00:00Z GET / 200\n" * 3, {"Lines": "3"})
_written("colours.log", "Log of a terminal", b"\x1b[31mred\x1b[0m\n" * 3, {"Lines": "3"})
_written("notes.md", "Markdown", b"# Notes\n\n<b>bold</b>\n", {"Lines": "3"})
_written("config.yaml", "YAML", b"a: 1\n", {"Lines": "1"})
_written("dump.sql", "SQL", b"-- dump\nCREATE TABLE a (b int);\n", {"Lines": "2"})
_written("run.sh", "Shell script", b"#!/bin/sh\necho 1\n", {"Lines": "2"})
_written("thesis.tex", "LaTeX", b"%!TEX root = a.tex\n\\documentclass{article}\n", {"Lines": "2"})
_written(
    "key.pem", "Private key", b"-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n", {"Lines": "3"}
)
_written("page.html", "HTML", b"<!DOCTYPE html>\n<title>x</title>\n", {"Lines": "2"}, HTML)
_written("fragment.html", "HTML without a head", b"<div>\n<p>hi</p></div>\n", {"Lines": "2"})
_written(
    "drawing.html",
    "HTML with a drawing",
    b"<html><body><svg width='9' height='9'></svg></body></html>",
    {"Lines": "1"},
    HTML,
)
_written(
    "drawn.svg",
    "SVG behind a comment",
    b"<!-- drawn by hand -->\n<svg xmlns='http://www.w3.org/2000/svg' width='24' height='16'/>\n",
    {"Dimensions": "24 × 16 pixels"},
    "image/svg+xml",
)
_written(
    "entities.svg",
    "SVG, as Illustrator saves it",
    b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [\n'
    b'\t<!ENTITY ns_svg "http://www.w3.org/2000/svg">\n]>\n<svg xmlns="&ns_svg;" width="24" height="16"/>\n',
    {"Dimensions": "24 × 16 pixels"},
    "image/svg+xml",
)
_written("prefixed.svg", "SVG with a prefix", b"<s:svg xmlns:s='http://www.w3.org/2000/svg'/>", {}, "image/svg+xml")
_written(
    "article.xml",
    "XML that holds a drawing",
    b"<?xml version='1.0'?><article><svg xmlns='http://www.w3.org/2000/svg'/></article>",
    {},
    XML,
)
_written("mixed.xml", "XML that holds HTML", b"<?xml version='1.0'?><post><body><html/></body></post>", {}, XML)
_written(
    "latin.xml",
    "XML in a code page",
    "<?xml version='1.0' encoding='iso-8859-1'?><a>Müller</a>".encode("latin-1"),
    {},
    XML,
)
_written("unicode.xml", "XML in UTF-16", "<?xml version='1.0' encoding='utf-16'?><a/>".encode("utf-16"), {}, XML)
_written(
    "page.xht", "XHTML", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head/></html>", {}, XHTML
)
_written("page.php", "PHP", b"<?php echo '<html>'; ?>\n", {"Lines": "1"})
_written(
    "style.xsl",
    "XSLT",
    b"<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
    b"<xsl:template match='/'><html/></xsl:template></xsl:stylesheet>",
    {},
    XML,
)
_written("app.csproj", "Project of Visual Studio", b"<Project Sdk='Microsoft.NET.Sdk'/>", {"Lines": "1"})
_written("Info.plist", "Property list", plistlib.dumps({"a": 1}), {}, XML, "Python's plistlib")
_written(
    "excel2003.xls",
    "Excel 2003 XML workbook under Excel's old name",
    b"<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?>"
    b"<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>",
    {},
    XML,
    "by hand",
)
_written("card.vcf", "Business card", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n", {"Lines": "4"})
_written("film.srt", "Subtitles", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nhi\r\n", {"Lines": "3"})
_written("truecolor.bm", "Text that begins like a bitmap", b"BM is how a bitmap begins\n", {"Lines": "1"})


@sample("letter.eml", "Mail with an attachment", "Python's email", TEXT)
def mail() -> bytes:
    message = EmailMessage()
    message["Subject"] = "hello"
    message.set_content("hello\n")
    message.add_attachment(letter()[:300], maintype="application", subtype="octet-stream", filename="a.bin")
    return message.as_bytes()


@sample("event.ics", "Calendar", "icalendar 7.3", TEXT)
def calendar() -> bytes:
    import icalendar

    made = icalendar.Calendar()
    made.add("prodid", "-//demo//")
    made.add("version", "2.0")
    return bytes(made.to_ical())


@sample("news.rss", "RSS", "feedgen 1.0", XML)
def rss() -> bytes:
    return _feed().rss_str()


@sample("news.atom", "Atom", "feedgen 1.0", XML)
def atom() -> bytes:
    return _feed().atom_str()


def _feed():
    from feedgen.feed import FeedGenerator

    feed = FeedGenerator()
    feed.id("http://example.org/")
    feed.title("news")
    feed.link(href="http://example.org/")
    feed.description("<html> and <svg>")
    return feed


@sample("trip.kml", "Places for Google Earth", "simplekml 1.3", XML)
def kml() -> bytes:
    import simplekml

    places = simplekml.Kml()
    places.newpoint(name="Huế", coords=[(107.6, 16.5)])
    return places.kml().encode()


def _of_libreoffice(
    name: str, kind: str, content_type: str, program: str, filter_name: str, facts: dict[str, str] | None = None
) -> None:
    suffix, source = ("docx", letter) if program == WRITER else ("xlsx", table)

    @sample(name, kind, program, content_type, facts)
    def make() -> bytes:
        return by_office(source(), suffix, name.rpartition(".")[2], filter_name)


_of_libreoffice("writer.rtf", "Rich text", "application/rtf", WRITER, "Rich Text Format")
_of_libreoffice("writer.html", "HTML", HTML, WRITER, "HTML (StarWriter)")
_of_libreoffice("writer.xhtml", "XHTML", XHTML, WRITER, "XHTML Writer File")
_of_libreoffice("writer.fodt", "Flat OpenDocument text", XML, WRITER, "OpenDocument Text Flat XML")
_of_libreoffice("word2003.xml", "Word 2003 XML document", XML, WRITER, "MS Word 2003 XML")
_of_libreoffice("calc.slk", "SYLK table", TEXT, CALC, "SYLK")
_of_libreoffice("calc.csv", "Table", TEXT, CALC, "Text - txt - csv (StarCalc)", {"Columns": "2, separated by commas"})


@sample("letter.doc", "Rich text under Word's old name", "LibreOffice Writer 7.4", "application/rtf")
def rtf_as_doc() -> bytes:
    return by_office(letter(), "docx", "rtf", "Rich Text Format")


@sample("cron.ps", "PostScript", "by hand", "application/postscript")
def postscript() -> bytes:
    return b"%!PS-Adobe-3.0\n%%Title: x\nshowpage\n"


@sample("message.asc", "Encrypted message in letters", "GnuPG 2.2", TEXT)
def armoured() -> bytes:
    script = "chmod 700 . && GNUPGHOME=$PWD gpg --batch --passphrase secret --pinentry-mode loopback -a -c -o out a.txt"
    return of_shell(script, "out", {"a.txt": b"hello\n"})


stored(
    "sql-export.csv",
    "Table, as SQL Server exports it",
    "by hand, as SQL Server",
    TEXT,
    {"Encoding": "UTF-16 without a byte order mark", "Columns": "3, separated by semicolons"},
)
stored("cover.xhtml", "XHTML that shows a drawing", "an EPUB book's cover", XHTML)
