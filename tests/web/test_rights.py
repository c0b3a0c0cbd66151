"""The local stack's reader, editor and admin: each is offered what they may do, and no more."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from local.people import PASSWORD
from tests.web.conftest import sign_in
from tests.web.test_journey import open_processed, upload

CHANGES = ("Reprocess", "Delete")


@pytest.fixture
def open_as(tab, stack):
    """open_as("reader", "a.txt") signs in, and opens a file that the stack has in shared/."""

    def signed_in(name: str, file: str):
        stack.upload(f"shared/{file}", b"one line\n")
        sign_in(tab, name, PASSWORD)
        tab.get_by_role("link", name=file, exact=True).click()
        tab.get_by_text("Processed").first.wait_for()
        return tab

    return signed_in


def test_a_reader_finds_and_downloads_a_file_and_is_offered_no_change(open_as):
    tab = open_as("reader", "for-the-reader.txt")
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Download").click()

    assert saved.value.suggested_filename == "for-the-reader.txt"
    for change in CHANGES:
        expect(tab.get_by_role("button", name=change)).to_have_count(0)
    tab.goto("/files")
    tab.get_by_role("checkbox", name="Select for-the-reader.txt").check()
    tab.get_by_role("button", name="Download links").wait_for()
    for change in ("Upload", *CHANGES):
        expect(tab.get_by_role("button", name=change)).to_have_count(0)


def test_an_editor_uploads_and_has_a_file_inspected_again_and_is_offered_no_deletion(open_as):
    tab = open_as("editor", "for-the-editor.txt")
    tab.get_by_role("button", name="Reprocess").click()
    tab.get_by_text("The file waits to be inspected again").wait_for()
    tab.goto("/files")
    upload(tab, {"name": "by-the-editor.txt", "mimeType": "text/plain", "buffer": b"mine"})
    open_processed(tab, "by-the-editor.txt")

    expect(tab.get_by_role("button", name="Reprocess")).to_have_count(1)
    expect(tab.get_by_role("button", name="Delete")).to_have_count(0)


def test_an_admin_deletes(open_as):
    tab = open_as("admin", "for-the-admin.txt")
    tab.get_by_role("button", name="Delete").click()
    tab.get_by_role("dialog").get_by_role("button", name="Delete").click()
    tab.get_by_role("heading", name="Files", exact=True).wait_for()
    tab.get_by_label("Search by the beginning of the path").fill("shared/for-the-admin")

    tab.get_by_role("heading", name="No file starts like that").wait_for()
