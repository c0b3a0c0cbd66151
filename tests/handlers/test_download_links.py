"""Download links lead where they say, or are refused with the command that downloads the file."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import file_id_of
from handlers.data.items import Item
from handlers.data.listing import Listing
from handlers.logic.files import FilesApi
from handlers.logic.links import UnlinkableFileError
from tests.examples import a_person
from tests.handlers.audited import unread

BUCKET = "uploads"
SEGMENTS = st.sampled_from([".", "..", "...", "a", ".a", "%2e", "b c", "é", "", "?", "#", "\\"])


class Knows:
    """A catalogue with one file."""

    def __init__(self, key: str, version_id: str = "") -> None:
        self.item = Item(
            id=file_id_of(BUCKET, key),
            bucket=BUCKET,
            key=key,
            region="eu-west-1",
            status="processed",
            order="1",
            time="2026-11-23T08:41:07Z",
            version_id=version_id,
        )

    def read(self, _file_id: str) -> Item:
        return self.item


def link(key: str, version_id: str = "") -> str:
    catalogue = Knows(key, version_id)
    s3 = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    listing = Listing(dynamodb=None, table="", buckets={BUCKET: s3})  # type: ignore[arg-type]
    files = FilesApi(
        catalogue=catalogue,  # type: ignore[arg-type]
        listing=listing,
        stats=None,  # type: ignore[arg-type]
        bucket=BUCKET,
        work={},
        uploader=lambda _: s3,
        remover=lambda *_: s3,
        audit=unread(),
        max_upload_bytes=1,
    )
    return files.download_file(catalogue.item.id, a_person())["url"]


@given(st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join).filter(bool))
def test_a_link_leads_to_the_file_also_after_a_browser_has_shortened_its_path(key):
    try:
        url = link(key)
    except UnlinkableFileError:
        assert not {".", ".."}.isdisjoint(key.split("/"))
        return

    path = urlsplit(url).path
    assert httpx.URL(url).raw_path.split(b"?")[0].decode() == path
    assert {".", "..", "%2e", "%2E"}.isdisjoint(path.split("/"))


def test_a_link_leads_to_the_version_that_the_catalogue_shows_and_was_scanned():
    assert parse_qs(urlsplit(link("a.pdf", "v7")).query)["versionId"] == ["v7"]


@pytest.mark.parametrize("version_id", ["", "null"])
def test_a_link_to_a_file_without_versions_names_none(version_id):
    assert "versionId" not in parse_qs(urlsplit(link("a.pdf", version_id)).query)


def test_a_download_is_saved_under_the_files_own_name():
    (disposition,) = parse_qs(urlsplit(link("a/b c.html")).query)["response-content-disposition"]

    assert disposition == "attachment; filename*=UTF-8''b%20c.html"


@pytest.mark.parametrize("key", ["a/../b.txt", "./a", "..", "a/."])
def test_a_file_that_no_link_reaches_comes_with_the_command_that_downloads_it(key):
    with pytest.raises(UnlinkableFileError, match=r"aws s3api get-object --region eu-west-1 --bucket uploads --key "):
        link(key)


def test_the_command_names_keys_that_a_shell_would_read_otherwise():
    with pytest.raises(UnlinkableFileError, match=r"--key 'a b/\.\./\$HOME' "):
        link("a b/../$HOME")
