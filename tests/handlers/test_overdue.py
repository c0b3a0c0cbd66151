"""What a file's own notification says of an expectation that it comes too late for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from domain.expectations import Expectation
from handlers.data.arrivals import Arrivals
from handlers.logic import overdue
from handlers.logic.overdue import Overdue, as_listed
from tests.examples import a_file, a_rule
from tests.watching import DENIED, Lines, Shelf

END = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
RULE = a_rule(name="invoices", prefix="invoices/", expect=Expectation(by="06:00"))
LATE = a_file(key="invoices/a.pdf", time="2026-11-30T06:05:00.000Z")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def log() -> Lines:
    return Lines()


@pytest.fixture
def looking(shelf: Shelf, log: Lines) -> Overdue:
    return Overdue(arrived=as_listed(Arrivals(sources=[shelf.source()])), logger=cast("Any", log))


def test_a_file_after_the_end_of_a_window_without_one_was_expected_earlier(looking: Overdue):
    (shortfall,) = looking.shortfalls(LATE, [RULE])

    assert (shortfall.rule, shortfall.window.end, shortfall.arrived) == ("invoices", END, 0)


def test_a_file_after_a_window_in_which_one_arrived_is_not_late(looking: Overdue, shelf: Shelf):
    shelf.put("invoices/in-time.pdf", END - timedelta(hours=1))

    assert looking.shortfalls(LATE, [RULE]) == []


def test_nothing_is_said_where_there_is_more_to_look_at_than_notify_does(
    looking: Overdue, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(overdue, "MOST_SEARCHED", 4)
    for number in range(9):
        shelf.put(f"invoices/{number}.pdf", END - timedelta(days=1))

    assert looking.shortfalls(LATE, [RULE]) == []


def test_a_file_is_notified_also_where_it_cannot_be_found_out(looking: Overdue, shelf: Shelf, log: Lines):
    shelf.fails.append(DENIED)

    assert looking.shortfalls(LATE, [RULE]) == []
    assert [line for line, _ in log.lines] == ["expectation unknown"]
