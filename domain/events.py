"""File events: what happened to an object, or was found in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Literal, get_args

from domain.findings import FINDING_KINDS, Finding, FindingKind

Action = Literal["created", "removed", "restored"]
ACTIONS: tuple[Action, ...] = get_args(Action)
EventKind = Action | FindingKind
EVENT_KINDS: tuple[EventKind, ...] = (*ACTIONS, *FINDING_KINDS)
"""All that rules can ask for: what happens to objects, and what is found in them."""

_FILE_ID = r"[0-9a-f]{32}"  # text: functions compile only what they check

LONGEST_TEXT = 1024
"""Bytes of UTF-8: S3's limit for keys and for version ids; other texts in an event are shorter.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

SCANNER_TEST_KEY = "malware-protection-resource-validation-object"
"""GuardDuty's test of whether its malware protection may write. It stays in the bucket, and is nobody's file."""

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


def may_be_in_a_key(text: str) -> bool:
    """Whether S3 could have a key that is so, or has this in it."""
    try:
        return len(text.encode()) <= LONGEST_TEXT
    except UnicodeEncodeError:  # half of a surrogate pair can be written in JSON
        return False


def _check_text(name: str, text: str) -> None:
    """S3 stores UTF-8, which has no half of a surrogate pair, and no longer text fits into a notification."""
    try:
        length = len(text.encode())
    except UnicodeEncodeError as error:
        raise UnreadableEventError(f"{name} is {text!r:.80}, not Unicode text") from error
    if length > LONGEST_TEXT:
        raise UnreadableEventError(f"{name} has {length} bytes; what S3 writes has at most {LONGEST_TEXT}")
