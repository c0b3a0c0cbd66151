"""Uploads in parts: presigned requests for files that are too large for one form.

S3 enforces what is signed: the key, the type, and the length of each part, so that no upload exceeds its limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handlers.logic.uploads import SESSION_SECONDS, RefusedUploadError, UploadRequest, check_size, person_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from handlers.logic import responses

MAX_PARTS = 1000
"""S3 takes ten times as many, but lists this many at a time: an interrupted upload needs one list to go on.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""
PART_BYTES = 52 * 1024 * 1024
"""All parts but the last. MAX_PARTS of them hold 50 GB, the most that the settings allow."""
BATCH = 20
"""Parts that are signed at a time: 1 GB."""


@dataclass(frozen=True, kw_only=True)
class StartedUpload:
    """An upload in parts that S3 has started. `size` is the file's, in bytes; links are wanted from `first_part` on."""

    key: str
    upload_id: str
    size: int
    first_part: int


def start_of(
    s3: S3Client, bucket: str, key: str, request: UploadRequest, *, max_bytes: int
) -> responses.PresignedRequest:
    """The request that starts an upload in parts, with the type that it must have.

    Raises RefusedUploadError for more than `max_bytes`.
    """
    check_size(request.size, max_bytes)
    params = {"Bucket": bucket, "Key": key, "ContentType": request.content_type}
    return {
        "url": s3.generate_presigned_url("create_multipart_upload", Params=params, ExpiresIn=SESSION_SECONDS),
        "headers": {"Content-Type": request.content_type},
    }


def links_of(
    s3: S3Client, bucket: str, upload: StartedUpload, *, person: str, max_bytes: int
) -> responses.MultipartLinks:
    """The next BATCH of parts, and the requests that list the parts, complete and abort the upload.

    Raises RefusedUploadError for another person's key, more than `max_bytes` and a part behind the end of the file.
    """
    check_size(upload.size, max_bytes)
    if not upload.key.startswith(f"{person_prefix(person)}/"):
        raise RefusedUploadError("The key is not one of your uploads. Start the upload again.")
    lengths = _lengths(upload.size)
    if not 1 <= upload.first_part <= len(lengths):
        raise RefusedUploadError(f"The file has {len(lengths)} parts; there is no part {upload.first_part}.")
    target = {"Bucket": bucket, "Key": upload.key, "UploadId": upload.upload_id}

    def presigned(operation: str, more: Mapping[str, Any] | None = None) -> str:
        return s3.generate_presigned_url(operation, Params={**target, **(more or {})}, ExpiresIn=SESSION_SECONDS)

    last = min(upload.first_part + BATCH - 1, len(lengths))
    return {
        "parts": [
            {
                "partNumber": number,
                # S3 refuses a part of any other length than the signed one.
                "url": presigned("upload_part", {"PartNumber": number, "ContentLength": lengths[number - 1]}),
            }
            for number in range(upload.first_part, last + 1)
        ],
        "listUrl": presigned("list_parts"),
        "completeUrl": presigned("complete_multipart_upload"),
        "abortUrl": presigned("abort_multipart_upload"),
        "expiresInSeconds": SESSION_SECONDS,
    }


def _lengths(size: int) -> list[int]:
    """The bytes of each part of a file."""
    whole, rest = divmod(size, PART_BYTES)
    return [PART_BYTES] * whole + ([rest] if rest or not whole else [])
