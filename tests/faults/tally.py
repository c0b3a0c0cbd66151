"""What has become of the events of one fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tally:
    """`kept` counts by queue what waited there once the fault was over; the others say how it ended after `replay`.

    `silent` were, before the replay, neither told nor kept, and no line of a log named them.
    """

    events: int
    accidents: int
    told_once: int
    told_again: int
    kept: Mapping[str, int]
    lost: int
    silent: int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What can be seen from outside at one moment: how often each event was told, and who is kept where or logged."""

    notified: Counter[str]
    kept: Mapping[str, Collection[str]]
    logged: Collection[str] = ()

    @property
    def kept_anywhere(self) -> set[str]:
        return {event for events in self.kept.values() for event in events}


def tally(events: Collection[str], *, before: Seen, after: Seen, accidents: int) -> Tally:
    """`before` is the end of the fault, `after` the end of the replay."""
    accounted = before.notified.keys() | before.kept_anywhere | set(before.logged)
    return Tally(
        events=len(events),
        accidents=accidents,
        told_once=sum(after.notified[event] == 1 for event in events),
        told_again=sum(after.notified[event] > 1 for event in events),
        kept={queue: len(kept) for queue, kept in before.kept.items() if kept},
        lost=len(set(events) - after.notified.keys() - after.kept_anywhere),
        silent=len(set(events) - accounted),
    )
