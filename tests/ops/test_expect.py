"""What `expect` and `status` say of windows: also of those from before the rule was deployed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from domain.expectations import Expectation
from ops import status
from ops.expect import outcome
from ops.reading import expectations
from ops.reading.expectations import looked
from tests.examples import a_rule
from tests.ops.parts import a_stack, deployed

SIX = datetime(2026, 11, 30, 6, tzinfo=UTC)
NOON = SIX.replace(hour=12)
RULE = a_rule(name="invoices", expect=Expectation(by="06:00"))


class Listed:
    """So many files in every window."""

    def __init__(self, files=0):
        self.files = files

    def by_window(self, _, windows):
        return [self.files for _ in windows], True


def seen(*, files=0, since=None):
    return looked(Listed(files), RULE, RULE.expect, NOON, since)


def test_a_window_is_named_once_with_what_is_missing_from_it():
    assert outcome(seen().last) == "missing: expected 1 file by 2026-11-30 06:00 (UTC), 0 arrived"


def test_a_window_is_named_once_with_what_arrived_in_it():
    assert outcome(seen(files=2).last) == "2 files of 1 arrived by 2026-11-30 06:00 (UTC)"


def test_nothing_is_missing_from_a_window_that_was_over_before_the_rule_was_deployed():
    last = seen(since=SIX + timedelta(minutes=1)).last

    assert not last.is_missing
    said = "0 files of 1 arrived by 2026-11-30 06:00 (UTC), before the rule was deployed: nobody was notified"
    assert outcome(last) == said


@pytest.mark.parametrize("since", [SIX - timedelta(minutes=1), None])
def test_files_are_missing_from_a_window_that_ended_since_the_rule_was_deployed_or_if_that_is_unknown(since):
    assert seen(since=since).last.is_missing


@pytest.mark.parametrize(
    ("since", "counted"),
    [(SIX - timedelta(days=1), (1, 1)), (SIX + timedelta(hours=1), (0, 0))],
    ids=["before it", "after it"],
)
def test_status_counts_the_windows_since_the_schedule_was_made(monkeypatch, since, counted):
    stack = deployed(a_stack(), rules=(RULE,), notify=SimpleNamespace())
    monkeypatch.setattr(expectations, "_sources", lambda _: [])
    monkeypatch.setattr(expectations, "watcher", lambda _: "the function")
    monkeypatch.setattr(expectations, "schedules", lambda *_: {"invoices": {"CreationDate": since}})
    monkeypatch.setattr(expectations, "Arrivals", lambda **_: Listed())

    awaited = status._expected(stack, NOON)

    assert (awaited["today"], awaited["missing"]) == counted


@pytest.mark.parametrize(("arrived", "code"), [([1, 1], 0), ([1, 0], 1), ([0, 0], 1), ([], 0)])
def test_a_script_learns_by_the_exit_code_if_the_files_of_any_rule_are_missing(monkeypatch, on, arrived, code):
    monkeypatch.setattr("ops.expect.expected", lambda *_: [seen(files=files) for files in arrived])

    assert on(a_stack(), "expect").exit_code == code
