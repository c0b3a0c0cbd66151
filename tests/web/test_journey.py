"""What a person does: sign in, upload, watch, find, open, download, delete."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.api.test_preview import PIXEL
from tests.e2e.stack import ROOT

EVIL = "<img src=x onerror=alert(1)>.png"
LARGE = os.urandom(20 * 1024 * 1024)
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"


def upload(tab, file: Path | dict, folder: str = "") -> None:
    """A file on disk, or {name, mimeType, buffer} where no disk would take the name."""
    name = file.name if isinstance(file, Path) else file["name"]
    tab.get_by_role("button", name="Upload", exact=True).click()
    if folder:
        tab.get_by_role("textbox", name="Folder").fill(folder)
    tab.locator("input[type=file]").set_input_files(file)
    tab.get_by_role("link", name=f"See it: {name}").wait_for()


def open_processed(tab, name: str) -> None:
    """From the upload panel to the file's page, once it has been inspected."""
    tab.get_by_role("link", name=f"See it: {name}").click()
    tab.get_by_role("heading", name=name).wait_for()
    tab.get_by_text("Processed").first.wait_for()


def test_a_stranger_is_asked_to_sign_in(tab):
    tab.goto("/files")

    tab.get_by_role("button", name="Sign in").wait_for()


def test_the_page_says_where_an_upload_will_be_and_there_it_is(signed_in):
    signed_in.get_by_role("button", name="Upload", exact=True).click()
    signed_in.get_by_role("textbox", name="Folder").fill("where/2026")
    signed_in.get_by_text("Goes to people/maria/where/2026/").wait_for()
    signed_in.locator("input[type=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    signed_in.get_by_role("link", name="See it: a.txt").wait_for()
    open_processed(signed_in, "a.txt")
    signed_in.get_by_role("link", name="Folder people/maria/where/2026").click()

    signed_in.get_by_role("link", name="a.txt", exact=True).wait_for()


def test_a_hostile_name_is_only_a_name(signed_in):
    upload(signed_in, {"name": EVIL, "mimeType": "image/png", "buffer": PIXEL}, folder="evil/2026")
    open_processed(signed_in, EVIL)

    assert signed_in.title().startswith(EVIL)
    signed_in.get_by_text("image/png").first.wait_for()
    signed_in.get_by_text(sha256(PIXEL).hexdigest()).wait_for()


def test_an_image_is_shown_on_its_page(signed_in):
    upload(signed_in, {"name": "pixel.png", "mimeType": "image/png", "buffer": PIXEL})
    open_processed(signed_in, "pixel.png")
    image = signed_in.get_by_role("img", name="Content of pixel.png")
    image.wait_for()
    # A message takes its place when it does not load.
    signed_in.wait_for_function("document.querySelector('.preview img').complete")

    assert image.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1, 1]


def test_the_source_of_a_page_is_shown_and_nothing_of_it_runs(signed_in):
    source = "<!doctype html><script>alert(1)</script><p>é</p>"
    upload(signed_in, {"name": "page.html", "mimeType": "text/html", "buffer": source.encode()})
    open_processed(signed_in, "page.html")

    signed_in.get_by_role("region", name="Content").get_by_text(source).wait_for()


def test_a_large_file_is_uploaded_found_opened_and_downloaded_as_it_was(signed_in, tmp_path):
    large = tmp_path / "large.bin"
    large.write_bytes(LARGE)
    upload(signed_in, large, folder="search-me")
    open_processed(signed_in, "large.bin")
    signed_in.get_by_text(sha256(LARGE).hexdigest()).wait_for()
    signed_in.get_by_role("link", name="Files").first.click()
    signed_in.get_by_label("Search by the beginning of the path").fill("people/maria/search-me/")
    signed_in.get_by_role("link", name="large.bin", exact=True).click()
    with signed_in.expect_download() as saved:
        signed_in.get_by_role("button", name="Download").click()

    assert saved.value.suggested_filename == "large.bin"
    assert Path(saved.value.path()).read_bytes() == LARGE


def test_a_file_that_is_deleted_is_gone_from_the_list(signed_in):
    upload(signed_in, {"name": "short-lived.txt", "mimeType": "text/plain", "buffer": b"bye"})
    open_processed(signed_in, "short-lived.txt")
    signed_in.get_by_role("button", name="Delete").click()
    signed_in.get_by_role("dialog").get_by_role("button", name="Delete").click()
    signed_in.get_by_role("heading", name="Files", exact=True).wait_for()
    signed_in.get_by_label("Search by the beginning of the path").fill("people/maria/short-lived")

    signed_in.get_by_role("row").filter(has_text="short-lived.txt").wait_for(state="detached")


def test_several_files_are_deleted_at_once(signed_in):
    for name in ("first.txt", "second.txt"):
        upload(signed_in, {"name": name, "mimeType": "text/plain", "buffer": b"bye"}, folder="several")
        open_processed(signed_in, name)  # the page lists an upload before the catalogue knows it
        signed_in.goto("/files")
    signed_in.goto("/files?prefix=people%2Fmaria%2Fseveral%2F")
    signed_in.get_by_role("checkbox", name="Select second.txt").wait_for()
    signed_in.get_by_role("checkbox", name="Select all files shown").check()
    signed_in.get_by_role("button", name="Delete").click()
    signed_in.get_by_role("button", name="Delete 2 files").click()
    signed_in.get_by_role("heading", name="2 files deleted").wait_for()
    signed_in.get_by_role("button", name="Close").click()

    signed_in.get_by_role("heading", name="No file starts like that").wait_for()


def test_a_link_of_several_saves_its_own_file(signed_in):
    for name in ("one.txt", "two.txt"):
        upload(signed_in, {"name": name, "mimeType": "text/plain", "buffer": name.encode()}, folder="links")
        open_processed(signed_in, name)
        signed_in.goto("/files")
    signed_in.goto("/files?prefix=people%2Fmaria%2Flinks%2F")
    signed_in.get_by_role("checkbox", name="Select two.txt").wait_for()
    expect(signed_in.get_by_text("Being scanned")).to_have_count(0)
    signed_in.get_by_role("checkbox", name="Select all files shown").check()
    signed_in.get_by_role("button", name="Download links").click()
    with signed_in.expect_download() as saved:
        signed_in.get_by_role("link", name="Save two.txt").click()

    assert Path(saved.value.path()).read_bytes() == b"two.txt"


def test_a_file_that_arrives_elsewhere_appears_without_a_reload(viewer, stack):
    viewer.goto("/files")
    viewer.get_by_role("heading", name="Files", exact=True).wait_for()
    stack.aws.s3.put_object(Bucket=stack.outputs["bucketName"], Key="elsewhere/arrived.txt", Body=b"hello")

    viewer.get_by_role("link", name="arrived.txt").wait_for()


def test_an_unknown_address_with_a_dot_shows_the_pages_own_not_found(viewer):
    viewer.goto("/files/report.pdf")

    viewer.get_by_role("heading", name="There is nothing here").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/files", "/overview"])
def test_axe_finds_no_violation(viewer, theme, path):
    viewer.emulate_media(color_scheme=theme)
    viewer.goto(path)
    viewer.get_by_role("heading", level=1).wait_for()
    viewer.wait_for_load_state("networkidle")
    found = viewer.context.new_cdp_session(viewer).send(
        "Runtime.evaluate",
        {
            "expression": f"{AXE.read_text()};axe.run().then(r => JSON.stringify(r.violations.map(v => v.id)))",
            "awaitPromise": True,
        },
    )

    assert found["result"]["value"] == "[]"


def test_nothing_scrolls_sideways_on_a_phone(signed_in):
    signed_in.set_viewport_size({"width": 360, "height": 720})
    signed_in.goto("/files")
    signed_in.get_by_role("heading", level=1).wait_for()

    assert signed_in.evaluate("document.documentElement.scrollWidth") <= 360
