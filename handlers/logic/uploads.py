"""What may be uploaded through the web, under which key, and the form that S3 accepts it with."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from domain.events import LONGEST_TEXT
from domain.wording import JOINERS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = "people"
FORM_SECONDS = 600
MAX_NAME_BYTES = 255  # what file systems take: a name that is longer cannot be saved after a download
MAX_FOLDERS = 16
_FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


class RefusedUploadError(ValueError):
    """The upload is not accepted; the text tells the person why and what to change."""


@dataclass(frozen=True, kw_only=True)
class UploadRequest:
    """What a person wants to upload. `size` is in bytes, `folder` is below the person's own."""

    name: str
    size: int
    content_type: str
    folder: str = ""


def upload_key(request: UploadRequest, *, person: str) -> str:
    """The key under the person's own prefix. Raises RefusedUploadError for names that trick, hide or do not fit."""
    parts = [part for part in request.folder.split("/") if part] if request.folder else []
    if len(parts) > MAX_FOLDERS:
        raise RefusedUploadError(f"The folder is {len(parts)} deep; use at most {MAX_FOLDERS}.")
    for part in (*parts, request.name):
        _check(part)
    key = "/".join((person_prefix(person), *parts, request.name))
    if len(key.encode()) > LONGEST_TEXT:
        raise RefusedUploadError("Folder and name are too long together; S3 takes 1,024 bytes. Shorten one of them.")
    return key


def person_prefix(person: str) -> str:
    """The prefix of one person, and of nobody else: a user name may hold slashes, a prefix's part may not."""
    return f"{ROOT}/{quote(person, safe='@+=,')}"


def upload_form(s3: S3Client, bucket: str, key: str, request: UploadRequest, *, max_bytes: int) -> dict[str, Any]:
    """A presigned POST: {url, fields}. S3 refuses another key, another type, and more bytes than were declared."""
    if request.size > max_bytes:
        raise RefusedUploadError(
            f"The file has {request.size:,} bytes; at most {max_bytes:,} can be uploaded here. "
            "Use the AWS CLI for a larger one."
        )
    return s3.generate_presigned_post(
        bucket,
        key,
        Fields={"Content-Type": request.content_type},
        Conditions=[{"Content-Type": request.content_type}, ["content-length-range", 0, request.size]],
        ExpiresIn=FORM_SECONDS,
    )


def _check(part: str) -> None:
    if part in (".", "..") or "/" in part or "\\" in part:
        raise RefusedUploadError(f"{part!r} would lead out of the folder. Use a plain name.")
    hidden = [char for char in part if unicodedata.category(char) in _FORBIDDEN and char not in JOINERS]
    if hidden:
        raise RefusedUploadError(f"The name holds a character that cannot be seen ({hidden[0]!a}). Rename the file.")
    if not part.strip():
        raise RefusedUploadError("The name is empty. Give the file a name.")
    if len(part.encode()) > MAX_NAME_BYTES:
        raise RefusedUploadError(f"The name takes {len(part.encode())} bytes; use at most {MAX_NAME_BYTES}.")
