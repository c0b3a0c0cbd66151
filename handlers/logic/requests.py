"""Requests to the files API: read and checked like the gateway does, also for direct invocations."""

from __future__ import annotations

import re

from handlers.logic.multipart import StartedUpload
from handlers.logic.uploads import UploadRequest

DEFAULT_LIMIT, MAX_LIMIT = 50, 100

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*")


class InvalidRequestError(ValueError):
    """The request is not one of the contract's. The text says what is accepted."""


def read_limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MAX_LIMIT:
        raise InvalidRequestError(f"limit is a whole number from 1 to {MAX_LIMIT}.")
    return int(text)


def read_upload(body: object) -> UploadRequest:
    """Validates like the gateway, which has compared the body with the contract, for direct invocations."""
    if not isinstance(body, dict) or body.keys() - {"name", "size", "contentType", "folder"}:
        raise InvalidRequestError("The body takes name, size, contentType and folder.")
    name, size = body.get("name"), body.get("size")
    content_type, folder = body.get("contentType"), body.get("folder", "")
    if not isinstance(name, str) or not isinstance(folder, str):
        raise InvalidRequestError("name and folder are texts.")
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise InvalidRequestError("size is a number of bytes.")
    if not isinstance(content_type, str) or not _MEDIA_TYPE.fullmatch(content_type):
        raise InvalidRequestError("contentType is a media type such as image/png.")
    return UploadRequest(name=name, size=size, content_type=content_type, folder=folder)


def read_started_upload(body: object) -> StartedUpload:
    """Validates like the gateway, for direct invocations."""
    if not isinstance(body, dict) or body.keys() - {"key", "uploadId", "size", "firstPart"}:
        raise InvalidRequestError("The body takes key, uploadId, size and firstPart.")
    key, upload_id, size, first = body.get("key"), body.get("uploadId"), body.get("size"), body.get("firstPart")
    if not isinstance(key, str) or not key or not isinstance(upload_id, str) or not upload_id:
        raise InvalidRequestError("key and uploadId are texts.")
    if not isinstance(size, int) or not isinstance(first, int) or isinstance(size, bool) or isinstance(first, bool):
        raise InvalidRequestError("size and firstPart are whole numbers.")
    return StartedUpload(key=key, upload_id=upload_id, size=size, first_part=first)
