"""The person in S3's events: the session of the role that signed a form, the end of an upload in parts, or a removal.

AWS: userIdentity.principalId is `AWS:<role id>:<session name>`.
ministack 1.5.33: always writes EXAMPLE.
Unnecessary when: ministack writes the caller of PostObject, CompleteMultipartUpload and DeleteObject into its events.
Private names: s3._post_object, s3._complete_multipart_upload, s3._delete_object, s3._fire_s3_event, s3._qp,
sts._sessions.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import contextlib
import contextvars
import re
from collections.abc import Iterator
from typing import Any

from ministack.services import s3, sts  # type: ignore[import-untyped]

from local.emulator.patches import require

_FIELDS_BYTES = 65_536  # the form's fields come before the file
_CREDENTIAL = re.compile(rb'name="x-amz-credential"\r\n(?:[^\r\n]+\r\n)*\r\n([A-Z0-9]+)/', re.IGNORECASE)
_SIGNED = re.compile(r"Credential=([A-Z0-9]+)/")  # the Authorization header of a request that is not presigned

# ministack copies the context onto the thread that sends the event.
_principal: contextvars.ContextVar[str] = contextvars.ContextVar("principal", default="")


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(
        s3,
        _post_object="bucket_name body headers",
        _complete_multipart_upload="bucket_name key body query_params headers",
        _delete_object="bucket_name key headers query_params",
        _qp="params key default",
        _fire_s3_event="bucket_name key event_name size etag deletion_type restore_event_data version_id sequencer "
        "object_extra record_extra",
    )
    require(sts, _sessions="")
    post_object, complete_upload, fire_s3_event = s3._post_object, s3._complete_multipart_upload, s3._fire_s3_event
    delete_object = s3._delete_object

    def post(bucket_name: str, body: bytes, headers: dict[str, str]) -> Any:
        match = _CREDENTIAL.search(body, 0, _FIELDS_BYTES)
        with _signed_by(match[1].decode() if match else ""):
            return post_object(bucket_name, body, headers)

    def complete(bucket_name: str, key: str, body: bytes, query_params: dict[str, Any], headers: Any = None) -> Any:
        access_key, _, _ = s3._qp(query_params, "X-Amz-Credential", "").partition("/")
        with _signed_by(access_key):
            return complete_upload(bucket_name, key, body, query_params, headers)

    def delete(bucket_name: str, key: str, headers: Any = None, query_params: Any = None) -> Any:
        match = _SIGNED.search((headers or {}).get("authorization", ""))
        with _signed_by(match[1] if match else ""):
            return delete_object(bucket_name, key, headers, query_params)

    def fire(*arguments: Any, record_extra: dict[str, Any] | None = None, **options: Any) -> None:
        if principal := _principal.get():
            record_extra = {**(record_extra or {}), "userIdentity": {"principalId": principal}}
        fire_s3_event(*arguments, record_extra=record_extra, **options)

    s3._post_object, s3._complete_multipart_upload, s3._delete_object = post, complete, delete
    s3._fire_s3_event = fire


@contextlib.contextmanager
def _signed_by(access_key: str) -> Iterator[None]:
    """Events name `AWS:<role id>:<session name>` of the session that the key belongs to, if it belongs to one."""
    session = sts._sessions.get(access_key)
    before = _principal.set(f"AWS:{session['UserId']}" if session else "")
    try:
        yield
    finally:
        _principal.reset(before)
