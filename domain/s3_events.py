"""S3's events, decoded from their JSON: as S3 notifies a function itself, and as EventBridge does.

The record's format is version 2.x of
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from domain.events import SCANNER_TEST_KEY, Action, FileEvent, OtherEvent, UnreadableEventError

_ACTIONS: tuple[tuple[str, Action], ...] = (
    ("ObjectCreated:", "created"),
    ("ObjectRemoved:", "removed"),
    ("LifecycleExpiration:", "removed"),
    ("ObjectRestore:Completed", "restored"),
)
_EVENTBRIDGE_FAMILIES = {
    "Object Created": "ObjectCreated",
    "Object Deleted": "ObjectRemoved",
    "Object Restore Completed": "ObjectRestore:Completed",
}
_BY_LIFECYCLE = "Lifecycle Expiration"
_FROM_EVENTBRIDGE = {
    "PutObject": "ObjectCreated:Put",
    "POST Object": "ObjectCreated:Post",
    "CopyObject": "ObjectCreated:Copy",
    "CompleteMultipartUpload": "ObjectCreated:CompleteMultipartUpload",
    "Permanently Deleted": "ObjectRemoved:Delete",
    "Delete Marker Created": "ObjectRemoved:DeleteMarkerCreated",
}
"""EventBridge's reasons as S3 names them; an unknown reason still belongs to its family.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

_ACCOUNT = r"[0-9]{12}"  # text: compiled where it is checked
S3_SEQUENCER_DIGITS = 18


def file_event(raw: Mapping[str, Any]) -> FileEvent | OtherEvent:
    """Decode one of raw_records. Raises UnreadableEventError, which names what is missing or invalid."""
    if raw.get("Event") == "s3:TestEvent":
        return OtherEvent("s3:TestEvent")
    try:
        event = _from_eventbridge(raw) if raw.get("source") == "aws.s3" else _from_record(raw)
    except (KeyError, TypeError, AttributeError, UnicodeError) as error:
        raise UnreadableEventError(f"the record is not an S3 event: {type(error).__name__}: {error}") from error
    is_other = isinstance(event, OtherEvent) or event.is_old_version_expiry or event.key == SCANNER_TEST_KEY
    return OtherEvent(event.name) if is_other else event


def _action(name: str) -> Action | None:
    return next((action for prefix, action in _ACTIONS if name.startswith(prefix)), None)


def _from_record(raw: Mapping[str, Any]) -> FileEvent | OtherEvent:
    major = _text(raw["eventVersion"]).split(".")[0]
    if major != "2":  # AWS raises the major version only for changes that readers do not survive
        raise UnreadableEventError(f"eventVersion is {raw['eventVersion']!r}; this system reads 2.x")
    name = _text(raw["eventName"]).removeprefix("s3:")
    action = _action(name)
    if action is None:
        return OtherEvent(name)
    s3, item = raw["s3"], raw["s3"]["object"]
    restored = raw.get("glacierEventData") or {}
    return FileEvent(
        action=action,
        name=name,
        bucket=_filled(s3["bucket"]["name"]),
        key=_filled(unquote_plus(_text(item["key"]), errors="strict")),  # encoded like a form: space is "+"
        region=_text(raw["awsRegion"]),
        time=_time(raw["eventTime"]),
        size=_size(item.get("size")) if action != "removed" else None,
        etag=_optional(item.get("eTag")),
        version_id=_optional(item.get("versionId")),
        sequencer=_optional(item.get("sequencer")),
        by=_person(_optional((raw.get("userIdentity") or {}).get("principalId"))),
        available_until=_optional((restored.get("restoreEventData") or {}).get("lifecycleRestorationExpiryTime")),
    )


def _from_eventbridge(raw: Mapping[str, Any]) -> FileEvent | OtherEvent:
    detail = raw["detail"]
    kind, reason = _text(raw["detail-type"]), detail.get("deletion-type") or detail.get("reason")
    family = _EVENTBRIDGE_FAMILIES.get(kind)
    if family is None:
        return OtherEvent(kind)
    name = _FROM_EVENTBRIDGE.get(_optional(reason), "")
    if detail.get("reason") == _BY_LIFECYCLE:  # an event type of its own only where S3 itself notifies
        name = name.replace("ObjectRemoved:", "LifecycleExpiration:")
    elif not name.startswith(family):
        name = family if ":" in family else f"{family}:{_optional(reason).replace(' ', '') or 'Unknown'}"
    action = _action(name)
    if action is None:
        return OtherEvent(name)
    item = detail["object"]
    return FileEvent(
        action=action,
        name=name,
        bucket=_filled(detail["bucket"]["name"]),
        key=_filled(item["key"]),  # EventBridge does not encode keys
        region=_text(raw["region"]),
        time=_time(raw["time"]),
        size=_size(item.get("size")) if action != "removed" else None,
        etag=_optional(item.get("etag")),
        version_id=_optional(item.get("version-id")),
        sequencer=_eventbridge_sequencer(_optional(item.get("sequencer"))),
        by=_requester(_optional(detail.get("requester"))),
        available_until=_optional(detail.get("restore-expiry-time")),
    )


def _eventbridge_sequencer(text: str) -> str:
    """EventBridge leaves out the zeros that S3 begins its 18 digits with: one event has one sequencer by either way.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    return text.rjust(S3_SEQUENCER_DIGITS, "0") if text else ""


def _requester(text: str) -> str:
    """EventBridge says which account asked, or which service; an account is no person."""
    return "" if re.fullmatch(_ACCOUNT, text) else _person(text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnreadableEventError(f"{value!r} is not text")
    return value


def _optional(value: object) -> str:
    """Text that some events lack, or have as null: no reason to keep a file from its recipients."""
    return "" if value is None else _text(value)


def _time(value: object) -> str:
    """As S3 wrote it. Lists and digests are in the order of these texts, which is that of time within one zone."""
    text = _text(value)
    try:
        offset = datetime.fromisoformat(text).utcoffset()
    except ValueError:
        offset = None
    if offset != timedelta(0) or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", text):
        raise UnreadableEventError(f"the time is {text!r:.80}, not ISO 8601 in UTC")
    return text


def _filled(value: object) -> str:
    text = _text(value)
    if not text:
        raise UnreadableEventError("the bucket's name or the key is empty")
    return text


def _size(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnreadableEventError(f"size is {value!r:.80}, not a number of bytes")
    return value


def _person(principal: str) -> str:
    """`AWS:AROAEXAMPLE:maria` is a role's session, whose last part is the person's name; other forms stay whole."""
    return principal.rsplit(":", 1)[-1]
