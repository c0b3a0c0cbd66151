"""What the page shows of today's expectations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from domain.expectations import Expectation
from handlers.data.verdicts import Verdict
from handlers.logic.awaited import Awaited
from tests.examples import a_rule

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
RULES = [
    a_rule(name="morning", expect=Expectation(by="06:00")),
    a_rule(name="evening", expect=Expectation(by="18:00")),
    a_rule(name="berlin", expect=Expectation(by="00:30", time_zone="Europe/Berlin")),
    a_rule(name="no one waits for"),
]
MET, MISSING = Verdict(outcome="met", arrived=1), Verdict(outcome="missing", arrived=0)


@dataclass
class Written:
    """Verdicts by rule, and which were asked for."""

    by_rule: dict[str, Verdict] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def read_all(self, windows):
        for rule, window in windows:
            self.asked.append(rule)
            yield rule, window, self.by_rule.get(rule)


def awaited(written, rules=RULES):
    return Awaited(rules=rules, verdicts=cast("Any", written), clock=NOON.timestamp)


def test_the_windows_of_the_day_are_counted_with_those_to_come():
    written = Written({"morning": MET, "berlin": MISSING})

    assert awaited(written).today() == {"today": 3, "arrived": 1, "missing": 1, "next": "2026-11-30T18:00:00Z"}


def test_a_window_that_is_over_and_was_not_looked_at_is_not_counted():
    assert awaited(Written()).today() == {"today": 1, "arrived": 0, "missing": 0, "next": "2026-11-30T18:00:00Z"}


def test_a_verdict_is_read_once_and_what_has_none_is_asked_for_again():
    written = Written({"morning": MET})
    page = awaited(written)

    page.today(), page.today()

    assert sorted(written.asked) == ["berlin", "berlin", "morning"]


def test_no_more_windows_are_read_than_a_page_can_wait_for():
    written = Written()
    rules = [a_rule(name=f"feed {number}", expect=Expectation(every_minutes=5)) for number in range(10)]

    awaited(written, rules).today()

    assert len(written.asked) == 500


def test_where_nothing_is_expected_there_is_nothing_to_show():
    assert awaited(Written(), [a_rule()]).today() is None
