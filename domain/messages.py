"""Payloads of queues, written and read: a file event for systems, and the request to process a file again.

The work queue and the digest queue are systems as well: their functions read back what systems get.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict, cast, get_args

from domain.events import Action, FileEvent, is_file_id, order_of
from domain.rules import is_rule_name
from domain.shortfalls import ExpectedPayload

UPLOAD_SCHEMA = "file-notifications/upload/1"
REPROCESS_SCHEMA = "file-notifications/reprocess/1"

Late = Literal["replaced", "removed"]
"""What has happened to a file since an event that arrives late."""


class MalformedMessageError(ValueError):
    """Not one of the payloads described here. Raised, so that the message stays in its queue and is dead-lettered."""


class FilePayload(TypedDict):
    """`file` of an UploadPayload. `size` is in bytes; None stands for what S3 does not say."""

    id: str
    bucket: str
    key: str
    region: str
    size: int | None
    etag: str | None
    versionId: str | None
    sequencer: str | None


class UploadPayload(TypedDict):
    """What systems get for each file event. docs/notification-schema.json is the contract and explains each field."""

    schema: str
    event: Action
    eventName: str
    time: str
    by: str | None
    late: Late | None
    rules: list[str]
    digest: list[str]
    file: FilePayload
    availableUntil: str | None
    page: str | None
    console: str
    expected: NotRequired[list[ExpectedPayload]]


class ReprocessRequest(TypedDict):
    """What the API puts into the work queue to have a file processed again."""

    schema: str
    id: str
    requestedBy: str


@dataclass(frozen=True, kw_only=True)
class WorkMessage:
    """What the work queue asks of `process`.

    `order` is that of the event that was published; None if the file is wanted as the catalogue has it now. `is_gone`
    says that the notification came late, when its version had been removed: the item may show the one before.
    """

    file_id: str
    event: Action
    order: str | None
    is_gone: bool = False


def upload_payload(
    event: FileEvent,
    *,
    rules: Sequence[str],
    digest: Sequence[str],
    late: Late | None,
    page: str | None,
    console: str,
) -> UploadPayload:
    """The payload of one event. `rules` and `digest` are names of rules; `page` and `console` are links to the file."""
    return {
        "schema": UPLOAD_SCHEMA,
        "event": event.action,
        "eventName": event.name,
        "time": event.time,
        "by": event.by or None,
        "late": late,
        "rules": list(rules),
        "digest": list(digest),
        "file": {
            "id": event.file_id,
            "bucket": event.bucket,
            "key": event.key,
            "region": event.region,
            "size": event.size,
            "etag": event.etag or None,
            "versionId": event.version_id or None,
            "sequencer": event.sequencer or None,
        },
        "availableUntil": event.available_until or None,
        "page": page,
        "console": console,
    }


def upload_payload_in(body: str) -> UploadPayload:
    """Decode a message of the digest queue. Raises MalformedMessageError."""
    return _upload_payload(_object_in(body))


def event_of(payload: UploadPayload) -> FileEvent:
    """The event that a payload was made of. Raises UnreadableEventError for values that no event has."""
    file = payload["file"]
    return FileEvent(
        action=payload["event"],
        name=payload["eventName"],
        bucket=file["bucket"],
        key=file["key"],
        region=file["region"],
        time=payload["time"],
        size=file["size"],
        etag=file["etag"] or "",
        version_id=file["versionId"] or "",
        sequencer=file["sequencer"] or "",
        by=payload["by"] or "",
        available_until=payload["availableUntil"] or "",
    )


def reprocess_request(file_id: str, person: str) -> ReprocessRequest:
    """The request of a signed-in person to have a file processed again."""
    return {"schema": REPROCESS_SCHEMA, "id": file_id, "requestedBy": person}


def work_message_in(body: str) -> WorkMessage:
    """Decode a message of the work queue: an UploadPayload or a ReprocessRequest. Raises MalformedMessageError."""
    payload = _object_in(body)
    if payload.get("schema") == REPROCESS_SCHEMA:
        _check(payload, {"id": is_file_id})
        return WorkMessage(file_id=payload["id"], event="created", order=None)
    upload = _upload_payload(payload)
    return WorkMessage(
        file_id=upload["file"]["id"],
        event=upload["event"],
        order=order_of(upload["file"]["sequencer"] or ""),
        is_gone=upload["late"] == "removed",
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_size(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _are_rules(value: object) -> bool:
    return isinstance(value, list) and all(map(is_rule_name, value))


_FILE: Mapping[str, Callable[[object], bool]] = {
    "id": is_file_id,
    "bucket": _is_text,
    "key": _is_text,
    "region": _is_text,
    "size": _is_size,
    "etag": _is_text_or_none,
    "versionId": _is_text_or_none,
    "sequencer": _is_text_or_none,
}
_UPLOAD: Mapping[str, Callable[[object], bool]] = {
    "event": lambda value: value in get_args(Action),
    "eventName": _is_text,
    "time": _is_text,
    "by": _is_text_or_none,
    "late": lambda value: value in (None, *get_args(Late)),
    "rules": _are_rules,
    "digest": _are_rules,
    "file": lambda value: isinstance(value, dict),
    "availableUntil": _is_text_or_none,
    "page": _is_text_or_none,
    "console": _is_text,
}


def _object_in(body: str) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError(f"the message is not JSON: {error}") from error
    if not isinstance(payload, dict):
        raise MalformedMessageError(f"the message is {type(payload).__name__}, not a JSON object")
    return payload


def _upload_payload(payload: dict[str, Any]) -> UploadPayload:
    if payload.get("schema") != UPLOAD_SCHEMA:
        raise MalformedMessageError(
            f"schema is {payload.get('schema')!r:.80}; use {UPLOAD_SCHEMA} or {REPROCESS_SCHEMA}"
        )
    _check(payload, _UPLOAD)
    _check(payload["file"], _FILE)
    return cast("UploadPayload", payload)


def _check(values: Mapping[str, Any], fields: Mapping[str, Callable[[object], bool]]) -> None:
    for name, is_valid in fields.items():
        if name not in values or not is_valid(values[name]):
            raise MalformedMessageError(f"{name} is {values.get(name)!r:.80}, which no message of this system has")
