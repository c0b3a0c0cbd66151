"""Whether a file that arrives was expected earlier: what its own notification then says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from domain.events import FileEvent
from domain.expectation_notices import expected_earlier
from domain.expectations import Window, missed
from domain.notifications import Notification
from domain.rules import Rule
from domain.shortfalls import Shortfall
from handlers.data.arrivals import Arrivals
from handlers.data.verdicts import Verdicts

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

REMEMBERED = 1000
MOST_SEARCHED = 5_000
"""Versions of files that notify looks at: five pages, about a second, once for each window and function process."""


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """Finds the windows that a file is too late for. `arrived` says how many files had arrived in one.

    It says None where that is not known. What is known is remembered: a window that has ended does not change.
    """

    arrived: Callable[[Rule, Window], int | None]
    logger: Logger
    _known: dict[tuple[str, datetime], int] = field(default_factory=dict)

    def annotate(self, notification: Notification, event: FileEvent, rules: Sequence[Rule]) -> Notification:
        """The file's notification, which says for which windows it comes too late if it does."""
        return expected_earlier(notification, self.shortfalls(event, rules))

    def shortfalls(self, event: FileEvent, rules: Sequence[Rule]) -> list[Shortfall]:
        """The windows, one for each of the event's rules at most, for which this file comes too late and was missing.

        A file is notified without a delay that cannot be found out: what fails is logged.
        """
        if event.kind != "created" or not any(rule.expect for rule in rules):
            return []
        found = []
        for rule in rules:
            window = missed(rule.expect, datetime.fromisoformat(event.time)) if rule.expect else None
            if rule.expect is None or window is None:
                continue
            try:
                arrived = self._arrived(rule, window)
            except (ClientError, BotoCoreError):
                self.logger.exception("expectation unknown", rule=rule.name, file_id=event.file_id)
                continue
            if arrived is not None and arrived < rule.expect.files:
                found.append(Shortfall(rule=rule.name, window=window, files=rule.expect.files, arrived=arrived))
        return found

    def _arrived(self, rule: Rule, window: Window) -> int | None:
        key = (rule.name, window.end)
        if key not in self._known:
            arrived = self.arrived(rule, window)
            if arrived is None:
                return None
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = arrived
        return self._known[key]


def as_recorded(verdicts: Verdicts) -> Callable[[Rule, Window], int | None]:
    """What the watcher found out at the window's end. Nothing is known before, nor of windows that it never saw."""

    def arrived(rule: Rule, window: Window) -> int | None:
        verdict = verdicts.read(rule.name, window)
        return None if verdict is None else verdict.arrived

    return arrived


def as_listed(arrivals: Arrivals) -> Callable[[Rule, Window], int | None]:
    """What S3 lists now. Where there is more than notify looks at, it is not known."""

    def arrived(rule: Rule, window: Window) -> int | None:
        found = replace(arrivals, most=MOST_SEARCHED).within(rule, window)
        return found.files if found.is_complete else None

    return arrived
