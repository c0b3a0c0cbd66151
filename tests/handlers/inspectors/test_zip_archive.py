"""ZIP archives, and what they are besides."""

from __future__ import annotations

import struct
import time
import zipfile

import pytest

from handlers.inspectors.zip_archive import TAIL
from tests.handlers.inspectors.files import a_docx, a_zip, an_ole_document, facts_of, inspected

OFFICE = "application/vnd.openxmlformats-officedocument."


def entry(name: bytes = b"x", *, size: int = 0, flags: int = 0, extra: bytes = b"") -> bytes:
    numbers = (b"PK\1\2", 20, 20, flags, 8, 0, 0, 0, 10, size, len(name), len(extra), 0, 0, 0, 0, 0)
    return struct.pack("<4s6H3L5H2L", *numbers) + name + extra


def hand_made(*entries: bytes, stated_entries: int | None = None, stated_length: int | None = None) -> bytes:
    directory = b"".join(entries)
    count = len(entries) if stated_entries is None else stated_entries
    length = len(directory) if stated_length is None else stated_length
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count % 65_536, count % 65_536, length, 40, 0)
    return b"PK\3\4" + bytes(36) + directory + end


@pytest.mark.parametrize("chunk", [1_048_576, 100, 3])
def test_entries_and_size_are_told_from_the_directory(chunk):
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


def test_macros_are_told():
    assert facts_of(a_docx("word/vbaProject.bin"))["Macros"] == "contains a program"
    assert "Macros" not in facts_of(a_docx())


def test_encrypted_entries_are_told():
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

    assert result.failure is not None
    assert result.failure.code == "broken"
    assert "cut off" in result.failure.message
    assert result.content_type == "application/zip"


@pytest.mark.parametrize(
    "content",
    [
        hand_made(entry(), stated_length=4_000_000_000),
        hand_made(entry(), stated_length=20),
        hand_made(entry()[:-1] + b"?", b"garbage that is no entry" * 3),
        hand_made(entry(), b"PK\1\3" + entry()[4:]),
        hand_made(entry(b"name longer than the directory")[:-20]),
    ],
)
def test_a_directory_that_lies_is_broken(content):
    result = inspected(content)

    assert result.failure is not None
    assert "damaged" in result.failure.message


def test_a_directory_of_nothing_but_entries_is_read_in_time():
    content = hand_made(*[entry(b"")] * (TAIL // 46 - 10))
    started = time.perf_counter()

    inspected(content)

    assert time.perf_counter() - started < 2


def test_an_office_document_in_an_archive_does_not_make_it_one():
    assert inspected(a_zip({"a.doc": an_ole_document("WordDocument")})).content_type == "application/zip"
