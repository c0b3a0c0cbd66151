"""Images, whole and broken."""

# ruff: noqa: RUF001 - a multiplication sign, as people write it

from __future__ import annotations

import struct

import pytest

from handlers.inspectors.image import HEAD, TAIL
from handlers.logic.inspection import inspect
from tests.handlers.inspectors.files import (
    AN_SVG,
    a_bmp,
    a_box,
    a_gif,
    a_heic,
    a_jpeg,
    a_png,
    a_segment,
    a_tiff,
    a_webp,
    facts_of,
    inspected,
    turned,
)

CUT_OFF = "The image is cut off: its end is missing."
SIZE = "640 × 480 pixels"


@pytest.mark.parametrize("chunk", [1_048_576, 1000, 7])
@pytest.mark.parametrize(
    "content", [a_png(), a_jpeg(), a_gif(), a_webp(), a_bmp(), a_tiff(), a_heic(), a_heic(brand=b"avif")]
)
def test_the_size_of_the_picture_is_told(content, chunk):
    assert facts_of(content, chunk=chunk)["Dimensions"] == SIZE


def test_large_pictures_are_told_in_megapixels_too():
    assert facts_of(a_png(4032, 3024))["Dimensions"] == "4,032 × 3,024 pixels (12 megapixels)"


def test_a_photo_taken_upright_is_higher_than_wide():
    assert facts_of(a_jpeg(segments=turned(6)))["Dimensions"] == "480 × 640 pixels"


def test_the_size_of_a_wide_gif_is_not_negative():
    assert facts_of(a_gif(40_000, 3))["Dimensions"] == "40,000 × 3 pixels"


def test_a_drawing_states_its_size_or_not():
    assert facts_of(AN_SVG)["Dimensions"] == "24 × 16 pixels"
    without = inspected(b"<svg viewBox='0 0 24 24'/>")
    assert without.failure is None
    assert "Dimensions" not in dict(without.facts)


def test_a_thumbnail_and_a_colour_profile_before_the_picture_do_not_hide_it():
    before = a_segment(0xE2, a_jpeg(16, 16)) + b"".join(a_segment(0xE2, b"profile" * 9000) for _ in range(12))

    assert facts_of(a_jpeg(segments=before))["Dimensions"] == SIZE


def test_what_is_written_behind_the_kept_head_is_unknown_and_not_broken():
    before = b"".join(a_segment(0xE2, bytes(65_000)) for _ in range(HEAD // 65_000 + 1))
    result = inspected(a_jpeg(segments=before, pixels=TAIL))

    assert result.failure is None
    assert "Dimensions" not in dict(result.facts)


def test_the_size_at_the_end_of_a_large_tiff_is_found():
    assert facts_of(a_tiff(pixels=HEAD + TAIL + 100))["Dimensions"] == SIZE


def test_the_older_header_of_bitmaps_is_not_taken_for_the_usual_one():
    old = b"BM" + struct.pack("<L2HL", 126, 0, 0, 26) + struct.pack("<L4H", 12, 640, 480, 1, 24) + b"\x44" * 100

    assert inspected(old).content_type == "image/bmp"
    assert "Dimensions" not in facts_of(old)


@pytest.mark.parametrize("chunk", [1_048_576, 5])
@pytest.mark.parametrize(
    "content",
    [a_png(), a_jpeg(), a_webp(), a_bmp(), a_tiff(), a_heic(), a_jpeg(segments=a_segment(0xE1, a_jpeg(9, 9)))],
)
@pytest.mark.parametrize("left", [0.4, 0.9])
def test_an_image_that_is_cut_off_is_broken_and_keeps_its_checksum(content, left, chunk):
    result = inspected(content[: int(len(content) * left)], chunk=chunk)

    assert result.failure is not None
    assert (result.failure.code, result.failure.message) == ("broken", CUT_OFF)
    assert result.content_type.startswith("image/")
    assert len(result.sha256) == 64


@pytest.mark.parametrize("chunk", [1_048_576, 65_537])
def test_a_large_image_that_is_cut_off_is_broken(chunk):
    for content in (a_png(pixels=3_000_000), a_jpeg(pixels=3_000_000)):
        assert inspected(content, chunk=chunk).failure is None
        assert inspected(content[:-3], chunk=chunk).failure is not None


@pytest.mark.parametrize("around", range(-9, 10))
def test_the_end_mark_is_seen_wherever_chunks_and_the_kept_head_end(around):
    for make in (a_png, a_jpeg):
        content = make(pixels=HEAD - len(make(pixels=0)) + around)

        assert inspected(content, chunk=HEAD).failure is None
        assert inspected(content, chunk=HEAD - 3).failure is None


def test_the_end_mark_is_seen_when_it_comes_byte_by_byte():
    for make in (a_png, a_jpeg):
        content = make(pixels=HEAD + 50)
        parts = [content[: HEAD + 20], *(content[place : place + 1] for place in range(HEAD + 20, len(content)))]

        assert inspect(parts, size=len(content), key="a").failure is None


@pytest.mark.parametrize("content", [a_png(), a_jpeg(), a_gif(), a_webp(), a_bmp(), a_tiff(), a_heic()])
def test_what_is_added_to_a_whole_image_does_not_break_it(content):
    assert inspected(content + b"a phone's short film" * 300).failure is None


@pytest.mark.parametrize("content", [a_png(0, 480), a_gif(640, 0), a_jpeg(0, 0), a_bmp(0, 5)])
def test_an_image_without_any_picture_is_broken(content):
    result = inspected(content)

    assert result.failure is not None
    assert "does not say how large" in result.failure.message


def test_a_table_made_to_take_hours_is_not_read():
    endless = struct.pack(">BBHHHH", 0, 0, 1, 0, 0, 0xFFFF) * 20_000  # 20,000 items of 65,535 parts without any bytes
    content = a_heic(extra=a_box(b"iloc", b"\2\0\0\0", b"\0\0", struct.pack(">L", 20_000), endless))

    assert facts_of(content)["Dimensions"] == SIZE


def test_endless_markers_and_boxes_end():
    assert inspected(b"\xff\xd8" + b"\xff" * 300_000).failure is not None
    assert inspected(b"\xff\xd8\xff\xe0" + b"\xff\xd0" * 300_000).failure is not None
    assert inspected(a_heic() + a_box(b"free") * 100_000).failure is None
    assert inspected(a_heic() + struct.pack(">L4sQ", 1, b"free", 0)).failure is None, "a box of no length at all"
