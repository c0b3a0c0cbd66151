"""The uploader in S3's events: the session of the role that signed a form.

AWS: userIdentity.principalId is `AWS:<role id>:<session name>`.
ministack 1.5.33: always writes EXAMPLE.
Unnecessary when: ministack writes the caller of PostObject into its events.
Private names: s3._post_object, s3._fire_s3_event, sts._sessions.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import contextvars
import re
from typing import Any

from ministack.services import s3, sts  # type: ignore[import-untyped]

from local.emulator.patches import require

_FIELDS_BYTES = 65_536  # the form's fields come before the file
_CREDENTIAL = re.compile(rb'name="x-amz-credential"\r\n(?:[^\r\n]+\r\n)*\r\n([A-Z0-9]+)/', re.IGNORECASE)

# ministack copies the context onto the thread that sends the event.
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
    """`AWS:<role id>:<session name>` of the session whose key signed a form; empty if none did."""
    match = _CREDENTIAL.search(form, 0, _FIELDS_BYTES)
    session = sts._sessions.get(match[1].decode()) if match else None
    return f"AWS:{session['UserId']}" if session else ""
