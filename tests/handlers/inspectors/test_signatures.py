"""Binary files by their first bytes: what is certain, and what any file may begin with by chance."""

from __future__ import annotations

import random
import struct

import pytest

from handlers.inspectors.content_types import content_type_of
from tests.handlers.inspectors.files import A_PDF, NO_TYPE, a_box, a_tar, facts_of, inspected

OBJECT = A_PDF[A_PDF.index(b"1 0 obj") :]


@pytest.mark.parametrize(
    "before", [b"\n", b"\r\n\r\n", b"\r\n\xf2\xc0", bytes(700), b"\x1b%-12345X@PJL SET COPIES=1\r\n"]
)
def test_a_pdf_may_begin_late(before):
    assert inspected(before + A_PDF, "a.pdf").content_type == "application/pdf"
    assert "Extension" not in facts_of(before + A_PDF, "a.pdf")


def test_a_pdf_of_letters_alone_may_begin_late():
    letters = A_PDF.replace(b"\xe2\xe3\xcf\xd3", b"abcd")

    for before in (b"", b"\n", b"\xef\xbb\xbf", b"\x1b%-12345X@PJL\r\n"):
        assert content_type_of(before + letters) == "application/pdf"


def test_a_pdf_may_call_itself_postscript_too():
    assert content_type_of(b"%!PS-Adobe-3.0 PDF-1.4\n" + OBJECT) == "application/pdf"


def test_the_reach_of_a_header_is_1024_bytes():
    binary = NO_TYPE * 50

    assert content_type_of(binary[:1_024] + A_PDF) == "application/pdf"
    assert content_type_of(binary[:1_025] + A_PDF) == "application/octet-stream"


@pytest.mark.parametrize(
    "content",
    [
        b"A file that begins with %PDF-1.4 is a PDF.\n1 0 obj begins an object.\n",
        b"# PDF\n\n```\n%PDF-1.4\n1 0 obj\n```\n",
        "Eine Datei, die für %PDF-1.4 gehalten wird\n".encode("cp1252"),
        b"\n%PDF-1.4 without any object\n",
    ],
)
def test_a_text_that_tells_of_pdf_is_a_text(content):
    assert inspected(content, "a.txt").content_type == "text/plain"


def test_an_archive_that_holds_a_pdf_is_an_archive():
    assert inspected(a_tar({"a.pdf": A_PDF})).content_type == "application/x-tar"


@pytest.mark.parametrize(
    "start",
    [
        b"BM",
        b"MZ",
        b"\xff\xfb",
        b"\xff\xf3",
        b"\xff\xf1",
        b"\xff\xf9",
        b"BZh",
        b"\x1f\x9d",
        b"\0\0\1\0",
        b"\0\0\1\xb5",
        b"\x1f\x8b\x08\xff",
    ],
)
def test_two_or_three_bytes_are_no_signature(start):
    """One in some thousand encrypted or random files begins with such bytes."""
    noise = random.Random(5).randbytes(2_000)  # noqa: S311 - the same each time

    assert content_type_of(start + noise) == "application/octet-stream"
    assert "Extension" not in facts_of(start + noise, "secret.pdf")


def test_what_begins_a_sound_goes_on_as_one():
    layer_3 = b"\xff\xfb\x90\x64".ljust(417, b"\0")

    assert content_type_of(layer_3 * 2) == "audio/mpeg"
    assert content_type_of(layer_3 + NO_TYPE) == "application/octet-stream"


@pytest.mark.parametrize(
    ("after", "content_type"),
    [(b"fLaC", "audio/x-flac"), (b"\xff\xf1\x50\x80", "audio/aac"), (b"\xff\xfb\x90\x64", "audio/mpeg")],
)
def test_a_title_before_a_sound_does_not_make_it_mp3(after, content_type):
    """ID3 stands before FLAC and AAC as well."""
    content = b"ID3\4\0\0" + bytes([0, 0, 2, 3]) + bytes(259) + after + NO_TYPE * 9

    assert content_type_of(content) == content_type


def test_a_name_of_another_sound_is_not_contradicted_by_a_title_alone():
    content = b"ID3\4\0\0" + bytes([0, 0x7F, 0x7F, 0x7F]) + bytes(70_000)

    assert "Extension" not in facts_of(content, "a.flac")


@pytest.mark.parametrize(
    ("brands", "content_type"),
    [
        ((b"mif1", b"mif1", b"heic"), "image/heic"),
        ((b"mif1", b"mif1", b"avif", b"miaf"), "image/avif"),
        ((b"mif1", b"mif1"), "image/heif"),
        ((b"avif", b"mif1", b"heic"), "image/avif"),
        ((b"M4A ", b"mp42"), "audio/mp4"),
        ((b"3gp5", b"isom"), "video/3gpp"),
        ((b"qt  ",), "video/quicktime"),
        ((b"what", b"heic"), "video/mp4"),
    ],
)
def test_a_file_made_like_mp4_is_detected_by_its_brand(brands, content_type):
    content = a_box(b"ftyp", brands[0], bytes(4), *brands[1:]) + a_box(b"mdat", b"\1" * 40)

    assert content_type_of(content) == content_type


def test_a_scan_that_is_another_image_too_is_a_scan():
    """DICOM leaves 128 bytes to other programs, where some put a TIFF's header."""
    content = b"II*\0\x08\0\0\0".ljust(128, b"\0") + b"DICM" + NO_TYPE * 20

    assert content_type_of(content) == "application/dicom"


def test_the_oldest_tar_has_no_signature_and_is_detected_by_the_sum_of_its_header():
    header = bytearray(a_tar({"a": b""})[:512])
    header[257:265] = bytes(8)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)

    assert content_type_of(bytes(header) + bytes(1024)) == "application/x-tar"
    header[0] ^= 1
    assert content_type_of(bytes(header) + bytes(1024)) == "application/octet-stream"


def test_zeros_are_no_archive():
    assert content_type_of(bytes(10_240)) == "application/octet-stream"


def test_a_program_of_windows_has_a_header_that_leads_on():
    start = b"MZ\x90\0" + struct.pack("<H", 0) + bytes(54) + struct.pack("<L", 64)

    assert content_type_of(start + b"PE\0\0" + bytes(90)) == "application/x-msdownload"
    assert content_type_of(start + bytes(94)) == "application/octet-stream"
