"""Two weeks of simulated time, in each of which clocks change: every expectation says exactly what it should."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from domain.expectation_notices import expected_earlier
from domain.expectations import (
    DAYS,
    SWEEP_EXPRESSION,
    Expectation,
    schedule_expression,
    schedule_zone,
)
from domain.notifications import Routing, upload_notification
from handlers.data.arrivals import Arrivals
from handlers.data.verdicts import Verdicts
from handlers.logic.overdue import Overdue, as_listed, as_recorded
from handlers.logic.watcher import SmallMemory
from tests.examples import a_file, a_rule
from tests.watching import Shelf, Watching

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
WEEKDAYS = DAYS[:5]

NIGHTLY = a_rule(
    name="nightly", prefix="nightly/", expect=Expectation(by="06:00", days=WEEKDAYS, time_zone="Europe/Berlin")
)
HALF_PAST_TWO = a_rule(name="half past two", prefix="half/", expect=Expectation(by="02:30", time_zone="Europe/Berlin"))
FEED = a_rule(name="feed", prefix="feed/", expect=Expectation(every_minutes=60))
CLOSING = a_rule(
    name="closing",
    prefix="closing/",
    expect=Expectation(by="17:00", start="12:00", files=3, days=WEEKDAYS, time_zone="America/New_York"),
)
RULES = [NIGHTLY, HALF_PAST_TWO, FEED, CLOSING]

SPRING, AUTUMN = datetime(2027, 3, 25, tzinfo=UTC), datetime(2027, 10, 28, tzinfo=UTC)
"""Thursdays. In Europe clocks change on the Sunday after; in New York they do on other days."""
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def cron_matches(expression: str, local: datetime) -> bool:
    """Whether EventBridge Scheduler invokes at a minute: the forms of cron that this system writes."""
    minute, hour, _, _, days, _ = expression.removeprefix("cron(").removesuffix(")").split()
    return _is_in(minute, local.minute) and _is_in(hour, local.hour) and _is_day(days, local)


def _is_in(field: str, value: int) -> bool:
    if field == "*":
        return True
    first, _, step = field.partition("/")
    return value % int(step) == int(first) if step else value == int(first)


def _is_day(field: str, local: datetime) -> bool:
    return field in ("*", "?") or f"{local:%a}".upper() in field.split(",")


def invocations(start: datetime, fold: int) -> Iterator[tuple[datetime, str | None]]:
    """What EventBridge Scheduler invokes in a week: no time that does not exist, one of two that are alike."""
    schedules: list[tuple[str, ZoneInfo, str | None]]
    schedules = [(schedule_expression(r.expect), ZoneInfo(schedule_zone(r.expect)), r.name) for r in RULES if r.expect]
    schedules.append((SWEEP_EXPRESSION, ZoneInfo("UTC"), None))
    for number in range(7 * 1440):
        moment = start + number * MINUTE
        for expression, zone, rule in schedules:
            local = moment.astimezone(zone)
            is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
            if cron_matches(expression, local) and (not is_twice or local.fold == fold):
                yield moment, rule


def files(start: datetime) -> Iterator[tuple[datetime, str]]:
    """What arrives in that week, by the clocks of those who send it."""
    for number in range(7):
        day = (start + number * DAY).date()
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        weekday = DAYS[day.weekday()]
        if weekday not in ("tue", "thu", "sat", "sun"):
            yield at.replace(hour=5, minute=30, tzinfo=BERLIN), f"nightly/{day}.csv"
        if weekday == "thu":
            yield at.replace(hour=8, minute=10, tzinfo=BERLIN), f"nightly/{day}.csv"
        if weekday not in ("sun", "mon"):
            yield at.replace(hour=1, minute=45, tzinfo=BERLIN), "half/same-name.csv"  # replaced every day
        for hour in range(24):
            if not (weekday == "sun" and hour < 4):
                yield at.replace(hour=hour, minute=20), f"feed/{day}-{hour:02}.json"
        for part in range(2 if weekday == "wed" else 3):
            if weekday in WEEKDAYS:
                yield at.replace(hour=16, minute=part, tzinfo=NEW_YORK), f"closing/{day}-{part}.csv"


def missing(start: datetime) -> set[tuple[str, str]]:
    """Which rule misses something by when: what the story above comes to."""
    sunday, monday, tuesday, wednesday = (f"{(start + number * DAY):%Y-%m-%d}" for number in (3, 4, 5, 6))
    thursday = f"{start:%Y-%m-%d}"
    # In spring 02:30 does not exist: the window ends as long after the clocks were set forward as it is after 02:00.
    half_past_two = "03:30" if start == SPRING else "02:30"
    return {
        ("nightly", f"{thursday} 06:00 (Europe/Berlin)"),
        ("nightly", f"{tuesday} 06:00 (Europe/Berlin)"),
        ("half past two", f"{sunday} {half_past_two} (Europe/Berlin)"),
        ("half past two", f"{monday} 02:30 (Europe/Berlin)"),
        *(("feed", f"{sunday} {hour:02}:00 (UTC)") for hour in (1, 2, 3, 4)),
        ("closing", f"{wednesday} 17:00 (America/New_York)"),
    }


def late(start: datetime) -> set[tuple[str, str]]:
    """Which files say that they were expected earlier."""
    thursday, sunday = (f"{(start + number * DAY):%Y-%m-%d}" for number in (0, 3))
    return {
        (f"nightly/{thursday}.csv", f"Expected by {thursday} 06:00 (Europe/Berlin): 0 of 1 file had arrived then"),
        (f"feed/{sunday}-04.json", f"Expected by {sunday} 04:00 (UTC): 0 of 1 file had arrived then"),
    }


@pytest.fixture(params=["basic", "advanced"])
def memory(request: pytest.FixtureRequest) -> Any:
    if request.param == "basic":
        return SmallMemory()
    return Verdicts(request.getfixturevalue("dynamodb"), request.getfixturevalue("table"))


@pytest.mark.parametrize("fold", [0, 1], ids=["first of two times", "second of two times"])
@pytest.mark.parametrize("start", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_in_a_week_in_which_clocks_change_every_expectation_says_exactly_what_it_should(
    start: datetime, fold: int, memory: Any
) -> None:
    shelf = Shelf()
    shelf.put("feed/before.json", start - 40 * MINUTE)
    watching = Watching(RULES, shelf=shelf, memory=memory)
    arrivals = Arrivals(sources=[shelf.source()])
    arrived = as_listed(arrivals) if isinstance(memory, SmallMemory) else as_recorded(memory)
    overdue = Overdue(arrived=arrived, logger=cast("Any", watching.log))
    said_late: set[tuple[str, str]] = set()
    waiting = sorted(files(start))
    for moment, rule in invocations(start, fold):
        while waiting and waiting[0][0] <= moment:
            at, key = waiting.pop(0)
            shelf.put(key, at)
            said_late |= _notified(at, key, overdue)
        for _ in range(2):  # EventBridge Scheduler and Lambda may invoke more than once
            if rule is None:
                watching.sweep(moment)
            else:
                watching.check(moment, rule)

    published = [(n.attributes["rules"][0], n.text.split("by ")[2].split("\n")[0]) for n in watching.published]
    assert sorted(published) == sorted(missing(start))
    assert said_late == late(start)


def _notified(at: datetime, key: str, overdue: Overdue) -> set[tuple[str, str]]:
    """What a file's own notification says of expectations."""
    event = a_file(key=key, time=at.astimezone(UTC).isoformat())
    rules = [rule for rule in RULES if rule.matches(event)]
    notification = upload_notification(event, rules, Routing(), partition="aws")
    text = expected_earlier(notification, overdue.shortfalls(event, rules)).text
    return {(key, line.split(" (rule")[0]) for line in text.splitlines() if line.startswith("Expected by")}
