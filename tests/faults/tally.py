"""The outcome of the events of one fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tally:
    """`queued` counts by queue what waited there once the fault was over; the others say how it ended after `replay`.

    `silent` were, before the replay, neither notified nor queued, and no line of a log named them.
    """

    events: int
    accidents: int
    notified_once: int
    notified_again: int
    queued: Mapping[str, int]
    lost: int
    silent: int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What can be seen from outside at one moment: each event's notifications, queues and log lines."""

    notified: Counter[str]
    queued: Mapping[str, Collection[str]]
    logged: Collection[str] = ()

    @property
    def queued_anywhere(self) -> set[str]:
        return {event for events in self.queued.values() for event in events}


def tally(events: Collection[str], *, before: Seen, after: Seen, accidents: int) -> Tally:
    """`before` is the end of the fault, `after` the end of the replay."""
    accounted = before.notified.keys() | before.queued_anywhere | set(before.logged)
    return Tally(
        events=len(events),
        accidents=accidents,
        notified_once=sum(after.notified[event] == 1 for event in events),
        notified_again=sum(after.notified[event] > 1 for event in events),
        queued={queue: len(queued) for queue, queued in before.queued.items() if queued},
        lost=len(set(events) - after.notified.keys() - after.queued_anywhere),
        silent=len(set(events) - accounted),
    )
