"""EventBridge Scheduler: when schedules invoke, in their time zones."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from ministack.services import eventbridge, scheduler

from local.emulator.patches.event_rules import _to_functions
from local.emulator.patches.schedules import due


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def minutes(expression, zone, after, until):
    return [f"{minute:%H:%M}" for minute in due(expression, zone, after=utc(after), until=utc(until))]


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-11-30", ["05:00"]), ("2026-07-30", ["04:00"])], ids=["winter", "summer"]
)
def test_a_time_is_that_of_the_schedules_zone(day, expected):
    found = [
        minute
        for hour in range(3, 7)
        for minute in minutes("cron(0 6 ? * * *)", "Europe/Berlin", f"{day}T{hour:02}:00", f"{day}T{hour + 1:02}:00")
    ]

    assert found == expected


def test_a_day_of_the_week_is_that_of_the_zone():
    sunday_in_utc = ("2026-11-29T23:00", "2026-11-29T23:59")

    assert minutes("cron(30 0 ? * MON *)", "Europe/Berlin", *sunday_in_utc) == ["23:30"]
    assert minutes("cron(30 0 ? * SUN *)", "Europe/Berlin", *sunday_in_utc) == []


def test_a_time_that_does_not_exist_is_left_out():
    assert minutes("cron(30 2 ? * * *)", "Europe/Berlin", "2027-03-28T00:30", "2027-03-28T01:30") == []
    assert minutes("cron(30 2 ? * * *)", "Europe/Berlin", "2027-03-28T01:30", "2027-03-28T02:30") == []


def test_of_two_times_that_are_alike_there_is_one_invocation():
    assert minutes("cron(30 2 ? * * *)", "Europe/Berlin", "2027-10-31T00:00", "2027-10-31T01:00") == ["00:30"]
    assert minutes("cron(30 2 ? * * *)", "Europe/Berlin", "2027-10-31T01:00", "2027-10-31T02:00") == []


def test_no_minute_is_due_twice():
    assert minutes("cron(0/5 * * * ? *)", "UTC", "2026-11-30T10:05", "2026-11-30T10:14") == ["10:10"]


def test_what_was_due_before_a_long_standstill_is_not_made_up_for():
    assert minutes("cron(0 * * * ? *)", "UTC", "2026-11-29T00:00", "2026-11-30T10:30") == ["10:00"]


def test_a_schedule_with_a_rate_invokes_its_function(monkeypatch):
    invoked = []
    function = "arn:aws:lambda:us-east-1:000000000000:function:digest"
    schedule = {
        "State": "ENABLED",
        "ScheduleExpression": "rate(5 minutes)",
        "CreationDate": 0,
        "Target": {"Arn": function},
    }
    key = ("000000000000", "us-east-1", "default/digest")
    monkeypatch.setattr(scheduler, "_schedules", SimpleNamespace(_data={key: schedule}))
    monkeypatch.setattr(scheduler, "_schedule_last_fired", {})
    invoke = _to_functions(lambda target, *_: invoked.append(target["Arn"]))
    monkeypatch.setattr(eventbridge, "_invoke_target", invoke)

    scheduler._tick_schedules()

    assert invoked == [function]
