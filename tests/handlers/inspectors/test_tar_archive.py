"""tar archives, as several programs write them."""

from __future__ import annotations

import io
import tarfile

import pytest

from handlers.inspectors import tar_archive
from tests.handlers.inspectors.files import a_tar, facts_of, inspected


def header(**changes: object) -> bytes:
    about = tarfile.TarInfo("x")
    for name, value in changes.items():
        setattr(about, name, value)
    return about.tobuf(tarfile.GNU_FORMAT)


def signed(block: bytes, position: int, replacement: bytes) -> bytes:
    """A header with other bytes and the sum that goes with them."""
    changed = bytearray(block)
    changed[position : position + len(replacement)] = replacement
    changed[148:156] = b" " * 8
    changed[148:156] = b"%06o\0 " % sum(changed)
    return bytes(changed)


@pytest.mark.parametrize("chunk", [1_048_576, 512, 7])
def test_entries_and_size_are_reported(chunk):
    assert facts_of(a_tar(), chunk=chunk) == {"Entries": "3", "Unpacked": "1.0 KB"}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names_are_not_counted_as_entries(form):
    long = "d/" * 60 + "n" * 90 if form != tarfile.USTAR_FORMAT else "d" * 90
    files = {long: b"1" * 700, "tệp.txt" if form == tarfile.PAX_FORMAT else "file.txt": b"2"}

    assert facts_of(a_tar(files, form))["Entries"] == "3"


def test_links_state_a_size_that_does_not_follow():
    target = io.BytesIO()
    target.write(header(type=tarfile.LNKTYPE, linkname="y", size=5000) + header(name="y") + bytes(1024))

    assert facts_of(target.getvalue()) == {"Entries": "2", "Unpacked": "0 bytes"}


def test_sizes_in_base_256_are_read():
    content = signed(header(), 124, b"\x80" + (700).to_bytes(11, "big")) + bytes(1024) + bytes(1024)

    assert facts_of(content)["Unpacked"] == "700 bytes"


def test_headers_that_old_programs_summed_with_signs_are_in_order():
    changed = bytearray(signed(header(), 0, "tệp".encode()))
    total = sum(changed[:148]) + 8 * 32 + sum(changed[156:]) - 256 * sum(byte > 127 for byte in changed[:148])
    changed[148:156] = b"%06o\0 " % total

    assert facts_of(bytes(changed) + bytes(1024))["Entries"] == "1"


def test_an_archive_without_the_zeros_at_its_end_is_in_order():
    assert facts_of(a_tar().rstrip(b"\0").ljust(512 * 6, b"\0")[: 512 * 6])["Entries"] == "3"


def test_what_follows_the_end_is_not_looked_at():
    assert inspected(a_tar() + b"garbage" * 1000).broken is None


def test_sparse_files_and_endless_entries_are_not_counted_out(monkeypatch):
    sparse = signed(header(), 156, b"S") + b"\1" * 512

    assert facts_of(header() + sparse) == {"Entries": "2 or more"}
    monkeypatch.setattr(tar_archive, "MOST_ENTRIES", 5)
    assert facts_of(header() * 100) == {"Entries": "5 or more"}


@pytest.mark.parametrize("chunk", [1_048_576, 512, 7])
def test_the_size_of_files_with_holes_is_not_reported(chunk):
    """In the newer form the holes are cut out, and words before the file say so."""
    about = tarfile.TarInfo("a")
    about.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.realsize": "1048578"}

    assert facts_of(about.tobuf(tarfile.PAX_FORMAT) + bytes(1024), chunk=chunk) == {"Entries": "1"}


@pytest.mark.parametrize("left", [700, 1024, 1030, 2000])
def test_an_archive_that_is_cut_off_is_broken(left):
    result = inspected(a_tar()[:left])

    assert "cut off" in result.broken


@pytest.mark.parametrize(
    "content",
    [
        a_tar()[:512] + b"no header" * 200,
        header()[:148] + b"000001\0 " + header()[156:],
        signed(header(), 124, b"99999999999\0"),
        signed(header(), 124, b"\xff" * 12),
    ],
)
def test_headers_that_do_not_add_up_are_broken(content):
    result = inspected(content + bytes(1024))

    assert "damaged" in result.broken


def test_a_size_that_lies_is_cut_off_and_takes_no_memory():
    result = inspected(signed(header(), 124, b"\x80" + b"\xff" * 11) + bytes(1024))

    assert "cut off" in result.broken
