"""What a file is, by its bytes; and what its name says."""

from __future__ import annotations

import pytest

from domain.file_types import BINARY
from handlers.inspectors.content_types import content_type_of
from tests.handlers.inspectors.files import (
    A_CSV,
    A_JSON,
    A_PDF,
    AN_EXE,
    AN_SVG,
    DOCX,
    NO_TYPE,
    a_docx,
    a_gif,
    a_gzip,
    a_heic,
    a_jpeg,
    a_png,
    a_tar,
    a_tiff,
    a_webp,
    a_zip,
    an_mp4,
    an_ole_document,
    facts_of,
    inspected,
)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (a_png(), "image/png"),
        (a_jpeg(), "image/jpeg"),
        (a_gif(), "image/gif"),
        (a_webp(), "image/webp"),
        (a_tiff(), "image/tiff"),
        (a_heic(), "image/heic"),
        (a_heic(brand=b"heix"), "image/heic"),
        (a_heic(brand=b"avis"), "image/avif"),
        (A_PDF, "application/pdf"),
        (AN_EXE, "application/x-msdownload"),
        (a_zip(), "application/zip"),
        (a_docx(), DOCX),
        (a_gzip(), "application/gzip"),
        (a_tar(), "application/x-tar"),
        (an_mp4(), "video/mp4"),
        (an_mp4(b"iso6"), "video/mp4"),
        (an_mp4(b"qt  "), "video/quicktime"),
        (an_ole_document("WordDocument"), "application/msword"),
        (A_CSV, "text/plain"),
        (A_JSON, "application/json"),
        (AN_SVG, "image/svg+xml"),
        (b"<?xml version='1.0'?><note/>", "text/xml"),
        (b"\xef\xbb\xbf\n<!-- saved -->\n<!DOCTYPE HTML><p>hi", "text/html"),
        ("plain, für alle".encode(), "text/plain"),
        ("plain, für alle".encode("utf-16"), "text/plain"),
        ("plain, für alle".encode("utf-32"), "text/plain"),
        ("plain, für alle".encode("cp1252"), "text/plain"),
        ("日本語のテキスト".encode("shift-jis"), "text/plain"),
        (b"a\tb\x1b[0m\x01", "text/plain"),
        (b"text and then\0not", "application/octet-stream"),
        (b"text \xff\xfe and then\x07not", "application/octet-stream"),
        (NO_TYPE, "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_the_type_is_detected_by_the_bytes(content, content_type):
    assert inspected(content).content_type == content_type


@pytest.mark.parametrize(
    "content",
    [
        b"BM is how a bitmap begins",
        b"MZ, said the program",
        "βρ, a Greek beginning".encode(),
        b"FWS CWS",
        b"ID3 tags",
        b"%!TEX root = thesis.tex\n",
        b"%PDF, said the comment",
    ],
)
def test_a_text_that_begins_like_another_kind_is_a_text(content):
    assert inspected(content).content_type == "text/plain"


@pytest.mark.parametrize("content", [b"%PDF-1.4\n1 0 obj\n", b"%!PS-Adobe-3.0\n", rb"{\rtf1 hello}"])
def test_what_is_written_as_text_but_is_a_kind_of_its_own_is_not_called_a_text(content):
    assert inspected(content).content_type != "text/plain"


@pytest.mark.parametrize(
    ("key", "content", "reported"),
    [
        ("photo.jpg", A_PDF, "says .jpg, content is PDF"),
        ("photos/IMG_1.JPG", a_heic(), "says .jpg, content is a HEIC image"),
        ("invoice.pdf", AN_EXE, "says .pdf, content is a Windows program"),
        ("table.xls", b"<html><table>", "says .xls, content is HTML"),
        ("answer.json", b"<!doctype html><h1>404", "says .json, content is HTML"),
        ("song.mp3", b"MThd\0\0\0\6\0\1\0\1", "says .mp3, content is MIDI music"),
    ],
)
def test_a_name_that_promises_another_content_is_reported(key, content, reported):
    assert facts_of(content, key)["Extension"] == reported


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("a.pdf", A_PDF),
        ("a.jpeg", a_jpeg()),
        ("a.docx", a_docx()),
        ("locked.docx", an_ole_document("EncryptedPackage")),
        ("a.xlsx", an_ole_document("EncryptedPackage")),
        ("letter.doc", rb"{\rtf1 hello}"),
        ("a.tar.gz", a_gzip()),
        ("a.apk", a_zip()),
        ("drawing.svg", AN_SVG),
        ("data.json", A_CSV),
        ("page.md", b"# Title"),
        ("server.key", b"-----BEGIN PRIVATE KEY-----\n"),
        ("old.mp3", NO_TYPE),
        ("no extension", A_PDF),
        (".jpg", A_PDF),
        ("folder.jpg/file", A_PDF),
        ("a.unheardof", A_PDF),
        ("ends with a dot.", A_PDF),
    ],
)
def test_a_name_that_promises_nothing_else_is_not_contradicted(key, content):
    assert "Extension" not in facts_of(content, key)


VARIANTS = (
    "doc dot docx docm dotx dotm xls xlt xla xlsx xlsm xlsb xltx xltm xlam ppt pps pot pptx pptm ppsx ppsm potx potm "
    "ppam vsdx odt ott ods ots odp otp odg otg odc epub jar war apk zip 7z rar tar gz tgz heic heif hif avif jxl webp"
)


@pytest.mark.parametrize("extension", VARIANTS.split())
def test_every_variant_of_a_name_promises_something(extension):
    assert facts_of(A_PDF, f"a.{extension}")["Extension"] == f"says .{extension}, content is PDF"


@pytest.mark.parametrize("content", [NO_TYPE, b"not found\n", "müller\n".encode("cp1252"), a_zip(), a_zip({})])
@pytest.mark.parametrize("extension", ["docx", "jpg", "pdf", "csv", "xlsm", "mp4", "7z", "json", "exe"])
def test_where_nothing_was_recognised_no_name_is_contradicted(content, extension):
    """Binary data, text and ZIP archives are what is left then."""
    assert "Extension" not in facts_of(content, f"a.{extension}")


def test_a_zero_byte_tells_data_from_text_at_first_sight():
    assert content_type_of(b"text\0") == BINARY
    assert content_type_of("text\0".encode("utf-16")) == BINARY


def test_an_empty_file_is_called_empty_and_is_no_lie():
    assert facts_of(b"", "photo.jpg") == {"Content": "nothing: the file is empty"}
