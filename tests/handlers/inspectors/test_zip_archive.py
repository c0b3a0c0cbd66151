"""ZIP archives, and what they are besides."""

from __future__ import annotations

import struct
import zipfile

import pytest

from handlers.inspectors.zip_archive import TAIL
from tests.handlers.inspectors.files import (
    AN_EXE,
    DOCX,
    NO_TYPE,
    a_docx,
    a_zip,
    an_ole_document,
    content_types,
    facts_of,
    inspected,
)

OFFICE = "application/vnd.openxmlformats-officedocument."
MICROSOFT = "application/vnd.ms-"


def entry(name: bytes = b"x", *, size: int = 0, flags: int = 0, extra: bytes = b"") -> bytes:
    numbers = (b"PK\1\2", 20, 20, flags, 8, 0, 0, 0, 10, size, len(name), len(extra), 0, 0, 0, 0, 0)
    return struct.pack("<4s6H3L5H2L", *numbers) + name + extra


def hand_made(
    *entries: bytes, stated_entries: int | None = None, stated_length: int | None = None, stated_start: int = 40
) -> bytes:
    directory = b"".join(entries)
    count = len(entries) if stated_entries is None else stated_entries
    length = len(directory) if stated_length is None else stated_length
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count % 65_536, count % 65_536, length, stated_start, 0)
    return b"PK\3\4" + bytes(36) + directory + end


@pytest.mark.parametrize("chunk", [1_048_576, 100, 3])
def test_entries_and_size_are_reported_from_the_directory(chunk):
    assert facts_of(a_zip(), chunk=chunk) == {"Entries": "2", "Unpacked": "1.0 KB, as stated"}


def test_an_archive_of_nothing_is_in_order():
    assert facts_of(a_zip({})) == {"Entries": "0", "Unpacked": "0 bytes, as stated"}


def test_a_comment_does_not_hide_the_directory():
    assert facts_of(a_zip(comment=b"c" * 65_535))["Entries"] == "2"
    assert facts_of(a_zip(comment=b"PK\5\6 is how it ends"))["Entries"] == "2"


def test_an_android_program_is_not_called_a_java_archive():
    for names in (["META-INF/MANIFEST.MF", "AndroidManifest.xml"], ["AndroidManifest.xml", "META-INF/MANIFEST.MF"]):
        result = inspected(a_zip(dict.fromkeys([*names, "classes.dex"], b"")))
        assert result.content_type == "application/vnd.android.package-archive"


def test_a_library_for_android_is_not_called_a_program():
    result = inspected(a_zip(dict.fromkeys(["AndroidManifest.xml", "classes.jar"], b"")), "a.aar")

    assert result.content_type == "application/zip"
    assert "Extension" not in dict(result.facts)


MAIN_PARTS = {
    f"{OFFICE}wordprocessingml.document.main+xml": (f"{OFFICE}wordprocessingml.document", "docx"),
    f"{OFFICE}wordprocessingml.template.main+xml": (f"{OFFICE}wordprocessingml.template", "dotx"),
    f"{MICROSOFT}word.document.macroEnabled.main+xml": (f"{MICROSOFT}word.document.macroEnabled.12", "docm"),
    f"{MICROSOFT}word.template.macroEnabledTemplate.main+xml": (f"{MICROSOFT}word.template.macroEnabled.12", "dotm"),
    f"{OFFICE}spreadsheetml.sheet.main+xml": (f"{OFFICE}spreadsheetml.sheet", "xlsx"),
    f"{OFFICE}spreadsheetml.template.main+xml": (f"{OFFICE}spreadsheetml.template", "xltx"),
    f"{MICROSOFT}excel.sheet.macroEnabled.main+xml": (f"{MICROSOFT}excel.sheet.macroEnabled.12", "xlsm"),
    f"{MICROSOFT}excel.template.macroEnabled.main+xml": (f"{MICROSOFT}excel.template.macroEnabled.12", "xltm"),
    f"{MICROSOFT}excel.addin.macroEnabled.main+xml": (f"{MICROSOFT}excel.addin.macroEnabled.12", "xlam"),
    f"{MICROSOFT}excel.sheet.binary.macroEnabled.main": (f"{MICROSOFT}excel.sheet.binary.macroEnabled.12", "xlsb"),
    f"{OFFICE}presentationml.presentation.main+xml": (f"{OFFICE}presentationml.presentation", "pptx"),
    f"{OFFICE}presentationml.slideshow.main+xml": (f"{OFFICE}presentationml.slideshow", "ppsx"),
    f"{OFFICE}presentationml.template.main+xml": (f"{OFFICE}presentationml.template", "potx"),
    f"{MICROSOFT}powerpoint.presentation.macroEnabled.main+xml": (
        f"{MICROSOFT}powerpoint.presentation.macroEnabled.12",
        "pptm",
    ),
    f"{MICROSOFT}powerpoint.slideshow.macroEnabled.main+xml": (
        f"{MICROSOFT}powerpoint.slideshow.macroEnabled.12",
        "ppsm",
    ),
    f"{MICROSOFT}powerpoint.template.macroEnabled.main+xml": (
        f"{MICROSOFT}powerpoint.template.macroEnabled.12",
        "potm",
    ),
    f"{MICROSOFT}visio.drawing.main+xml": (f"{MICROSOFT}visio.drawing", "vsdx"),
    f"{MICROSOFT}package.3dmanufacturing-3dmodel+xml": ("model/3mf", "3mf"),
}


@pytest.mark.parametrize("main_part", MAIN_PARTS)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("chunk", [1_048_576, 61])
def test_an_office_document_is_what_the_list_of_its_parts_says_whatever_they_are_called(main_part, method, chunk):
    content_type, extension = MAIN_PARTS[main_part]
    parts = {"any/name.xml": b"x" * 900, "[Content_Types].xml": content_types("text/xml", main_part), "last": b""}
    result = inspected(a_zip(parts, method=method), f"a.{extension}", chunk)

    assert result.content_type == content_type
    assert "Extension" not in dict(result.facts)


@pytest.mark.parametrize(
    "names", [["word/document.xml"], ["xl/workbook.xml"], ["ppt/presentation.xml"], ["[Content_Types].xml"]]
)
def test_names_alone_make_no_office_document(names):
    assert inspected(a_zip(dict.fromkeys(names, b"<x/>"))).content_type == "application/zip"


def test_a_document_of_several_programs_is_none_of_them():
    parts = content_types(f"{OFFICE}spreadsheetml.sheet.main+xml", f"{OFFICE}wordprocessingml.document.main+xml")

    assert inspected(a_zip({"[Content_Types].xml": parts}), "a.pptx").content_type == "application/zip"


@pytest.mark.parametrize(
    ("stated", "content_type"),
    [
        (b"application/epub+zip", "application/epub+zip"),
        (b"application/epub+zip\r\n", "application/epub+zip"),
        (b"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        (
            b"application/vnd.oasis.opendocument.graphics-template",
            "application/vnd.oasis.opendocument.graphics-template",
        ),
        (b"text/html", "application/zip"),
        (b"application/pdf", "application/zip"),
        (b"\xff\xfe", "application/zip"),
        (b"application/vnd.oasis.opendocument." + b"x" * 5000, "application/zip"),
        (b"", "application/zip"),
    ],
)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_part_that_states_the_type_may_stand_anywhere(stated, content_type, method, place):
    names = ["content.xml", "META-INF/manifest.xml"]
    names.insert(place, "mimetype")
    parts = {name: stated if name == "mimetype" else b"x" * 70_000 for name in names}

    assert inspected(a_zip(parts, method=method), chunk=4_096).content_type == content_type


def test_the_parts_of_archives_inside_are_not_the_archive_s_own():
    book = a_zip({"mimetype": b"application/epub+zip"}, method=zipfile.ZIP_STORED)
    library = {f"{number}.epub": book for number in range(20)}
    own = {"mimetype": b"application/vnd.oasis.opendocument.text"}

    assert inspected(a_zip(library, method=zipfile.ZIP_STORED)).content_type == "application/zip"
    few = {f"{number}.EPUB": book for number in range(3)}
    for parts in ({**own, **library}, {**few, **own, **library}, {**library, **own, **few}):
        content = a_zip(parts, method=zipfile.ZIP_STORED)
        for chunk in (1_048_576, 50, 1):
            assert inspected(content, chunk=chunk).content_type == "application/vnd.oasis.opendocument.text"


def test_of_an_archive_whose_own_part_was_not_kept_no_other_part_is_taken_for_it():
    base = a_zip({"mimetype": b"application/vnd.oasis.opendocument.base"}, method=zipfile.ZIP_STORED)
    before, after = ({f"{number}.{end}": base for number in range(20)} for end in ("odb", "ODB"))
    own = {"mimetype": b"application/vnd.oasis.opendocument.text"}

    content = a_zip({**before, **own, **after}, method=zipfile.ZIP_STORED)

    assert inspected(content).content_type == "application/zip"


def test_a_locked_part_says_nothing():
    content = bytearray(a_zip({"mimetype": b"application/epub+zip"}))
    content[content.index(b"PK\1\2") + 8] |= 1

    assert inspected(bytes(content)).content_type == "application/zip"


@pytest.mark.parametrize(
    "stub",
    [
        b"#!/bin/sh\nexec java -jar $0\n",
        b"#!/usr/bin/env python3\n",
        b"#!/bin/sh\n" + b"# licence\n" * 9_000,
        NO_TYPE * 9,
    ],
)
def test_an_archive_behind_something_else_is_an_archive(stub):
    program = inspected(stub + a_zip({"META-INF/MANIFEST.MF": b"", "Main.class": b""}), "a.jar")
    plain = inspected(stub + a_zip(), "a.pyz")

    assert program.content_type == "application/java-archive"
    assert plain.content_type == "application/zip"
    assert dict(plain.facts) == {"Entries": "2", "Unpacked": "1.0 KB, as stated"}


def test_an_office_document_behind_something_else_is_read():
    assert inspected(b"\r\n" + a_docx(), "a.docx").content_type == DOCX


@pytest.mark.parametrize("program", [AN_EXE, b"\x7fELF\2\1\1" + bytes(200)])
def test_a_program_that_unpacks_itself_is_a_program_and_an_archive(program):
    result = inspected(program + a_zip(), "setup.exe" if program == AN_EXE else "setup")

    assert result.content_type in {"application/x-msdownload", "application/x-executable"}
    assert dict(result.facts)["Archive"] == "a ZIP archive behind a program"
    assert "Extension" not in facts_of(program + a_zip(), "a.zip")
    assert "Extension" in facts_of(program, "a.zip")
    assert "Extension" in facts_of(program + a_zip(), "a.pdf")


@pytest.mark.parametrize("content", [b"text\nPK\5\6" + bytes(18), NO_TYPE + b"PK\5\6\xff" + bytes(17), b"PK\5\6"])
def test_the_mark_of_a_directory_alone_makes_no_archive(content):
    result = inspected(content, "a.bin")

    assert "Entries" not in dict(result.facts) or content == b"PK\5\6"


def test_one_of_several_parts_of_an_archive_is_not_called_cut_off():
    """Split archives begin with a mark of their own; the directory is in the last part."""
    assert inspected(b"PK\7\x08" + a_zip()[:60], "a.z01").broken is None


def test_a_directory_is_found_where_it_is_stated_if_its_length_is_wrong():
    content = bytearray(a_zip())
    end = content.rindex(b"PK\5\6")
    content[end + 12 : end + 16] = (77).to_bytes(4, "little")

    assert facts_of(bytes(content))["Entries"] == "2"


def test_macros_are_reported():
    assert facts_of(a_docx("word/vbaProject.bin"))["Macros"] == "contains a program"
    assert "Macros" not in facts_of(a_docx())


def test_encrypted_entries_are_reported():
    assert facts_of(hand_made(entry(flags=1), entry()))["Encrypted"] == "1 of 2 entries"
    assert facts_of(hand_made(entry(flags=1), entry(flags=9)))["Encrypted"] == "all entries"
    assert "Encrypted" not in facts_of(a_zip())


def test_sizes_of_more_than_32_bits_are_read():
    extra = struct.pack("<2HQ", 1, 8, 6_000_000_000)
    other_extra_first = struct.pack("<2H4s", 0x5455, 4, b"time") + extra

    assert facts_of(hand_made(entry(size=0xFFFFFFFF, extra=extra)))["Unpacked"].startswith("5.6 GB")
    assert facts_of(hand_made(entry(size=0xFFFFFFFF, extra=other_extra_first)))["Unpacked"].startswith("5.6 GB")


def test_a_directory_of_the_newer_form_is_read(monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    content = a_zip({f"{number}.txt": b"12345" for number in range(7)})

    assert content.count(b"PK\6\6") == 1
    assert facts_of(content) == {"Entries": "7", "Unpacked": "35 bytes, as stated"}


def test_of_a_directory_longer_than_what_is_kept_the_stated_number_is_called_so():
    one = entry(b"n" * 200)
    count = TAIL // len(one) + 1

    assert facts_of(hand_made(*[one] * count)) == {"Entries": f"{count:,}, as stated"}


def test_a_bomb_is_named_and_not_unpacked():
    extra = struct.pack("<2HQ", 1, 8, 2**63)
    facts = facts_of(hand_made(*[entry(size=0xFFFFFFFF, extra=extra)] * 30))

    assert "times the size of the archive" in facts["Unpacked"]
    assert all(len(value) <= 80 for value in facts.values())


@pytest.mark.parametrize("left", [0.3, 0.9, 0.999])
def test_an_archive_that_is_cut_off_is_broken(left):
    content = a_zip({f"{number}.txt": b"x" * number for number in range(50)})
    result = inspected(content[: int(len(content) * left)])

    assert "cut off" in result.broken
    assert result.content_type == "application/zip"


@pytest.mark.parametrize(
    "content",
    [
        hand_made(entry(), stated_length=4_000_000_000, stated_start=41),
        hand_made(entry(), stated_length=20, stated_start=2**32 - 1),
        hand_made(entry()[:-1] + b"?", b"garbage that is no entry" * 3),
        hand_made(entry(), b"PK\1\3" + entry()[4:]),
        hand_made(entry(b"name longer than the directory")[:-20]),
    ],
)
def test_a_directory_that_lies_is_broken(content):
    result = inspected(content)

    assert "damaged" in result.broken


def test_an_office_document_in_an_archive_does_not_make_it_one():
    assert inspected(a_zip({"a.doc": an_ole_document("WordDocument")})).content_type == "application/zip"
