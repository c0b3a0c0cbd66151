"""Previews: what a browser may show of a file, by the type that the inspection detected, and a link to exactly that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from handlers.data.items import Item
    from handlers.logic import responses

Kind = Literal["image", "text", "pdf"]

PREVIEW_SECONDS = 300
MAX_IMAGE_BYTES = 25 * 1024 * 1024
TEXT_HEAD = "bytes=0-65535"
"""The range of a text that its link is valid for: the first 64 KB."""

_IMAGES = {
    **{name: name for name in ("image/avif", "image/gif", "image/jpeg", "image/png", "image/webp")},
    "image/apng": "image/png",  # every browser knows it by this name
}
"""Detected types of images that browsers show and that run nothing, with the type to send. SVG can run scripts."""

_WRITTEN_TEXT = frozenset({"application/json", "application/xhtml+xml", "image/svg+xml"})
"""Types that are text to the eye, beside text/*. All are sent as plain text: their source is shown, nothing is run."""


class NoPreviewError(ValueError):
    """The file has no preview. The text says why."""


def kind_of(item: Item) -> Kind | None:
    """How the file can be shown. None for a file that is not inspected, too large or of another type."""
    if item.status != "processed":
        return None
    if item.content_type in _IMAGES:
        return "image" if (item.size or 0) <= MAX_IMAGE_BYTES else None
    if item.content_type == "application/pdf":
        return "pdf"
    if item.content_type.startswith("text/") or item.content_type in _WRITTEN_TEXT:
        return "text"
    return None


def preview_of(item: Item, s3: S3Client) -> responses.Preview:
    """A link to the inspected version that a browser shows as the detected type, for PREVIEW_SECONDS.

    Raises NoPreviewError.
    """
    kind = kind_of(item)
    if kind is None:
        raise NoPreviewError(_reason(item))
    content_type = {
        "image": _IMAGES.get(item.content_type, ""),
        "pdf": "application/pdf",
        "text": "text/plain; charset=utf-8",
    }[kind]
    head = {"Range": TEXT_HEAD} if kind == "text" else {}
    version = {"VersionId": item.version_id} if item.version_id not in ("", "null") else {}
    url = s3.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": item.bucket,
            "Key": item.key,
            "ResponseContentDisposition": "inline",
            # Never the type that the uploader chose: a page would run, with the bucket as its origin.
            "ResponseContentType": content_type,
            **version,
            **head,
        },
        ExpiresIn=PREVIEW_SECONDS,
    )
    preview: responses.Preview = {
        "kind": kind,
        "url": url,
        "contentType": content_type,
        "expiresInSeconds": PREVIEW_SECONDS,
    }
    return {**preview, "range": TEXT_HEAD} if kind == "text" else preview


def _reason(item: Item) -> str:
    if item.status == "received":
        return "The file is not inspected yet. Try again in a moment."
    if item.status == "failed":
        return "The inspection failed, so there is no preview. Download the file instead."
    if item.content_type in _IMAGES:
        return f"The image has {item.size:,} bytes; a preview has at most {MAX_IMAGE_BYTES:,}. Download it instead."
    return f"There is no preview of files of type {item.content_type or 'unknown'}. Download the file instead."
