"""Events of S3 have the time of the change, and go where the bucket's configuration sent them then.

AWS: an event says when S3 had finished the request, and follows the notification configuration of that moment.
ministack 1.5.33: writes the time and reads the configuration on a thread of the event's own. On a busy machine two
uploads have each other's order, and a configuration that was changed after an upload decides about it.
Still unlike AWS: whether a bucket sends events to EventBridge is read on that thread.
Unnecessary when: ministack takes both before it starts the thread.
Private names: s3._fire_s3_event_async, s3._parse_notification_config; s3.now_iso has no underscore, but is no API.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import contextvars
from typing import Any

from ministack.services import s3  # type: ignore[import-untyped]

from local.emulator.patches import require

# ministack copies the context onto the thread that sends the event.
_changed: contextvars.ContextVar[tuple[str, list[dict[str, Any]]] | None] = contextvars.ContextVar(
    "changed", default=None
)


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(
        s3,
        _fire_s3_event_async="bucket_name key event_name size etag deletion_type version_id object_extra record_extra",
        _parse_notification_config="bucket_name",
        now_iso="",
    )
    fire, configured, now = s3._fire_s3_event_async, s3._parse_notification_config, s3.now_iso

    def fire_as_of_now(bucket_name: str, *arguments: Any, **options: Any) -> None:
        before = _changed.set((now(), configured(bucket_name)))
        try:
            fire(bucket_name, *arguments, **options)
        finally:
            _changed.reset(before)

    def configured_then(bucket_name: str) -> list[dict[str, Any]]:
        changed = _changed.get()
        return configured(bucket_name) if changed is None else changed[1]

    def then() -> str:
        changed = _changed.get()
        return now() if changed is None else changed[0]

    s3._fire_s3_event_async, s3._parse_notification_config, s3.now_iso = fire_as_of_now, configured_then, then
