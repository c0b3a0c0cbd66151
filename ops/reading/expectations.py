"""What the deployed rules expect, what has arrived of it, and the schedules that look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.expectations import Expectation, Window, following, latest, today
from domain.rules import Rule
from handlers.data.arrivals import Arrivals, Source
from ops.reading.deployed import Deployed
from ops.reading.functions import Function, function, schedules_of


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A window and how many files have arrived in it: so far, if it is not over. Without `is_complete` maybe more.

    Not `is_expected` is a window that was over before the rule was deployed: nobody looked, and nobody was notified.
    """

    window: Window
    files: int
    arrived: int
    is_complete: bool
    is_expected: bool

    @property
    def is_met(self) -> bool:
        """Whether as many files have arrived as are expected."""
        return self.arrived >= self.files

    @property
    def is_missing(self) -> bool:
        """Whether files are missing that somebody expected."""
        return self.is_expected and not self.is_met


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One rule's expectation at a moment: the last window that is over, the one that ends next, those of the day."""

    rule: Rule
    last: Looked
    next: Looked
    today: tuple[Looked, ...]


def expected(deployed: Deployed, now: datetime) -> list[Expected]:
    """Every rule that expects files, as S3 lists what arrived. Raises OpsError if the rules cannot be read."""
    rules = expecting(deployed)
    if not rules:
        return []
    arrivals, since = Arrivals(sources=_sources(deployed)), _since(deployed)
    return [looked(arrivals, rule, expectation, now, since.get(rule.name)) for rule, expectation in rules]


def expecting(deployed: Deployed) -> list[tuple[Rule, Expectation]]:
    """The rules that expect files, with what they expect. Raises OpsError if the rules cannot be read."""
    return [(rule, rule.expect) for rule in deployed.rules if rule.expect is not None]


def watcher(deployed: Deployed) -> Function | None:
    """The function that looks; None if it does not exist."""
    name = deployed.stack.whole.get("expectFunctionName")
    return function(deployed.stack.whole.aws.lambda_, name) if name else None


def schedules(deployed: Deployed, invoked: Function) -> dict[str | None, Mapping[str, Any]]:
    """The schedules that invoke it, by the rule in what they send; None is the sweep."""
    found = schedules_of(deployed.stack.whole.aws.scheduler, invoked.arn)
    return {_rule_in(schedule["Target"].get("Input", "")): schedule for schedule in found}


def _since(deployed: Deployed) -> dict[str | None, datetime]:
    """When each rule's schedule was made: windows that were over by then were never looked at.

    A schedule is made anew when its times change. A rule whose schedule is missing has none: it should be looked at.
    """
    function = watcher(deployed)
    made = schedules(deployed, function) if function else {}
    return {rule: schedule["CreationDate"] for rule, schedule in made.items()}


def _rule_in(text: str) -> str | None:
    try:
        rule = json.loads(text)["rule"]
    except (ValueError, KeyError, TypeError):
        return ""  # of no rule: somebody wrote this schedule
    return None if rule is None else str(rule)


def looked(arrivals: Arrivals, rule: Rule, expectation: Expectation, now: datetime, since: datetime | None) -> Expected:
    """How far one rule's expectation is met. `since` is when it was deployed, if that is known."""
    over, of_today = latest(expectation, now), today(expectation, now)
    windows = list(dict.fromkeys([over, following(expectation, now), *of_today]))
    counts, is_complete = arrivals.by_window(rule, windows)
    found = {
        window: Looked(
            window=window,
            files=expectation.files,
            arrived=count,
            is_complete=is_complete,
            is_expected=since is None or window.end > since,
        )
        for window, count in zip(windows, counts, strict=True)
    }
    return Expected(rule=rule, last=found[over], next=found[windows[1]], today=tuple(found[w] for w in of_today))


def _sources(deployed: Deployed) -> list[Source]:
    prefixes = {bucket.name: bucket.prefixes for bucket in deployed.stack.whole.existing}
    return [
        Source(bucket=bucket, region=aws.region, client=aws.s3, prefixes=prefixes.get(bucket, ("",)))
        for bucket, aws in deployed.stack.buckets.items()
    ]
