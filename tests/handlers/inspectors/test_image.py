"""Images, whole and broken."""

# ruff: noqa: RUF001 - a multiplication sign, as people write it

from __future__ import annotations

import struct

import pytest

from handlers.inspectors import gif
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
    png_part,
    turned,
)

CUT_OFF = "The image is cut off: its end is missing."
SIZE = "640 × 480 pixels"


@pytest.mark.parametrize("chunk", [1_048_576, 1000, 7])
@pytest.mark.parametrize(
    "content", [a_png(), a_jpeg(), a_gif(), a_webp(), a_bmp(), a_tiff(), a_heic(), a_heic(brand=b"avif")]
)
def test_the_size_of_the_picture_is_reported(content, chunk):
    assert facts_of(content, chunk=chunk)["Dimensions"] == SIZE


def test_large_pictures_are_reported_in_megapixels_too():
    assert facts_of(a_png(4032, 3024))["Dimensions"] == "4,032 × 3,024 pixels (12 megapixels)"


def test_one_megapixel_is_singular():
    assert facts_of(a_png(1280, 860))["Dimensions"] == "1,280 × 860 pixels (1 megapixel)"


def test_a_photo_taken_upright_is_higher_than_wide():
    assert facts_of(a_jpeg(segments=turned(6)))["Dimensions"] == "480 × 640 pixels"


def test_the_size_of_a_wide_gif_is_not_negative():
    assert facts_of(a_gif(40_000, 3))["Dimensions"] == "40,000 × 3 pixels"


def test_a_drawing_states_its_size_or_not():
    assert facts_of(AN_SVG)["Dimensions"] == "24 × 16 pixels"
    without = inspected(b"<svg viewBox='0 0 24 24'/>")
    assert without.broken is None
    assert "Dimensions" not in dict(without.facts)


def test_a_thumbnail_and_a_colour_profile_before_the_picture_do_not_hide_it():
    before = a_segment(0xE2, a_jpeg(16, 16)) + b"".join(a_segment(0xE2, b"profile" * 9000) for _ in range(12))

    assert facts_of(a_jpeg(segments=before))["Dimensions"] == SIZE


def test_what_is_written_behind_the_kept_head_is_unknown_and_not_broken():
    before = b"".join(a_segment(0xE2, bytes(65_000)) for _ in range(HEAD // 65_000 + 1))
    result = inspected(a_jpeg(segments=before, pixels=TAIL))

    assert result.broken is None
    assert "Dimensions" not in dict(result.facts)


def test_the_size_at_the_end_of_a_large_tiff_is_found():
    assert facts_of(a_tiff(pixels=HEAD + TAIL + 100))["Dimensions"] == SIZE


@pytest.mark.parametrize("stated", [0, 10, 2**31])
def test_what_a_bitmap_states_as_its_length_is_not_believed(stated):
    content = a_bmp(12, 8, is_packed=False)

    assert inspected(content[:2] + stated.to_bytes(4, "little") + content[6:]).broken is None


def test_the_last_row_of_a_bitmap_may_lack_what_fills_it_up():
    assert inspected(a_bmp(10, 8, pixels=94, is_packed=False)).broken is None
    assert inspected(a_bmp(10, 8, pixels=90, is_packed=False)).broken


def test_the_older_header_of_bitmaps_is_not_taken_for_the_usual_one():
    old = b"BM" + struct.pack("<L2HL", 126, 0, 0, 26) + struct.pack("<L4H", 12, 640, 480, 1, 24) + b"\x44" * 100

    assert inspected(old).content_type == "image/bmp"
    assert "Dimensions" not in facts_of(old)


@pytest.mark.parametrize("chunk", [1_048_576, 5])
@pytest.mark.parametrize(
    "content",
    [
        a_png(),
        a_jpeg(),
        a_gif(),
        a_webp(),
        a_bmp(12, 8, is_packed=False),
        a_tiff(),
        a_heic(),
        a_jpeg(segments=a_segment(0xE1, a_jpeg(9, 9))),
    ],
)
@pytest.mark.parametrize("left", [0.4, 0.9])
def test_an_image_that_is_cut_off_is_broken_and_keeps_its_checksum(content, left, chunk):
    result = inspected(content[: int(len(content) * left)], chunk=chunk)

    assert result.broken == CUT_OFF
    assert result.content_type.startswith("image/")
    assert len(result.sha256) == 64


@pytest.mark.parametrize("chunk", [1_048_576, 65_537])
def test_a_large_image_that_is_cut_off_is_broken(chunk):
    for content in (a_png(pixels=3_000_000), a_jpeg(pixels=3_000_000)):
        assert inspected(content, chunk=chunk).broken is None
        assert inspected(content[:-3], chunk=chunk).broken


@pytest.mark.parametrize("around", range(-9, 10))
def test_the_end_mark_is_seen_wherever_chunks_and_the_kept_head_end(around):
    for make in (a_png, a_jpeg):
        content = make(pixels=HEAD - len(make(pixels=0)) + around)

        assert inspected(content, chunk=HEAD).broken is None
        assert inspected(content, chunk=HEAD - 3).broken is None


def test_the_end_mark_is_seen_when_it_comes_byte_by_byte():
    for make in (a_png, a_jpeg):
        content = make(pixels=HEAD + 50)
        parts = [content[: HEAD + 20], *(content[place : place + 1] for place in range(HEAD + 20, len(content)))]

        assert inspect(parts, size=len(content), key="a").broken is None


@pytest.mark.parametrize("content", [a_png(), a_jpeg(), a_gif(), a_webp(), a_bmp(), a_tiff(), a_heic()])
def test_what_is_added_to_a_whole_image_does_not_break_it(content):
    assert inspected(content + b"a phone's short film" * 300).broken is None


@pytest.mark.parametrize("content", [a_png(0, 480), a_gif(640, 0), a_jpeg(0, 0), a_bmp(0, 5)])
def test_an_image_without_any_picture_is_broken(content):
    result = inspected(content)

    assert "does not say how large" in result.broken


def turns(quarters: int) -> bytes:
    return a_box(b"irot", bytes([quarters]))


def crop(width: int, height: int, by: int = 1) -> bytes:
    return a_box(b"clap", struct.pack(">8L", width * by, by, height * by, by, 0, 1, 0, 1))


MIRRORED = a_box(b"imir", b"\1")


@pytest.mark.parametrize(
    ("transforms", "shown"),
    [
        ((turns(0),), "640 × 480"),
        ((turns(1),), "480 × 640"),
        ((turns(2),), "640 × 480"),
        ((turns(3),), "480 × 640"),
        ((MIRRORED, turns(1)), "480 × 640"),
        ((crop(600, 400),), "600 × 400"),
        ((crop(63, 47, by=9),), "63 × 47"),
        ((crop(600, 400), turns(3)), "400 × 600"),
        ((crop(0, 0, by=0),), "640 × 480"),
    ],
)
@pytest.mark.parametrize("brand", [b"heic", b"avif"])
def test_a_boxed_image_is_as_large_as_it_is_shown(transforms, shown, brand):
    assert facts_of(a_heic(brand=brand, transforms=transforms))["Dimensions"] == f"{shown} pixels"


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("is_long", [False, True])
def test_the_properties_of_other_images_in_the_file_are_not_the_shown_one_s(version, is_long):
    """Thumbnails and tiles have sizes of their own, in tables with short and with long numbers."""
    properties = [a_box(b"ispe", bytes(4), struct.pack(">2L", *size)) for size in ((160, 120), (640, 480))]
    index = ">H" if is_long else ">B"
    rows = b"".join(
        struct.pack(">LB" if version else ">HB", number, len(places))
        + b"".join(struct.pack(index, at) for at in places)
        for number, places in ((7, [1, 3]), (8, [2]), (9, [1]))
    )
    which = a_box(b"ipma", bytes([version, 0, 0, is_long]), struct.pack(">L", 3), rows)
    item = a_box(b"pitm", bytes([version, 0, 0, 0]), struct.pack(">L" if version else ">H", 8))
    held = a_box(b"iprp", a_box(b"ipco", *properties, turns(1)), which)
    content = a_box(b"ftyp", b"heic", bytes(4), b"heic") + a_box(b"meta", bytes(4), item, held)

    assert facts_of(content)["Dimensions"] == SIZE


def test_the_tables_of_a_boxed_image_may_stand_at_its_end():
    content = a_heic(transforms=(turns(1),))
    start, meta, pixels = content[:24], content[24:-208], content[-208:]

    for many in (1, 8_000):
        late = start + struct.pack(">L4s", 8 + 200 * many, b"mdat") + pixels[8:] * many + meta
        assert facts_of(late, chunk=65_536)["Dimensions"] == "480 × 640 pixels"


def test_tables_that_have_gone_by_are_unknown_and_not_broken():
    content = a_heic()
    start, meta, pixels = content[:24], content[24:-208], bytes(2 * HEAD)
    boxes = (start, a_box(b"mdat", pixels), meta, a_box(b"mdat", pixels))
    result = inspected(b"".join(boxes), chunk=65_536)

    assert result.broken is None
    assert "Dimensions" not in dict(result.facts)


def a_tiff_of(*tags: tuple[int, int]) -> bytes:
    entries = b"".join(struct.pack("<HHLHH", tag, 3, 1, value, 0) for tag, value in sorted(tags))
    return b"II*\0" + struct.pack("<LH", 8, len(tags)) + entries + bytes(40)


@pytest.mark.parametrize("tag", [(254, 1), (330, 200)])
def test_the_preview_in_a_raw_photo_is_not_taken_for_the_photo(tag):
    """254 says that the image is a small one, 330 that others stand elsewhere: TIFF 6.0, TIFF/EP."""
    plain = a_tiff_of((256, 160), (257, 120))
    preview = a_tiff_of((256, 160), (257, 120), tag)

    assert facts_of(plain, "a.nef")["Dimensions"] == "160 × 120 pixels"
    assert "Dimensions" not in facts_of(preview, "a.nef")


@pytest.mark.parametrize("orientation", [1, 3])
def test_an_image_that_programs_show_alike_has_its_size(orientation):
    exif = b"MM\0*" + struct.pack(">LHHHLHH", 8, 1, 274, 3, 1, orientation, 0)

    assert facts_of(a_png(before_pixels=png_part(b"eXIf", exif)))["Dimensions"] == SIZE


@pytest.mark.parametrize("orientation", [6, 8])
def test_an_image_that_some_programs_show_on_its_side_has_no_size(orientation):
    """PNG and WebP may say that they are turned. Browsers and viewers differ in whether they follow."""
    exif = b"MM\0*" + struct.pack(">LHHHLHH", 8, 1, 274, 3, 1, orientation, 0)
    webp = a_webp() + b"EXIF" + struct.pack("<L", len(exif)) + exif

    assert "Dimensions" not in facts_of(a_png(before_pixels=png_part(b"eXIf", exif)))
    assert "Dimensions" not in facts_of(webp)


@pytest.mark.parametrize("chunk", [1_048_576, 1])
def test_a_gif_may_lack_its_last_byte_and_no_more(chunk):
    content = a_gif()

    assert inspected(content[:-1], chunk=chunk).broken is None
    for length in range(10, len(content) - 1):
        if length != 13:  # between the header and the first block
            assert inspected(content[:length], chunk=chunk).broken, length


def test_a_gif_of_endless_blocks_is_not_looked_through(monkeypatch):
    monkeypatch.setattr(gif, "MOST_BLOCKS", 10)

    assert inspected(a_gif()[:-1] + b"!\xfe" + b"\1." * 20).broken is None


@pytest.mark.parametrize(
    ("root", "shown"),
    [
        ("<svg width='24' height='16'/>", "24 × 16 pixels"),
        ("<svg width='1in' height='72pt'/>", "96 × 96 pixels"),
        ("<svg width='2.54cm' height='25.4mm'/>", "96 × 96 pixels"),
        ("<svg width='50%' height='100%'/>", None),
        ("<svg width='auto' height='16'/>", None),
        ("<svg viewBox='0 0 9 9'><rect width='7' height='8'/></svg>", None),
        ("<!-- width='7' height='8' --><svg width='24' height='16'/>", "24 × 16 pixels"),
    ],
)
def test_the_size_of_a_drawing_is_that_of_its_root(root, shown):
    for content in (root.encode(), f"<?xml version='1.0'?>\n{root}".encode("utf-16")):
        assert facts_of(content, "a.svg").get("Dimensions") == shown


def test_a_table_made_to_take_hours_is_not_read():
    endless = struct.pack(">BBHHHH", 0, 0, 1, 0, 0, 0xFFFF) * 20_000  # 20,000 items of 65,535 parts without any bytes
    content = a_heic(extra=a_box(b"iloc", b"\2\0\0\0", b"\0\0", struct.pack(">L", 20_000), endless))

    assert facts_of(content)["Dimensions"] == SIZE


def test_endless_markers_and_boxes_end():
    assert inspected(b"\xff\xd8" + b"\xff" * 300_000).broken
    assert inspected(b"\xff\xd8\xff\xe0" + b"\xff\xd0" * 300_000).broken
    assert inspected(a_heic() + a_box(b"free") * 100_000).broken is None
    assert inspected(a_heic() + struct.pack(">L4sQ", 1, b"free", 0)).broken is None, "a box of no length at all"
