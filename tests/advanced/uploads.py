"""Events as S3 sends them, and as the handlers decode them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

from domain.events import FileEvent

BUCKET = "uploads-1a2b3c4"
TIME = "2040-05-20T09:59:58.000Z"


def created(key: str = "invoices/a.pdf", sequencer: str = "10", **changes: Any) -> FileEvent:
    """An upload, whose version is named after its sequencer unless `changes` say otherwise."""
    usual: dict[str, Any] = {
        "action": "created",
        "name": "ObjectCreated:Put",
        "bucket": BUCKET,
        "key": key,
        "region": "eu-west-1",
        "time": TIME,
        "size": 186_368,
        "etag": "9b2cf535f27731c974343645a3985328",
        "version_id": f"v{sequencer}",
        "sequencer": sequencer,
        "by": "maria",
    }
    return FileEvent(**{**usual, **changes})


def hidden(key: str = "invoices/a.pdf", sequencer: str = "20", **changes: Any) -> FileEvent:
    """The usual removal in a bucket with versions: a delete marker, with a version of its own."""
    usual: dict[str, Any] = {"action": "removed", "name": "ObjectRemoved:DeleteMarkerCreated", "size": None, "etag": ""}
    return created(key, sequencer, **{**usual, **changes})


def deleted(key: str = "invoices/a.pdf", sequencer: str = "20", *, version: str, **changes: Any) -> FileEvent:
    """One version was deleted permanently."""
    return hidden(key, sequencer, **{"name": "ObjectRemoved:Delete", "version_id": version, **changes})


def restored(key: str = "invoices/a.pdf", **changes: Any) -> FileEvent:
    """An archived version can be read again: S3 gives such events no sequencer."""
    usual: dict[str, Any] = {"action": "restored", "name": "ObjectRestore:Completed", "version_id": "v10"}
    return created(key, "", **{**usual, **changes})


def record(event: FileEvent) -> dict[str, Any]:
    """The event as S3 writes it into `Records`."""
    item: dict[str, Any] = {"key": quote_plus(event.key), "versionId": event.version_id, "sequencer": event.sequencer}
    if event.action != "removed":
        item |= {"size": event.size, "eTag": event.etag}
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": event.region,
        "eventTime": event.time,
        "eventName": event.name,
        "userIdentity": {"principalId": f"AWS:AROAEXAMPLE:{event.by}"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": event.bucket, "arn": f"arn:aws:s3:::{event.bucket}"},
            "object": {name: value for name, value in item.items() if value not in ("", None)},
        },
    }
