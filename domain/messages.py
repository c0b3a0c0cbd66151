"""Payloads of queues, written and read: a file event for systems, and the request to process a file again.

The work queue and the digest queue are systems as well: their functions read back what systems get.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict, cast, get_args

from domain.events import ACTIONS, Action, EventKind, FileEvent, is_file_id, order_of
from domain.finding_payloads import FIELDS as FINDING_FIELDS
from domain.finding_payloads import FindingPayload, finding_in, finding_payload, is_text, is_text_or_none
from domain.findings import FINDING_KINDS, FindingKind
from domain.rules import is_rule_name
from domain.shortfalls import ExpectedPayload

UPLOAD_SCHEMA = "file-notifications/upload/1"
FINDING_SCHEMA = "file-notifications/upload/2"
"""Of findings alone: what systems get of S3's events is version 1, as it was."""
UPLOAD_SCHEMAS = (UPLOAD_SCHEMA, FINDING_SCHEMA)
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
    event: EventKind
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


class FoundPayload(UploadPayload, FindingPayload):
    """What systems get for each finding: the same of the upload, and what was found in it."""


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
    event: EventKind
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
) -> UploadPayload | FoundPayload:
    """The payload of one event. `rules` and `digest` are names of rules; `page` and `console` are links to the file."""
    payload: UploadPayload = {
        "schema": FINDING_SCHEMA if event.finding else UPLOAD_SCHEMA,
        "event": event.kind,
        "eventName": event.name,
        "time": event.finding.time if event.finding else event.time,
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
    return {**payload, **finding_payload(event.finding, event.time)} if event.finding else payload


def as_json(payload: Mapping[str, object]) -> str:
    """A payload as JSON that SQS accepts: of the characters that JSON leaves as they are, it refuses two.

    SNS documents no such rule: a file whose key has one would reach no queue, not even that of what is undelivered.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")


def upload_payload_in(body: str) -> UploadPayload | FoundPayload:
    """Decode a message of the digest queue. Raises MalformedMessageError."""
    return _upload_payload(object_in(body))


def event_of(payload: UploadPayload | FoundPayload) -> FileEvent:
    """The event that a payload was made of. Raises UnreadableEventError for values that no event has."""
    file, time = payload["file"], payload["time"]
    finding = None
    if payload["schema"] == FINDING_SCHEMA:
        found = cast("FoundPayload", payload)
        finding, time = finding_in(found, cast("FindingKind", payload["event"]), time), found["uploaded"]
    return FileEvent(
        action="created" if finding else cast("Action", payload["event"]),
        name=payload["eventName"],
        bucket=file["bucket"],
        key=file["key"],
        region=file["region"],
        time=time,
        size=file["size"],
        etag=file["etag"] or "",
        version_id=file["versionId"] or "",
        sequencer=file["sequencer"] or "",
        by=payload["by"] or "",
        available_until=payload["availableUntil"] or "",
        finding=finding,
    )


def reprocess_request(file_id: str, person: str) -> ReprocessRequest:
    """The request of a signed-in person to have a file processed again."""
    return {"schema": REPROCESS_SCHEMA, "id": file_id, "requestedBy": person}


def work_message_in(body: str) -> WorkMessage:
    """Decode a message of the work queue: an UploadPayload or a ReprocessRequest. Raises MalformedMessageError."""
    payload = object_in(body)
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


def _is_size(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _are_rules(value: object) -> bool:
    return isinstance(value, list) and all(map(is_rule_name, value))


_FILE: Mapping[str, Callable[[object], bool]] = {
    "id": is_file_id,
    "bucket": is_text,
    "key": is_text,
    "region": is_text,
    "size": _is_size,
    "etag": is_text_or_none,
    "versionId": is_text_or_none,
    "sequencer": is_text_or_none,
}
_UPLOAD: Mapping[str, Callable[[object], bool]] = {
    "eventName": is_text,
    "time": is_text,
    "by": is_text_or_none,
    "late": lambda value: value in (None, *get_args(Late)),
    "rules": _are_rules,
    "digest": _are_rules,
    "file": lambda value: isinstance(value, dict),
    "availableUntil": is_text_or_none,
    "page": is_text_or_none,
    "console": is_text,
}


def object_in(body: str) -> dict[str, Any]:
    """A message's JSON object. Raises MalformedMessageError."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError(f"the message is not JSON: {error}") from error
    if not isinstance(payload, dict):
        raise MalformedMessageError(f"the message is {type(payload).__name__}, not a JSON object")
    return payload


def _upload_payload(payload: dict[str, Any]) -> UploadPayload | FoundPayload:
    schema = payload.get("schema")
    if schema not in UPLOAD_SCHEMAS:
        raise MalformedMessageError(f"schema is {schema!r:.80}; use {', '.join((*UPLOAD_SCHEMAS, REPROCESS_SCHEMA))}")
    kinds: tuple[EventKind, ...] = ACTIONS if schema == UPLOAD_SCHEMA else FINDING_KINDS
    _check(payload, {"event": lambda value: value in kinds, **_UPLOAD})
    _check(payload["file"], _FILE)
    if schema == FINDING_SCHEMA:
        _check(payload, FINDING_FIELDS)
    return cast("UploadPayload", payload)


def _check(values: Mapping[str, Any], fields: Mapping[str, Callable[[object], bool]]) -> None:
    for name, is_valid in fields.items():
        if name not in values or not is_valid(values[name]):
            raise MalformedMessageError(f"{name} is {values.get(name)!r:.80}, which no message of this system has")
