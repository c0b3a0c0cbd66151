"""Looks whether what a rule expects has arrived, and publishes once for each window in which it has not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol

from domain.expectation_notices import missing_notification
from domain.expectations import SWEEP, Expectation, Window, due, skipped
from domain.notifications import Notification
from domain.rules import Rule
from domain.shortfalls import Shortfall
from handlers.data.arrivals import Arrivals
from handlers.data.verdicts import Verdict
from handlers.logic.claims import released_on_failure

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

LEASE_MARGIN_SECONDS = 2.0  # for clocks that differ
SEARCH_MARGIN_SECONDS = 15.0  # what the search leaves of the function's time, to publish
SECONDS_BETWEEN_NOTIFICATIONS = 0.2
"""SNS suspends an address at 10 messages a second: this is half of that.

https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
"""

Outcome = Literal["met", "missing", "duplicate"]


class Memory(Protocol):
    """Remembers which windows were reported: handlers.data.verdicts in advanced mode, a SmallMemory in basic."""

    def claim(self, rule: str, window: Window, *, lease_seconds: float) -> bool:
        """Returns False if the window has a verdict. Raises if another function is at work on it."""

    def release(self, rule: str, window: Window) -> None:
        """Give a claim back."""

    def conclude(self, rule: str, window: Window, verdict: Verdict) -> None:
        """Remember the verdict."""


@dataclass(frozen=True)
class SmallMemory:
    """Basic mode has no table: this function process remembers what it has reported, and another one does not."""

    _concluded: set[tuple[str, datetime]] = field(default_factory=set)

    def claim(self, rule: str, window: Window, *, lease_seconds: float) -> bool:  # noqa: ARG002 - a process is alone
        return (rule, window.end) not in self._concluded

    def release(self, rule: str, window: Window) -> None:
        pass

    def conclude(self, rule: str, window: Window, verdict: Verdict) -> None:  # noqa: ARG002
        self._concluded.add((rule, window.end))


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """Reports each window of the rules' expectations once. `publish` delivers one notification or raises."""

    rules: Sequence[Rule]
    arrivals: Arrivals
    memory: Memory
    publish: Callable[[Notification], object]
    logger: Logger
    pause: Callable[[float], None] = time.sleep

    def check(self, name: str, scheduled: datetime, seconds_left: Callable[[], float]) -> Outcome | None:
        """Look at the window of one rule that ends at the time for which this invocation was scheduled.

        Returns None if there is none: the rule expects nothing by then, or nothing any more. Raises what S3, the table
        or `publish` raise; Lambda then retries.
        """
        found = [
            (rule, window)
            for rule, expectation in self._expecting()
            if (window := due(expectation, scheduled)) is not None
        ]
        for position, (rule, window) in enumerate(found):
            if rule.name == name:
                # Rules whose windows end together are looked at together, each by an invocation of its own.
                return self._look(rule, window, seconds_left, wait=position * SECONDS_BETWEEN_NOTIFICATIONS)
        self.logger.info("not expected", rule=name, scheduled=scheduled.isoformat())
        return None

    def sweep(self, scheduled: datetime, seconds_left: Callable[[], float]) -> list[Outcome]:
        """Look at the windows since the last sweep for which no invocation comes, as clocks were set forward."""
        return [
            self._look(rule, window, seconds_left)
            for rule, expectation in self._expecting()
            for window in skipped(expectation, after=scheduled - SWEEP, until=scheduled)
        ]

    def _expecting(self) -> list[tuple[Rule, Expectation]]:
        return [(rule, rule.expect) for rule in self.rules if rule.expect is not None]

    def _look(self, rule: Rule, window: Window, seconds_left: Callable[[], float], *, wait: float = 0) -> Outcome:
        if not self.memory.claim(rule.name, window, lease_seconds=seconds_left() + LEASE_MARGIN_SECONDS):
            self.logger.info("duplicate", rule=rule.name, by=window.local_end)
            return "duplicate"
        with released_on_failure(partial(self.memory.release, rule.name, window)):
            verdict = self._report(rule, window, seconds_left, wait)
        self.memory.conclude(rule.name, window, verdict)
        return verdict.outcome

    def _report(self, rule: Rule, window: Window, seconds_left: Callable[[], float], wait: float) -> Verdict:
        files = rule.expect.files if rule.expect else 0
        arrived = self.arrivals.within(rule, window, lambda: seconds_left() < SEARCH_MARGIN_SECONDS)
        outcome: Literal["met", "missing"] = "met" if arrived.files >= files else "missing"
        if outcome == "missing":
            shortfall = Shortfall(rule=rule.name, window=window, files=files, arrived=arrived.files)
            notification = missing_notification(
                rule,
                shortfall,
                buckets=self.arrivals.buckets(rule),
                newest=arrived.newest,
                searched=None if arrived.is_complete else arrived.searched,
            )
            self.pause(wait)
            self.publish(notification)
        self.logger.info(
            outcome,
            rule=rule.name,
            by=window.local_end,
            expected=files,
            arrived=arrived.files,
            is_complete=arrived.is_complete,
        )
        return Verdict(outcome=outcome, arrived=arrived.files)
