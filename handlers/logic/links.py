"""Links that save a file to disk, and files that no link leads to."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

from domain.wording import split_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from handlers.data.items import Item

DOWNLOAD_SECONDS = 300


class UnlinkableFileError(ValueError):
    """No browser can follow a link to the file. The text has the command that downloads it."""


class FileGoneError(LookupError):
    """The file is known, but no longer in its bucket."""


def check_linkable(item: Item) -> None:
    """Raises FileGoneError and UnlinkableFileError."""
    if item.status == "removed":
        raise FileGoneError("The file is no longer in the bucket.")
    # Browsers remove "." and ".." from paths, also when they are encoded: https://url.spec.whatwg.org/#path-state.
    if {".", ".."}.isdisjoint(item.key.split("/")):
        return
    bucket, key = shlex.quote(item.bucket), shlex.quote(item.key)
    raise UnlinkableFileError(
        'The key has a folder or name "." or "..", which browsers remove from links. Download it with: '
        f"aws s3api get-object --region {item.region} --bucket {bucket} --key {key} downloaded-file"
    )


def download_link(item: Item, s3: S3Client) -> str:
    """A link to the version that the catalogue shows, for DOWNLOAD_SECONDS."""
    name = split_key(item.key)[1]
    version = {"VersionId": item.version_id} if item.version_id not in ("", "null") else {}
    return s3.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": item.bucket,
            "Key": item.key,
            # Always saved to disk: an uploaded page must not run in the browser as if it were ours.
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            **version,
        },
        ExpiresIn=DOWNLOAD_SECONDS,
    )
