"""The catalogue: one DynamoDB item for each object, which also remembers which of its events were published.

One conditional write removes duplicates, keeps the order and stores the metadata. Besides the metadata an item holds
one small attribute for each of its last events, named by the event's hash: see handlers/data/leases.py.

A version that was deleted permanently is remembered in the same way: its deletion may be received before its upload.
See docs/decisions/0006-claim-publish-mark.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from boto3.dynamodb.conditions import Attr, ConditionBase

from domain.events import FileEvent
from domain.notifications import Version
from handlers.data.item_writer import ItemWriter
from handlers.data.items import RESULT, Item, Notified, item_of
from handlers.data.leases import LeasedError, done_at, hash_of, is_free, is_taken, lease_until, oldest
from handlers.data.month_index import MonthIndex, index_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBERED_EVENTS = 16
"""More would push a common item over 1 KB, and each of its writes to two write units.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""
TOMBSTONE_SECONDS = 30 * 86_400

REMEMBERED_DELETIONS = 4

_EVENT, _GONE = "e:", "gone:"  # what the attributes of events and of deleted versions start with
_REMOVAL = ("removedAt", "removedBy", "expires")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The outcome of claiming an event.

    `new`: publish it, then mark; `late`: the same, but the item shows something newer; `duplicate`: it was published
    before. `now_removed` says of a late event whether the newer one removed the file. `version` says of the deletion of
    one version whether the item showed that version. `forget` are the attributes that `mark` removes.
    """

    outcome: Literal["new", "late", "duplicate"]
    event: FileEvent
    now_removed: bool = False
    version: Version = "unknown"
    lease: Decimal
    forget: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Writes and reads single items of one table. What DynamoDB refuses is raised as botocore's ClientError."""

    client: DynamoDBClient
    table: str
    clock: Callable[[], float] = time.time

    @cached_property
    def _index(self) -> MonthIndex:
        return MonthIndex(self.client, self.table)

    @cached_property
    def _items(self) -> ItemWriter:
        return ItemWriter(self.client, self.table)

    def claim(self, event: FileEvent, *, lease_seconds: float) -> Claim:
        """Claim an event for `lease_seconds`, during which no other function can. Raises LeasedError if one has."""
        now = self.clock()
        lease = lease_until(now + lease_seconds)
        attribute = event_attribute(event)
        free = is_free(attribute, now)
        change = self._change(event)
        outcome: Literal["new", "late"] = "new"
        allowed = free & change.condition if change.condition else free
        sets = {**change.sets, **change.always, attribute: lease}
        if event.action == "created":
            self._index.remember(event.time[:7])
        claimed, item = self._items.attempt(event.file_id, sets, change.removes, allowed)
        removed = False
        version: Version = "current" if claimed and item.get("version") == event.version_id else "unknown"
        if not claimed and not is_taken(item.get(attribute), now):
            # Refused because of the item: it shows something newer, or another version than the one deleted.
            newer = str(item.get("order", "")) > event.order
            deleted = event.action == "created" and _gone(event) in item
            outcome = "late" if newer or deleted else "new"
            removed = item.get("status") == "removed" if newer else deleted
            version = "old"
            claimed, item = self._items.attempt(event.file_id, {**change.always, attribute: lease}, (), free)
        if claimed:
            return Claim(
                outcome=outcome,
                event=event,
                now_removed=removed,
                version=version,
                lease=lease,
                forget=_to_forget(item),
            )
        if isinstance(item.get(attribute), str):
            return Claim(outcome="duplicate", event=event, lease=lease)
        raise LeasedError(event)

    def release(self, claim: Claim) -> None:
        """Give a claim back, so that the next attempt need not wait for the lease to end."""
        attribute = event_attribute(claim.event)
        self._items.update(claim.event.file_id, {}, (attribute,), Attr(attribute).eq(claim.lease))

    def mark(self, claim: Claim, *, notified: Notified) -> None:
        """Mark the event as done: no delivery of it is published again. Forgets the oldest of many events."""
        event, attribute = claim.event, event_attribute(claim.event)
        sets: dict[str, object] = {attribute: done_at(self.clock())}
        leased: ConditionBase = Attr(attribute).eq(claim.lease)
        if claim.outcome == "new" and event.action == "created":
            current = leased & Attr("order").eq(event.order)
            with suppress(self.client.exceptions.ConditionalCheckFailedException):
                self._items.update(event.file_id, {**sets, "notified": notified}, claim.forget, current)
                return
            # The item shows a newer upload by now, and how people were notified of that one.
        self._items.update(event.file_id, sets, claim.forget, leased)

    def read(self, file_id: str) -> Item | None:
        """Read one item, strongly consistent. Returns None if there is no such file."""
        reply = self.client.get_item(TableName=self.table, Key={"id": {"S": file_id}}, ConsistentRead=True)
        return item_of(reply.get("Item", {}))

    def _change(self, event: FileEvent) -> _Change:
        """What an event writes into the item, and on which condition."""
        place: dict[str, object] = {"bucket": event.bucket, "key": event.key, "region": event.region}
        if event.action == "restored":  # the file is what it was, and S3 gives restores no order
            return _Change()
        newer: ConditionBase = Attr("order").not_exists() | Attr("order").lte(event.order)
        if event.action == "removed":
            expires = int(self.clock()) + TOMBSTONE_SECONDS
            sets = {**place, "status": "removed", "removedAt": event.time, "expires": expires}
            by = {"removedBy": event.by} if event.by else {}
            removes = (*RESULT, *(() if by else ("removedBy",)))
            if event.is_version_deletion:
                # One version was deleted permanently, which has no order with the uploads of others. If it is not the
                # one that the item shows, the file is still there.
                shown = Attr("status").not_exists() | Attr("version").eq(event.version_id)
                gone = {_gone(event): done_at(self.clock())}
                return _Change(sets={**sets, **by}, always=gone, removes=removes, condition=shown)
            return _Change(sets={**sets, **by, "order": event.order}, removes=removes, condition=newer)
        optional: dict[str, object] = {
            "size": event.size,
            "etag": event.etag,
            "version": event.version_id,
            "by": event.by,
        }
        given = {name: value for name, value in optional.items() if value not in (None, "")}
        month = index_key(event.file_id, event.time)
        listed = {"status": "received", "arrived": event.time, "month": month}
        return _Change(
            sets={**place, **given, **listed, "order": event.order},
            removes=(*RESULT, *_REMOVAL, "notified", *sorted(optional.keys() - given.keys())),
            condition=newer & Attr(_gone(event)).not_exists(),
        )


@dataclass(frozen=True, kw_only=True)
class _Change:
    """`sets` and `removes` apply if the item meets `condition`; `always` in any case."""

    sets: Mapping[str, object] = field(default_factory=dict)
    always: Mapping[str, object] = field(default_factory=dict)
    removes: Iterable[str] = ()
    condition: ConditionBase | None = None


def event_attribute(event: FileEvent) -> str:
    """The attribute by which an item remembers an event."""
    return _EVENT + hash_of(event.identity)


def _gone(event: FileEvent) -> str:
    """The attribute by which an item remembers that the event's version was deleted permanently."""
    return _GONE + hash_of(event.version_id)


def _to_forget(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The done events and the deletions beyond those worth remembering, oldest first."""
    # The claimed event is about to become one more.
    return (*oldest(item, _EVENT, REMEMBERED_EVENTS - 1), *oldest(item, _GONE, REMEMBERED_DELETIONS))
