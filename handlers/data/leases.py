"""Leases on events: which function may publish an event, and which events are done.

An item holds one small attribute for each:

    a number   the event is leased: seconds since 1970 until which one function may publish it
    a text     the event is done

A condition compares it with a number, and DynamoDB never finds a text below a number: a done event stays done.
See docs/decisions/0006-claim-publish-mark.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from domain.events import FileEvent


class LeasedError(RuntimeError):
    """Another function is publishing this event. Raised, so that it is retried when the lease has ended."""

    def __init__(self, event: FileEvent) -> None:
        what = f"{event.kind} {event.sequencer or event.name} of {event.file_id}"
        super().__init__(f"event {what} is being published by another function")


def hash_of(identity: str) -> str:
    """What an item remembers an event by: 40 bits are plenty among the few events of one object."""
    return sha256(identity.encode()).hexdigest()[:10]


def lease_until(seconds: float) -> Decimal:
    """The value of a leased event."""
    return Decimal(f"{seconds:.3f}")


def done_at(seconds: float) -> str:
    """The value of a done event; they sort by time."""
    return f"{int(seconds):x}"


def is_free(attribute: str, now: float) -> ConditionBase:
    """The condition that an event is neither done nor leased."""
    return Attr(attribute).not_exists() | Attr(attribute).lt(lease_until(now))


def is_taken(value: object, now: float) -> bool:
    """Whether the value of an event says that it is done or leased."""
    return isinstance(value, str) or (isinstance(value, Decimal) and value >= lease_until(now))


def oldest(item: Mapping[str, Any], prefix: str, keep: int) -> list[str]:
    """The done attributes with this prefix beyond the newest `keep`, oldest first."""
    times = sorted((value, name) for name, value in item.items() if name.startswith(prefix) and isinstance(value, str))
    return [name for _, name in times[: max(0, len(times) - keep)]]
