"""File events, decoded from the JSON of S3 events.

The record's format is version 2.x of
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, Literal, get_args
from urllib.parse import unquote_plus

from domain.findings import FINDING_KINDS, Finding, FindingKind

Action = Literal["created", "removed", "restored"]
ACTIONS: tuple[Action, ...] = get_args(Action)
EventKind = Action | FindingKind
EVENT_KINDS: tuple[EventKind, ...] = (*ACTIONS, *FINDING_KINDS)
"""All that rules can ask for: what happens to objects, and what is found in them."""

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

_ACCOUNT = r"[0-9]{12}"  # texts: functions compile only what they check
_FILE_ID = r"[0-9a-f]{32}"

LONGEST_TEXT = 1024
"""Bytes of UTF-8: S3's limit for keys and for version ids; other texts in an event are shorter.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

S3_SEQUENCER_DIGITS = 18

MOST_BYTES = 2**53
"""A size that every reader of JSON decodes to the same number; S3's largest object has 50 TB."""


class UnreadableEventError(ValueError):
    """Not an event that S3 documents. Raised, never skipped, so that the event is dead-lettered."""


@dataclass(frozen=True, kw_only=True)
class FileEvent:
    """One thing that happened to one object.

    `name` is S3's own, without "s3:" (ObjectCreated:Put); `size` is in bytes and None where S3 does not give it;
    `time` is ISO 8601 in UTC as S3 wrote it; `by` is the uploader as far as S3 names one. With a `finding` it is about
    what was found in the upload that the other fields describe.
    """

    action: Action
    name: str
    bucket: str
    key: str
    region: str
    time: str
    size: int | None = None
    etag: str = ""
    version_id: str = ""
    sequencer: str = ""
    by: str = ""
    available_until: str = ""
    finding: Finding | None = None

    def __post_init__(self) -> None:
        for name in _TEXTS:
            _check_text(name, getattr(self, name))
        if self.size is not None and not 0 <= self.size < MOST_BYTES:
            raise UnreadableEventError(f"size is {hex(self.size):.40}; use 0 to {MOST_BYTES} bytes")

    @property
    def file_id(self) -> str:
        """The id of the object, see file_id_of."""
        return file_id_of(self.bucket, self.key)

    @property
    def identity(self) -> str:
        """The same for every delivery of one event. Restores carry no sequencer: version and time stand in for it."""
        upload = f"{self.bucket}\0{self.key}\0{self.order or f'{self.version_id} {self.name} {self.time}'}"
        return f"{upload}\0{self.finding.kind}" if self.finding else upload

    @property
    def kind(self) -> EventKind:
        """What rules ask for: the kind of the finding if there is one, else the action."""
        return self.finding.kind if self.finding else self.action

    @property
    def order(self) -> str:
        """Sorts the events of one key; events of different keys have no order."""
        return order_of(self.sequencer)

    @property
    def is_folder_marker(self) -> bool:
        """Whether it is the empty object that consoles create as a folder."""
        return self.key.endswith("/") and not self.size

    @property
    def is_version_deletion(self) -> bool:
        """Whether one version was deleted permanently, perhaps an old one: S3 does not say which.

        Without versioning every upload is the version "null", and a deletion is the file's.
        """
        return self.action == "removed" and not self.is_delete_marker and self.version_id not in ("", "null")

    @property
    def is_old_version_expiry(self) -> bool:
        """Whether the bucket's lifecycle deleted a version that was not the current one, or a delete marker.

        Where there are versions, lifecycle hides the current one behind a delete marker, and deletes only what is
        hidden already: the file stays what it was.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html
        """
        return self.is_version_deletion and self.name.startswith("LifecycleExpiration:")

    @property
    def is_delete_marker(self) -> bool:
        """Whether a delete marker hides the object, whose versions are still there."""
        return self.name.endswith(":DeleteMarkerCreated")


_TEXTS = tuple(field.name for field in fields(FileEvent) if field.type == "str")


@dataclass(frozen=True)
class OtherEvent:
    """A valid event that changes no file: S3's test event, tagging, a requested restore, an old version's expiry."""

    name: str


def file_id_of(bucket: str, key: str) -> str:
    """The id of an object in URLs and logs: the same for every version of one key, safe to show, not guessable."""
    return sha256(f"{bucket}\0{key}".encode()).hexdigest()[:32]


def is_file_id(value: object) -> bool:
    """Whether a value has the form of a file_id_of."""
    return isinstance(value, str) and re.fullmatch(_FILE_ID, value) is not None


def order_of(sequencer: str) -> str:
    """A sequencer in the one form that identifies an event and compares as text.

    AWS: pad the shorter of two with zeros on the right. Removing those zeros from all of them gives the same order in
    less space. Events without a sequencer have no order: the empty text.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    return sequencer.upper().rstrip("0")


def file_event(raw: Mapping[str, Any]) -> FileEvent | OtherEvent:
    """Decode one of raw_records. Raises UnreadableEventError, which names what is missing or invalid."""
    if raw.get("Event") == "s3:TestEvent":
        return OtherEvent("s3:TestEvent")
    try:
        event = _from_eventbridge(raw) if raw.get("source") == "aws.s3" else _from_record(raw)
    except (KeyError, TypeError, AttributeError, UnicodeError) as error:
        raise UnreadableEventError(f"the record is not an S3 event: {type(error).__name__}: {error}") from error
    is_other = isinstance(event, OtherEvent) or event.is_old_version_expiry
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
        time=_text(raw["eventTime"]),
        size=_size(item.get("size")) if action != "removed" else None,
        etag=_text(item.get("eTag", "")),
        version_id=_text(item.get("versionId", "")),
        sequencer=_text(item.get("sequencer", "")),
        by=_person(_text((raw.get("userIdentity") or {}).get("principalId", ""))),
        available_until=_text((restored.get("restoreEventData") or {}).get("lifecycleRestorationExpiryTime", "")),
    )


def _from_eventbridge(raw: Mapping[str, Any]) -> FileEvent | OtherEvent:
    detail = raw["detail"]
    kind, reason = _text(raw["detail-type"]), detail.get("deletion-type") or detail.get("reason", "")
    family = _EVENTBRIDGE_FAMILIES.get(kind)
    if family is None:
        return OtherEvent(kind)
    name = _FROM_EVENTBRIDGE.get(_text(reason), "")
    if detail.get("reason") == _BY_LIFECYCLE:  # an event type of its own only where S3 itself notifies
        name = name.replace("ObjectRemoved:", "LifecycleExpiration:")
    elif not name.startswith(family):
        name = family if ":" in family else f"{family}:{_text(reason).replace(' ', '') or 'Unknown'}"
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
        time=_text(raw["time"]),
        size=_size(item.get("size")) if action != "removed" else None,
        etag=_text(item.get("etag", "")),
        version_id=_text(item.get("version-id", "")),
        sequencer=_eventbridge_sequencer(_text(item.get("sequencer", ""))),
        by=_requester(_text(detail.get("requester", ""))),
        available_until=_text(detail.get("restore-expiry-time", "")),
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


def _check_text(name: str, text: str) -> None:
    """S3 stores UTF-8, which has no half of a surrogate pair, and no longer text fits into a notification."""
    try:
        length = len(text.encode())
    except UnicodeEncodeError as error:
        raise UnreadableEventError(f"{name} is {text!r:.80}, not Unicode text") from error
    if length > LONGEST_TEXT:
        raise UnreadableEventError(f"{name} has {length} bytes; what S3 writes has at most {LONGEST_TEXT}")


def _person(principal: str) -> str:
    """`AWS:AROAEXAMPLE:maria` is a role's session, whose last part is the person's name; other forms stay whole."""
    return principal.rsplit(":", 1)[-1]
