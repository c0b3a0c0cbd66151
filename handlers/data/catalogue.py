"""The catalogue: one DynamoDB item for each object, which also remembers which of its events were published.

One conditional write removes duplicates, keeps the order and stores the metadata. Besides the metadata an item holds
one small attribute for each of its last events, named by the event's hash:

    a number   the event is leased: seconds since 1970 until which one function may publish it
    a text     the event is done

A condition compares it with a number, and DynamoDB never finds a text below a number: a done event stays done.

A version that was deleted permanently is remembered in the same way: its deletion may be received before its upload.
See docs/decisions/0006-claim-publish-mark.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from boto3.dynamodb.conditions import Attr, ConditionBase, ConditionExpressionBuilder
from boto3.dynamodb.types import TypeSerializer

from domain.events import FileEvent
from domain.notifications import Version
from handlers.data.items import Item, Notified, Result, item_of, plain
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
_RESULT = ("sha256", "contentType", "facts", "failure", "processedAt")
_REMOVAL = ("removedAt", "removedBy", "expires")

_serialize = TypeSerializer().serialize


class LeasedError(RuntimeError):
    """Another function is publishing this event. Raised, so that Lambda retries when its lease has ended."""


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

    def claim(self, event: FileEvent, *, lease_seconds: float) -> Claim:
        """Claim an event for `lease_seconds`, during which no other function can. Raises LeasedError if one has."""
        now = self.clock()
        lease = _number(now + lease_seconds)
        attribute = event_attribute(event)
        free = Attr(attribute).not_exists() | Attr(attribute).lt(_number(now))
        change = self._change(event)
        outcome: Literal["new", "late"] = "new"
        allowed = free & change.condition if change.condition else free
        sets = {**change.sets, **change.always, attribute: lease}
        if event.action == "created":
            self._index.remember(event.time[:7])
        claimed, item = self._try(event, sets, change.removes, allowed)
        removed = False
        version: Version = "current" if claimed and item.get("version") == event.version_id else "unknown"
        if not claimed and not _is_taken(item.get(attribute), now):
            # Refused because of the item: it shows something newer, or another version than the one deleted.
            newer = str(item.get("order", "")) > event.order
            deleted = event.action == "created" and _gone(event) in item
            outcome = "late" if newer or deleted else "new"
            removed = item.get("status") == "removed" if newer else deleted
            version = "old"
            claimed, item = self._try(event, {**change.always, attribute: lease}, (), free)
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
        raise LeasedError(
            f"event {event.sequencer or event.name} of {event.file_id} is being published by another function"
        )

    def release(self, claim: Claim) -> None:
        """Give a claim back, so that the next attempt need not wait for the lease to end."""
        attribute = event_attribute(claim.event)
        self._update(claim.event.file_id, {}, (attribute,), Attr(attribute).eq(claim.lease))

    def mark(self, claim: Claim, *, notified: Notified) -> None:
        """Mark the event as done: no delivery of it is published again. Forgets the oldest of many events."""
        event, attribute = claim.event, event_attribute(claim.event)
        sets: dict[str, object] = {attribute: f"{int(self.clock()):x}"}
        leased: ConditionBase = Attr(attribute).eq(claim.lease)
        if claim.outcome == "new" and event.action == "created":
            current = leased & Attr("order").eq(event.order)
            marked, _ = self._try(event, {**sets, "notified": notified}, claim.forget, current)
            if marked:
                return
            # The item shows a newer upload by now, and how people were notified of that one.
        self._update(event.file_id, sets, claim.forget, leased)

    def result(self, file_id: str, order: str, result: Result) -> bool:
        """Write the result of processing if the item still shows that event. Returns False if it has moved on."""
        values: dict[str, object] = {
            "status": "failed" if result.failure else "processed",
            "sha256": result.sha256,
            "contentType": result.content_type,
            "facts": [list(fact) for fact in result.facts],
            "failure": list(result.failure or ()),
            "processedAt": _iso(self.clock()),
        }
        sets = {name: value for name, value in values.items() if value}
        current = Attr("order").eq(order) & Attr("status").ne("removed")
        try:
            self._update(file_id, sets, values.keys() - sets.keys(), current)
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

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
            removes = (*_RESULT, *(() if by else ("removedBy",)))
            if event.is_version_deletion:
                # One version was deleted permanently, which has no order with the uploads of others. If it is not the
                # one that the item shows, the file is still there.
                shown = Attr("status").not_exists() | Attr("version").eq(event.version_id)
                gone = {_gone(event): f"{int(self.clock()):x}"}
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
            removes=(*_RESULT, *_REMOVAL, "notified", *sorted(optional.keys() - given.keys())),
            condition=newer & Attr(_gone(event)).not_exists(),
        )

    def _try(
        self, event: FileEvent, sets: Mapping[str, object], removes: Iterable[str], condition: ConditionBase
    ) -> tuple[bool, dict[str, Any]]:
        """Write on a condition. Returns whether it held, and the item: as it is then, or as it was if refused."""
        try:
            return True, self._update(event.file_id, sets, removes, condition)
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            return False, plain(refused.response.get("Item", {}))  # type: ignore[arg-type]

    def _update(
        self, file_id: str, sets: Mapping[str, object], removes: Iterable[str], condition: ConditionBase
    ) -> dict[str, Any]:
        """One conditional UpdateItem. Returns the item as it is afterwards."""
        built = ConditionExpressionBuilder().build_expression(condition)
        set_names = {f"#s{number}": name for number, name in enumerate(sets)}
        remove_names = {f"#r{number}": name for number, name in enumerate(removes)}
        values = {f":s{number}": value for number, value in enumerate(sets.values())}
        clauses = []
        if sets:
            clauses.append("SET " + ", ".join(f"#s{number} = :s{number}" for number in range(len(sets))))
        if remove_names:
            clauses.append("REMOVE " + ", ".join(remove_names))
        reply = self.client.update_item(
            TableName=self.table,
            Key={"id": {"S": file_id}},
            UpdateExpression=" ".join(clauses),
            ConditionExpression=built.condition_expression,
            ExpressionAttributeNames={**built.attribute_name_placeholders, **set_names, **remove_names},
            ExpressionAttributeValues={
                name: _serialize(value) for name, value in {**built.attribute_value_placeholders, **values}.items()
            },
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return plain(reply["Attributes"])


@dataclass(frozen=True, kw_only=True)
class _Change:
    """`sets` and `removes` apply if the item meets `condition`; `always` in any case."""

    sets: Mapping[str, object] = field(default_factory=dict)
    always: Mapping[str, object] = field(default_factory=dict)
    removes: Iterable[str] = ()
    condition: ConditionBase | None = None


def event_attribute(event: FileEvent) -> str:
    """The attribute by which an item remembers an event: 40 bits are plenty among the few events of one object."""
    return _EVENT + sha256(event.identity.encode()).hexdigest()[:10]


def _gone(event: FileEvent) -> str:
    """The attribute by which an item remembers that the event's version was deleted permanently."""
    return _GONE + sha256(event.version_id.encode()).hexdigest()[:10]


def _is_taken(value: object, now: float) -> bool:
    return isinstance(value, str) or (isinstance(value, Decimal) and value >= _number(now))


def _to_forget(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The done events and the deletions beyond those worth remembering, oldest first."""
    # The claimed event is about to become one more.
    return (*_oldest(item, _EVENT, REMEMBERED_EVENTS - 1), *_oldest(item, _GONE, REMEMBERED_DELETIONS))


def _oldest(item: Mapping[str, Any], prefix: str, keep: int) -> list[str]:
    times = sorted((value, name) for name, value in item.items() if name.startswith(prefix) and isinstance(value, str))
    return [name for _, name in times[: max(0, len(times) - keep)]]


def _number(seconds: float) -> Decimal:
    return Decimal(f"{seconds:.3f}")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
