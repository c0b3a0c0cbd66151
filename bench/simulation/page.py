"""The days that are simulated, their table, and the markers between which docs/limits.md has it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from bench.markdown import table
from bench.simulation.model import DAY, Account, Outcome, burst, even, simulate
from handlers.logic.digester import MAX_MESSAGES

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
SEED = 20261129
RETENTION_SECONDS = 14 * DAY
AT_ONCE_SECONDS = 2


@dataclass(frozen=True)
class Scenario:
    """One day: how the uploads come, and in what account."""

    name: str
    arrivals: Callable[[int], list[int]]
    account: Account


SCENARIOS = (
    Scenario("even, nothing raised", even, Account()),
    Scenario("even, the list index in one shard", even, Account(shards=1)),
    Scenario("even, a region with 300 publishes a second", even, Account(publishes=300)),
    Scenario("even, a new account: 10 at a time", even, Account(concurrency=10)),
    Scenario("burst, nothing raised", burst, Account()),
    Scenario("burst, a region with 1,500 publishes a second", burst, Account(publishes=1_500)),
    Scenario(
        "burst, raised: see below",
        burst,
        Account(concurrency=3_000, shards=16, write_units=40_000, process_concurrency=800, digest_minutes=1),
    ),
)
"""Even is 1,157 a second all day; burst is 10,000 a second for an hour from noon, and 771 in the rest of the day."""


def simulated(
    report: Callable[[str], object], scenarios: Iterable[Scenario] = SCENARIOS
) -> list[tuple[Scenario, Outcome]]:
    found = []
    for scenario in scenarios:
        found.append((scenario, simulate(scenario.arrivals(SEED), scenario.account, SEED)))
        report(scenario.name)
    return found


def day_table(days: Sequence[tuple[Scenario, Outcome]]) -> str:
    head = (
        "a day of 100 million uploads",
        "published",
        f"within {AT_ONCE_SECONDS} s",
        "waited: half, 99 of 100, all",
        "in the failed-events queue",
        "waiting at the most",
        "held back by, for how long",
        "work queue at midnight",
        "digest queue at midnight",
        "mails to an address",
    )
    return "\n".join(table(head, [cells_of(scenario, outcome) for scenario, outcome in days]))


def cells_of(scenario: Scenario, outcome: Outcome) -> tuple[str, ...]:
    """A line of the day's table."""
    account = scenario.account
    soon = sum(count for seconds, count in outcome.waits.items() if seconds <= AT_ONCE_SECONDS)
    work, digest = outcome.at_midnight
    bound = [f"{name}, {duration(seconds)}" for name, seconds in outcome.bound.most_common(2) if seconds]
    return (
        scenario.name,
        f"{outcome.published:,}",
        f"{soon / outcome.uploads:.0%}",
        ", ".join(duration(seconds) for seconds in quantiles(outcome.waits)),
        f"{outcome.failed:,}",
        f"{outcome.most_waiting:,}",
        "; ".join(bound) or "–",
        _left(work, account.process_concurrency / account.process_seconds),
        _left(digest, MAX_MESSAGES / (60 * account.digest_minutes)),
        f"{outcome.at_once + outcome.digests:,}",
    )


def quantiles(waits: Counter[int]) -> list[int]:
    """The waits that half of all, 99 % and all did not exceed."""
    ordered = sorted(waits.items())
    sums = list(accumulate(count for _, count in ordered))
    return [
        next(seconds for (seconds, _), so_far in zip(ordered, sums, strict=True) if so_far >= share * sums[-1])
        for share in (0.5, 0.99, 1.0)
    ]


def duration(seconds: float) -> str:
    """In the unit that people would take: 40 s, 12 min, 3.5 h, 16 days."""
    for unit, size in (("days", 2 * DAY), ("h", 2 * 3600), ("min", 120)):
        if seconds >= size:
            return f"{seconds / {'days': DAY, 'h': 3600, 'min': 60}[unit]:.1f} {unit}".replace(".0 ", " ")
    return f"{seconds:.0f} s"


def _left(messages: int, rate: float) -> str:
    """What is left in a queue, how long that takes, and what SQS deletes before its turn comes."""
    if messages < rate * 60:
        return f"{messages:,}"
    text = f"{messages:,}, for {duration(messages / rate)}"
    lost = messages - int(RETENTION_SECONDS * rate)
    return f"{text}; **{lost:,} expire**" if lost > 0 else text


def with_tables(text: str, tables: Mapping[str, str]) -> str:
    """The page with these tables between its markers. Raises ValueError for a marker that it does not have."""
    for name, lines in tables.items():
        begins, ends = f"<!-- {name}: python -m bench.simulation -->", f"<!-- end of {name} -->"
        pattern = re.compile(re.escape(begins) + r".*?" + re.escape(ends), re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"{PAGE.name} has no {begins} … {ends} to write the table between")
        text = pattern.sub(lambda _, lines=lines, begins=begins, ends=ends: f"{begins}\n{lines}\n{ends}", text)  # type: ignore[misc]
    return text
