"""How far today's expectations are met: what the page shows of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypedDict

from domain.expectations import Window, following, today
from domain.rules import Rule
from domain.shortfalls import utc
from handlers.data.verdicts import Outcome, Verdicts

MOST_WINDOWS = 500
"""Whose verdicts are read: the newest of today that are over. A rule has 288 a day at most."""
REMEMBERED = 5_000


class Expected(TypedDict):
    """The windows that end today in their rules' time zones, those to come included; of those that are over only the
    ones that were looked at. `next` is when the next one ends, ISO 8601 in UTC."""

    today: int
    arrived: int
    missing: int
    next: str


def nothing_expected() -> None:
    """Where no rule expects files there is nothing to show."""


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """Reads what the watcher found out. A verdict that was read once is remembered: it does not change."""

    rules: Sequence[Rule]
    verdicts: Verdicts
    clock: Callable[[], float] = time.time
    _known: dict[tuple[str, datetime], Outcome] = field(default_factory=dict)

    def today(self) -> Expected | None:
        """The counts of today; None if no rule expects files."""
        now = datetime.fromtimestamp(self.clock(), UTC)
        expecting = [(rule.name, rule.expect) for rule in self.rules if rule.expect is not None]
        if not expecting:
            return None
        windows = [(name, window) for name, expectation in expecting for window in today(expectation, now)]
        over = sorted((one for one in windows if one[1].end <= now), key=lambda one: one[1].end)[-MOST_WINDOWS:]
        self._learn(over)
        outcomes = [self._known.get((name, window.end)) for name, window in over]
        return {
            # Nobody looked at the windows of a rule's first day that were over before it was deployed.
            "today": len(windows) - outcomes.count(None),
            "arrived": outcomes.count("met"),
            "missing": outcomes.count("missing"),
            "next": utc(min(following(expectation, now).end for _, expectation in expecting)),
        }

    def _learn(self, windows: Sequence[tuple[str, Window]]) -> None:
        if len(self._known) > REMEMBERED:
            self._known.clear()
        unknown = [one for one in windows if (one[0], one[1].end) not in self._known]
        for name, window, verdict in self.verdicts.read_all(unknown):
            if verdict is not None:
                self._known[name, window.end] = verdict.outcome
