"""Items of the catalogue: one for each file, decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from boto3.dynamodb.types import TypeDeserializer

Status = Literal["received", "processed", "failed", "removed"]
Notified = Literal["immediate", "digest", "none"]
"""How people were notified of an upload. `none`: no person to notify, as no rule matched or only rules of systems."""

_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of processing a file. `failure` is a code and a message; without one the file is processed."""

    sha256: str = ""
    content_type: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    failure: tuple[str, str] | None = None


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
    facts: tuple[tuple[str, str], ...] = ()
    failure: tuple[str, str] | None = None
    processed_at: str = ""


def item_of(stored: Mapping[str, Any]) -> Item | None:
    """Decode an item as DynamoDB returns it. Returns None for one that only remembers events."""
    values = plain(stored)
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
    )


def plain(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of an item without DynamoDB's types."""
    return {name: _deserialize(value) for name, value in stored.items()}
