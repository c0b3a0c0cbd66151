"""Uploads in parts: what is signed leaves S3 no other key, type or length, and nobody else's uploads are signed."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pytest

from handlers.logic.multipart import BATCH, MAX_PARTS, PART_BYTES, StartedUpload, links_of, start_of
from handlers.logic.uploads import RefusedUploadError, UploadRequest

MAX_BYTES = 51_200 * 1024 * 1024
KEY = "people/maria/video.mp4"
REQUEST = UploadRequest(name="video.mp4", size=PART_BYTES * 60 + 5, content_type="video/mp4")


@pytest.fixture(scope="module")
def s3():
    config = boto3.session.Config(signature_version="s3v4")
    return boto3.client("s3", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b", config=config)


def links(s3, *, size=REQUEST.size, first_part=1, key=KEY, max_bytes=MAX_BYTES):
    upload = StartedUpload(key=key, upload_id="u/1", size=size, first_part=first_part)
    return links_of(s3, "uploads", upload, person="maria", max_bytes=max_bytes)


def query(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


def test_the_type_is_signed_where_the_upload_starts(s3):
    start = start_of(s3, "uploads", KEY, REQUEST, max_bytes=MAX_BYTES)

    assert query(start["url"])["X-Amz-SignedHeaders"] == "content-type;host"
    assert start["headers"] == {"Content-Type": "video/mp4"}
    assert "uploads" in query(start["url"])


@pytest.mark.parametrize("name", ["US$ 100.txt", "$$.txt", "${filename}"])
def test_a_name_that_no_form_takes_is_signed_as_it_is(s3, name):
    start = start_of(s3, "uploads", f"people/maria/{name}", REQUEST, max_bytes=MAX_BYTES)

    assert unquote(urlsplit(start["url"]).path) == f"/people/maria/{name}"


def test_the_length_of_every_part_is_signed(s3):
    parts = links(s3)["parts"]

    assert {query(part["url"])["X-Amz-SignedHeaders"] for part in parts} == {"content-length;host"}
    assert [int(query(part["url"])["partNumber"]) for part in parts] == [part["partNumber"] for part in parts]


def test_parts_are_signed_in_batches_up_to_the_end_of_the_file(s3):
    assert [part["partNumber"] for part in links(s3)["parts"]] == list(range(1, BATCH + 1))
    assert [part["partNumber"] for part in links(s3, first_part=55)["parts"]] == list(range(55, 62))


def test_a_file_that_ends_with_a_whole_part_has_no_empty_one_behind_it(s3):
    assert [part["partNumber"] for part in links(s3, size=2 * PART_BYTES)["parts"]] == [1, 2]


def test_another_length_is_another_signature(s3, monkeypatch):
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: datetime(2026, 11, 23, tzinfo=UTC))
    last, longer = (links(s3, size=size)["parts"][-1]["url"] for size in (PART_BYTES + 5, PART_BYTES + 6))

    assert query(last)["X-Amz-Signature"] != query(longer)["X-Amz-Signature"]


def test_every_link_is_for_this_upload_alone(s3):
    found = links(s3)
    for url in (*(part["url"] for part in found["parts"]), found["listUrl"], found["completeUrl"], found["abortUrl"]):
        assert unquote(urlsplit(url).path).endswith(KEY)
        assert query(url)["uploadId"] == "u/1"


@pytest.mark.parametrize("key", ["people/jonas/video.mp4", "people/maria", "people/maria2/video.mp4", "inbox/a"])
def test_another_persons_key_is_not_signed(s3, key):
    with pytest.raises(RefusedUploadError, match="not one of your uploads"):
        links(s3, key=key)


@pytest.mark.parametrize("first_part", [0, 62])
def test_a_part_behind_the_end_is_not_signed(s3, first_part):
    with pytest.raises(RefusedUploadError, match=f"there is no part {first_part}"):
        links(s3, first_part=first_part)


def test_more_than_the_limit_is_not_signed(s3):
    with pytest.raises(RefusedUploadError, match="at most 1,024 can be uploaded"):
        links(s3, max_bytes=1024)
    with pytest.raises(RefusedUploadError, match="at most 1,024 can be uploaded"):
        start_of(s3, "uploads", KEY, REQUEST, max_bytes=1024)


def test_the_largest_upload_has_fewer_parts_than_s3_takes():
    assert MAX_BYTES / PART_BYTES <= MAX_PARTS
