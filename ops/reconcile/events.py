"""Events for files that had none, in S3's form, made from a listing.

    eventSource  file-notifications:reconcile, where S3 writes aws:s3
    eventName    ObjectCreated:Reconciled for a file, since a listing does not say how it was stored;
                 ObjectRemoved:DeleteMarkerCreated or ObjectRemoved:Delete for a ghost, as the bucket shows
    eventTime    when the version was stored, or now for a ghost
    sequencer    the item's order, padded with zeros to 40 digits, and then a 1; a missing item has the empty order

S3 gives every event of a key a greater sequencer of at most 20 digits or so. One of 41 digits that begins with the
item's own is therefore greater than the item's and smaller than every later one of S3: the event changes the item that
was read, and never one that a real event has changed since. Two runs at the same time make the same sequencer, which
the catalogue treats as one event.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from ops.reconcile.comparison import Difference

SOURCE = "file-notifications:reconcile"
CREATED = "ObjectCreated:Reconciled"
DIGITS = 40


def event(difference: Difference, *, region: str, now: datetime) -> dict[str, Any]:
    """The event that S3 would have sent for the difference."""
    stored = difference.stored
    item: dict[str, Any] = {
        "key": quote_plus(difference.key, safe="/"),
        "sequencer": sequencer_after(difference.item.order if difference.item else ""),
    }
    if stored is not None:
        name, time = CREATED, stored.modified
        item |= {"size": stored.size, "eTag": stored.etag}
    else:
        name, time = f"ObjectRemoved:{'DeleteMarkerCreated' if difference.marker else 'Delete'}", now
    if version := _version(difference):
        item["versionId"] = version
    record = {
        "eventVersion": "2.1",
        "eventSource": SOURCE,
        "awsRegion": region,
        "eventTime": time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventName": name,
        "s3": {"bucket": {"name": difference.bucket}, "object": item},
    }
    return {"Records": [record]}


def _version(difference: Difference) -> str:
    """The version that was stored, or hides the file, or was deleted permanently."""
    if difference.stored is not None:
        return difference.stored.version_id
    return difference.marker or (difference.item.version_id if difference.item else "")


def sequencer_after(order: str) -> str:
    """The next sequencer after an item's order; S3 itself never gives one of this length."""
    return f"{order.ljust(DIGITS, '0')}1"
