"""S3's events name whoever sent a form: the session of the role that signed it, as people know it.

ministack calls everybody EXAMPLE.
"""

# ruff: noqa: SLF001 - to lean on private names is what a patch does; `require` guards them

from __future__ import annotations

import contextvars
import re
from typing import Any

from ministack.services import s3, sts  # type: ignore[import-untyped]

from local.emulator.patches import require

_FIELDS_BYTES = 65_536  # the form's fields come before the file
_CREDENTIAL = re.compile(rb'name="x-amz-credential"\r\n(?:[^\r\n]+\r\n)*\r\n([A-Z0-9]+)/', re.IGNORECASE)

# ministack copies the context onto the thread that tells of an upload.
_uploader: contextvars.ContextVar[str] = contextvars.ContextVar("uploader", default="")


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(
        s3,
        _post_object="bucket_name body headers",
        _fire_s3_event="bucket_name key event_name size etag deletion_type restore_event_data version_id sequencer "
        "object_extra record_extra",
    )
    require(sts, _sessions="")
    post_object, fire_s3_event = s3._post_object, s3._fire_s3_event

    def post(bucket_name: str, body: bytes, headers: dict[str, str]) -> Any:
        before = _uploader.set(_principal(body))
        try:
            return post_object(bucket_name, body, headers)
        finally:
            _uploader.reset(before)

    def fire(*arguments: Any, record_extra: dict[str, Any] | None = None, **options: Any) -> None:
        if principal := _uploader.get():
            record_extra = {**(record_extra or {}), "userIdentity": {"principalId": principal}}
        fire_s3_event(*arguments, record_extra=record_extra, **options)

    s3._post_object, s3._fire_s3_event = post, fire


def _principal(form: bytes) -> str:
    """`AWS:<role's id>:<session's name>` of the session whose key signed a form; empty if none did."""
    found = _CREDENTIAL.search(form, 0, _FIELDS_BYTES)
    session = sts._sessions.get(found[1].decode()) if found else None
    return f"AWS:{session['UserId']}" if session else ""
