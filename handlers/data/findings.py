"""What was found in files: written into their items, and which of it was announced.

An item remembers its last announced findings like its events (see handlers/data/leases.py), by attributes of their own:
there is at most one of each kind for a version, and they leave those of events alone. A finding is claimed by the write
that stores it, so announcing costs one write more, the mark.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from boto3.dynamodb.conditions import Attr, ConditionBase

from domain.events import FileEvent
from domain.findings import FINDING_KINDS
from handlers.data.item_writer import ItemWriter
from handlers.data.items import FINDING
from handlers.data.leases import LeasedError, attribute_of, done_at, is_free, lease_until, oldest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBERED_FINDINGS = len(FINDING_KINDS)  # as many as one version can have


@dataclass(frozen=True, kw_only=True)
class FindingClaim:
    """The outcome of claiming a finding.

    `new`: publish it, then mark; `duplicate`: it was published before; `superseded`: the item shows another version, or
    the file was removed, and nothing was written. `forget` are the attributes that `mark` removes.
    """

    outcome: Literal["new", "duplicate", "superseded"]
    event: FileEvent
    lease: Decimal
    forget: tuple[str, ...] = ()


@dataclass(frozen=True)
class Findings:
    """Writes findings into the items of one table. What DynamoDB refuses is raised as botocore's ClientError.

    `changes` are attributes of the item with their new values; those that are None are removed.
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
        attribute, lease = finding_attribute(event), lease_until(now + lease_seconds)
        sets, removes = _written(changes)
        allowed = _shows(event.order) & is_free(attribute, now)
        claimed, item = self._items.attempt(event.file_id, {**sets, attribute: lease}, removes, allowed)
        if claimed:
            forget = [name for name in oldest(item, FINDING, REMEMBERED_FINDINGS - 1) if name != attribute]
            return FindingClaim(outcome="new", event=event, lease=lease, forget=tuple(forget))
        if item.get("order") != event.order or item.get("status") == "removed":
            return FindingClaim(outcome="superseded", event=event, lease=lease)
        if not isinstance(item.get(attribute), str):
            raise LeasedError(event)
        written = not changes or self.write(event.file_id, event.order, changes)
        return FindingClaim(outcome="duplicate" if written else "superseded", event=event, lease=lease)

    def release(self, claim: FindingClaim) -> None:
        """Give a claim back, so that the next attempt need not wait for the lease to end."""
        self._update(claim, {}, (finding_attribute(claim.event),))

    def mark(self, claim: FindingClaim) -> None:
        """Mark the finding as announced: it is not published again, whatever version the item shows by now."""
        self._update(claim, {finding_attribute(claim.event): done_at(self.clock())}, claim.forget)

    def _update(self, claim: FindingClaim, sets: Mapping[str, object], removes: tuple[str, ...]) -> None:
        leased = Attr(finding_attribute(claim.event)).eq(claim.lease)
        self._items.update(claim.event.file_id, sets, removes, leased)


def finding_attribute(event: FileEvent) -> str:
    """The attribute by which an item remembers that a finding was announced."""
    return attribute_of(FINDING, event.identity)


def _shows(order: str) -> ConditionBase:
    return Attr("order").eq(order) & Attr("status").ne("removed")


def _written(changes: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """What an update sets, and what it removes."""
    sets = {name: value for name, value in changes.items() if value is not None}
    return sets, [name for name in changes if name not in sets]
