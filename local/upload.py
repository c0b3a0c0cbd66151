"""`python -m local upload`: any file of this machine into the running stack's bucket, or a reason why not."""

from __future__ import annotations

from pathlib import Path

from local.emulator.aws import Aws
from local.emulator.errors import LocalError
from local.ready_file import Ready

LONGEST_KEY_BYTES = 1024
"""AWS: docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, as UTF-8."""

# AWS: the most that one PutObject takes. Below it no upload is split: answers about parts repeat the key in XML, which
# has no control characters.
_LARGEST_PUT_BYTES = 5 * 1024**3


class UploadError(LocalError):
    """The file cannot be uploaded; the text says why."""


def key_of(file: Path, key: str | None) -> str:
    """The object key of a file: `key`, or the file's name if there is none. Raises UploadError."""
    chosen = file.name if key is None else key
    try:
        size = len(chosen.encode())
    except UnicodeEncodeError:
        raise UploadError(
            f"the name {chosen!a} is not UTF-8, as an object key must be; choose a key with --key"
        ) from None
    if not 1 <= size <= LONGEST_KEY_BYTES:
        raise UploadError(f"the key has {size} bytes; an object key has 1 to {LONGEST_KEY_BYTES}; use another --key")
    return chosen


def upload(ready: Ready, file: Path, key: str, bucket: str | None = None) -> str:
    """Upload a file and return its address, in one line. Without a `bucket` to the stack's own. Raises UploadError."""
    from boto3.exceptions import Boto3Error
    from boto3.s3.transfer import TransferConfig
    from botocore.exceptions import BotoCoreError, ClientError

    bucket = bucket or ready.outputs.get("bucketName")
    if bucket is None:
        raise UploadError("this stack has no bucket of its own; name one with --bucket")
    if not file.is_file():  # a pipe would block forever
        raise UploadError(f"{in_one_line(str(file))} is not a regular file")
    try:
        Aws(ready.endpoint, ready.region).s3.upload_file(
            str(file), bucket, key, Config=TransferConfig(multipart_threshold=_LARGEST_PUT_BYTES)
        )
    except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
        raise UploadError(str(error)) from error
    return in_one_line(f"s3://{bucket}/{key}")


def in_one_line(text: str) -> str:
    """The text as it is, or quoted if it has line breaks or other characters that a terminal does not show."""
    return text if text.isprintable() else repr(text)
