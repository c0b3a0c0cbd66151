"""Items of the catalogue: one for each file, decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from boto3.dynamodb.types import TypeDeserializer

from domain.events import FileEvent
from domain.findings import SCAN_KINDS, Facts, Finding, FindingKind
from domain.scans import Verdict
from handlers.data.leases import hash_of

Status = Literal["stored", "received", "processed", "failed", "removed"]
"""`stored` is no item's: S3 lists the file, and the catalogue does not have it."""
Notified = Literal["immediate", "digest", "none"]
"""How people were notified of an upload. `none`: no person to notify, as no rule matched or only rules of systems."""

RESULT = ("sha256", "contentType", "facts", "failure", "processedAt")
"""The attributes of the result of processing."""
ANNOUNCED: Mapping[FindingKind, str] = {"processed": "fp", "broken": "fb", "clean": "fc", "infected": "fi"}
"""The attributes that say of which upload each kind of finding was announced last: see handlers/data/findings.py."""
SCAN = "scan:"
"""What the attributes of verdicts start with: one for each of the last versions, named by the version's hash."""

_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of processing a file. `failure` is a code and a message; without one the file is processed."""

    sha256: str = ""
    content_type: str = ""
    facts: Facts = ()
    failure: tuple[str, str] | None = None

    def changes(self, time: str) -> dict[str, object]:
        """The attributes that it changes in an item; those that are None are removed. `time` is ISO 8601."""
        values: dict[str, object] = {
            "sha256": self.sha256,
            "contentType": self.content_type,
            "facts": [list(fact) for fact in self.facts],
            "failure": list(self.failure or ()),
            "processedAt": time,
        }
        return {"status": "failed" if self.failure else "processed"} | {n: v or None for n, v in values.items()}


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The verdict of the malware scan on one version. `reason` has the threat, or why it could not be scanned."""

    verdict: Verdict
    reason: str
    time: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One file as the catalogue describes it. Times are ISO 8601 in UTC, `size` is in bytes."""

    id: str
    bucket: str
    key: str
    region: str
    status: Status
    order: str
    time: str = ""
    size: int | None = None
    etag: str = ""
    version_id: str = ""
    by: str = ""
    removed_at: str = ""
    removed_by: str = ""
    notified: Notified | Literal[""] = ""
    """Empty until the event is marked: publishing a claimed event may still fail."""
    sha256: str = ""
    content_type: str = ""
    facts: Facts = ()
    failure: tuple[str, str] | None = None
    processed_at: str = ""
    scan: Scan | None = None
    """The verdict on the version that the item shows. None before there is one, and where nothing is scanned."""
    announced: Mapping[FindingKind, str] = field(default_factory=dict)
    """Of which upload each kind of finding was announced last."""

    @property
    def result(self) -> Result:
        """The result of processing, as far as there is one."""
        return Result(sha256=self.sha256, content_type=self.content_type, facts=self.facts, failure=self.failure)

    def event(self, finding: Finding) -> FileEvent:
        """What was found in the upload that the item shows, as an event."""
        source = "FileScanned" if finding.kind in SCAN_KINDS else "FileInspected"
        return FileEvent(
            action="created",
            name=f"{source}:{finding.kind.capitalize()}",
            bucket=self.bucket,
            key=self.key,
            region=self.region,
            time=self.time,
            size=self.size,
            etag=self.etag,
            version_id=self.version_id,
            sequencer=self.order,
            by=self.by,
            finding=finding,
        )


def item_of(stored: Mapping[str, Any]) -> Item | None:
    """Decode an item as DynamoDB returns it. Returns None for one that only remembers events and verdicts."""
    return shown_by(plain(stored))


def shown_by(values: Mapping[str, Any]) -> Item | None:
    """The same of an item without DynamoDB's types."""
    if "status" not in values:
        return None
    return Item(
        id=values["id"],
        bucket=values["bucket"],
        key=values["key"],
        region=values["region"],
        status=values["status"],
        order=values.get("order", ""),
        time=values.get("arrived", ""),
        size=int(values["size"]) if "size" in values else None,
        etag=values.get("etag", ""),
        version_id=values.get("version", ""),
        by=values.get("by", ""),
        removed_at=values.get("removedAt", ""),
        removed_by=values.get("removedBy", ""),
        notified=values.get("notified", ""),
        sha256=values.get("sha256", ""),
        content_type=values.get("contentType", ""),
        facts=tuple((label, value) for label, value in values.get("facts", ())),
        failure=(values["failure"][0], values["failure"][1]) if "failure" in values else None,
        processed_at=values.get("processedAt", ""),
        scan=_scan(values.get(scan_attribute(values.get("version", "")))),
        announced={kind: values[name] for kind, name in ANNOUNCED.items() if isinstance(values.get(name), str)},
    )


def scan_attribute(version_id: str) -> str:
    """The attribute that has the verdict on a version. It may be written before the item shows that version."""
    return SCAN + hash_of(version_id)


def _scan(stored: Any) -> Scan | None:
    if stored is None:
        return None
    verdict, reason, time = stored
    return Scan(verdict=verdict, reason=reason, time=time)


def plain(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of an item without DynamoDB's types."""
    return {name: _deserialize(value) for name, value in stored.items()}
