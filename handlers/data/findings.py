"""What was found in files: written into their items, and which of it was announced.

An item has one small attribute for each kind of finding that was announced:

    a number   a finding is leased: seconds since 1970 until which one function may publish it
    a text     the upload of which it was announced last

Findings are only of the upload that the item shows, so the last one is all that has to be remembered. A finding is
claimed by the write that stores it: announcing costs one write more, the mark.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from boto3.dynamodb.conditions import Attr, ConditionBase

from domain.events import FileEvent
from handlers.data.item_writer import ItemWriter
from handlers.data.items import ANNOUNCED, Item
from handlers.data.leases import LeasedError, hash_of, is_free, lease_until

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, kw_only=True)
class FindingClaim:
    """The outcome of claiming a finding.

    `new`: publish it, then mark; `duplicate`: it was published before; `superseded`: the item shows another version, or
    the file was removed, and nothing was written.
    """

    outcome: Literal["new", "duplicate", "superseded"]
    event: FileEvent
    lease: Decimal


@dataclass(frozen=True)
class Findings:
    """Writes findings into the items of one table. What DynamoDB refuses is raised as botocore's ClientError.

    `changes` are attributes of the item with their new values; those that are None are removed. Events are made by
    Item.event.
    """

    client: DynamoDBClient
    table: str
    clock: Callable[[], float] = time.time

    @cached_property
    def _items(self) -> ItemWriter:
        return ItemWriter(self.client, self.table)

    def write(self, file_id: str, order: str, changes: Mapping[str, object]) -> bool:
        """Write into the item if it still shows the upload of that order. Returns False if it has moved on."""
        written, _ = self._items.attempt(file_id, *_written(changes), _shows(order))
        return written

    def claim(self, event: FileEvent, changes: Mapping[str, object], *, lease_seconds: float) -> FindingClaim:
        """Write, and claim the event's finding for `lease_seconds`, during which no other function can.

        Raises LeasedError if one has, with nothing written.
        """
        now = self.clock()
        attribute, upload, lease = _attribute(event), _upload(event), lease_until(now + lease_seconds)
        sets, removes = _written(changes)
        free = is_free(attribute, now) | (Attr(attribute).attribute_type("S") & Attr(attribute).ne(upload))
        claimed, item = self._items.attempt(
            event.file_id, {**sets, attribute: lease}, removes, _shows(event.order) & free
        )
        if claimed:
            return FindingClaim(outcome="new", event=event, lease=lease)
        if item.get("order") != event.order or item.get("status") == "removed":
            return FindingClaim(outcome="superseded", event=event, lease=lease)
        if item.get(attribute) != upload:
            raise LeasedError(event)
        written = not changes or self.write(event.file_id, event.order, changes)
        return FindingClaim(outcome="duplicate" if written else "superseded", event=event, lease=lease)

    def release(self, claim: FindingClaim) -> None:
        """Give a claim back, so that the next attempt need not wait for the lease to end."""
        self._update(claim, {}, [_attribute(claim.event)])

    def mark(self, claim: FindingClaim) -> None:
        """Mark the finding as announced: it is not published again, whatever version the item shows by now."""
        self._update(claim, {_attribute(claim.event): _upload(claim.event)}, [])

    def _update(self, claim: FindingClaim, sets: Mapping[str, object], removes: list[str]) -> None:
        leased = Attr(_attribute(claim.event)).eq(claim.lease)
        self._items.update(claim.event.file_id, sets, removes, leased)


def is_announced(event: FileEvent, item: Item) -> bool:
    """Whether an item says that the event's finding was announced."""
    return event.finding is not None and item.announced.get(event.finding.kind) == _upload(event)


def _attribute(event: FileEvent) -> str:
    if event.finding is None:
        raise ValueError(f"{event.name} of {event.file_id} has no finding")
    return ANNOUNCED[event.finding.kind]


def _upload(event: FileEvent) -> str:
    """The upload that the finding is about, as items remember it."""
    return hash_of(replace(event, finding=None).identity)


def _shows(order: str) -> ConditionBase:
    return Attr("order").eq(order) & Attr("status").ne("removed")


def _written(changes: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """What an update sets, and what it removes."""
    sets = {name: value for name, value in changes.items() if value is not None}
    return sets, [name for name in changes if name not in sets]
