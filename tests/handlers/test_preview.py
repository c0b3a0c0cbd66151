"""Previews: only of inspected files, only as the type that was detected, and never as something that runs."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from domain.access import EVERYTHING
from handlers.data.items import Item
from handlers.logic.preview import MAX_IMAGE_BYTES, TEXT_HEAD, NoPreviewError, kind_of, preview_of
from handlers.logic.responses import details_of

IMAGE = Item(
    id="0" * 32,
    bucket="uploads",
    key="photos/harbour.jpg",
    region="eu-west-1",
    status="processed",
    order="1",
    time="2026-11-23T08:41:07Z",
    size=5_000_000,
    version_id="v1",
    content_type="image/jpeg",
)


@pytest.fixture(scope="module")
def s3():
    config = boto3.session.Config(signature_version="s3v4")
    return boto3.client("s3", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b", config=config)


def query(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize(
    ("content_type", "kind", "sent"),
    [
        ("image/jpeg", "image", "image/jpeg"),
        ("image/png", "image", "image/png"),
        ("image/apng", "image", "image/png"),
        ("image/avif", "image", "image/avif"),
        ("application/pdf", "pdf", "application/pdf"),
        ("text/plain", "text", "text/plain; charset=utf-8"),
        ("application/json", "text", "text/plain; charset=utf-8"),
        ("text/html", "text", "text/plain; charset=utf-8"),
        ("image/svg+xml", "text", "text/plain; charset=utf-8"),
        ("application/xhtml+xml", "text", "text/plain; charset=utf-8"),
        ("image/tiff", None, None),
        ("application/xml", None, None),
        ("application/zip", None, None),
        ("", None, None),
    ],
)
def test_a_preview_is_sent_as_the_detected_type_or_as_plain_text(s3, content_type, kind, sent):
    item = replace(IMAGE, content_type=content_type)

    assert kind_of(item) == kind
    if kind:
        preview = preview_of(item, s3)
        assert (preview["contentType"], query(preview["url"])["response-content-type"]) == (sent, sent)
        assert query(preview["url"])["response-content-disposition"] == "inline"


def test_a_preview_is_of_the_version_that_was_inspected(s3):
    assert query(preview_of(IMAGE, s3)["url"])["versionId"] == "v1"


def test_a_link_to_a_text_is_valid_for_its_head_only(s3):
    preview = preview_of(replace(IMAGE, content_type="text/plain"), s3)

    assert preview["range"] == TEXT_HEAD
    assert query(preview["url"])["X-Amz-SignedHeaders"] == "host;range"


def test_a_link_to_an_image_needs_no_header_as_browsers_send_none(s3):
    preview = preview_of(IMAGE, s3)

    assert "range" not in preview
    assert query(preview["url"])["X-Amz-SignedHeaders"] == "host"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "received"}, "not inspected yet"),
        ({"status": "failed"}, "inspection failed"),
        ({"size": MAX_IMAGE_BYTES + 1}, "26,214,401 bytes; a preview has at most 26,214,400"),
        ({"content_type": "application/zip"}, "files of type application/zip"),
        ({"content_type": ""}, "files of type unknown"),
    ],
)
def test_a_file_without_a_preview_says_why(s3, change, reason):
    item = replace(IMAGE, **change)

    assert "preview" not in details_of(item, EVERYTHING)
    with pytest.raises(NoPreviewError, match=reason):
        preview_of(item, s3)


def test_the_details_say_how_a_file_is_shown():
    assert details_of(IMAGE, EVERYTHING)["preview"] == "image"
