"""Windows of expectations: right across daylight saving, ends of months and leap days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.expectations import (
    DAYS,
    Expectation,
    due,
    expectation_of,
    following,
    latest,
    missed,
    schedule_expression,
    schedule_zone,
    skipped,
    windows,
)

BERLIN = "Europe/Berlin"
WEEKDAYS = DAYS[:5]
ZONES = sorted(available_timezones() - {"Factory", "localtime"})

times = st.times().map(lambda at: f"{at:%H:%M}")
some_days = st.sets(st.sampled_from(DAYS), min_size=1).map(lambda days: tuple(day for day in DAYS if day in days))
zones = st.sampled_from(ZONES)
by_time = st.builds(Expectation, by=times, start=times, days=some_days, time_zone=zones)
every = st.builds(Expectation, every_minutes=st.sampled_from([5, 15, 60, 180, 720]), days=some_days, time_zone=zones)
moments = st.integers(0, 7 * 365 * 1440).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def ends(expectation: Expectation, after: datetime, until: datetime) -> list[datetime]:
    return [window.end for window in windows(expectation, after=after, until=until)]


@given(by_time, moments)
def test_on_each_of_its_days_a_window_ends_when_zoneinfo_says_that_it_is_that_time(expectation, moment):
    zone = ZoneInfo(expectation.time_zone)
    by = time.fromisoformat(expectation.by)
    first = moment.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range(40)]  # over an end of a month, and a clock's change

    expected = [
        datetime.combine(day, by, tzinfo=zone).astimezone(UTC)
        for day in days
        if DAYS[day.weekday()] in expectation.days
    ]

    found = ends(expectation, expected[0] - timedelta(seconds=1), expected[-1])
    assert found == expected


@given(by_time, moments)
def test_a_window_is_never_empty_and_never_longer_than_a_day_with_an_hour_set_back(expectation, moment):
    window = following(expectation, moment)

    assert timedelta() < window.end - window.start <= timedelta(hours=25) or _is_within_a_gap(expectation, window)


def _is_within_a_gap(expectation, window):
    """Both ends lie in an hour that clocks skip, or in a zone that changes by another span than an hour."""
    return window.by != expectation.by or window.local_start[-5:] != expectation.start


@given(every, moments)
def test_windows_that_follow_each_other_leave_out_no_moment_of_their_days(expectation, moment):
    found = list(windows(expectation, after=moment, until=moment + timedelta(days=3)))

    assert all(one.end <= other.start for one, other in pairwise(found))
    length = timedelta(minutes=expectation.every_minutes)
    assert {window.end - window.start for window in found} <= {length}
    if expectation.days == DAYS:
        assert all(one.end == other.start for one, other in pairwise(found))


def test_windows_that_follow_each_other_begin_on_the_days_of_their_time_zone():
    monday = Expectation(every_minutes=60, days=("mon",), time_zone="Asia/Tokyo")

    found = list(windows(monday, after=utc("2026-11-27T00:00"), until=utc("2026-12-03T00:00")))

    assert found[0].start == local("2026-11-30T00:00", "Asia/Tokyo")
    assert found[-1].end == local("2026-12-01T00:00", "Asia/Tokyo")


@given(by_time | every, moments)
def test_the_last_window_and_the_next_one_are_neighbours(expectation, moment):
    before, after = latest(expectation, moment), following(expectation, moment)

    assert before.end <= moment < after.end
    assert ends(expectation, before.end, after.end - timedelta(microseconds=1)) == []


@given(by_time | every, moments)
def test_at_its_very_end_a_window_is_the_last_one(expectation, moment):
    window = following(expectation, moment)

    assert latest(expectation, window.end) == window


@given(by_time | every, moments)
def test_a_window_is_due_when_it_ends_whatever_the_seconds(expectation, moment):
    window = following(expectation, moment)

    assert due(expectation, window.end + timedelta(seconds=59)) == window


@given(by_time, moments)
def test_what_arrives_within_a_window_is_not_too_late_for_the_one_before(expectation, moment):
    window = following(expectation, moment)
    before = latest(expectation, window.end - timedelta(microseconds=1))

    if window.start > before.end:
        assert missed(expectation, window.start + timedelta(microseconds=1)) is None
        assert missed(expectation, window.end) is None
        assert missed(expectation, window.start) == before


@given(by_time | every)
def test_an_expectation_is_read_back_as_it_was_shipped(expectation):
    assert expectation_of(vars(expectation) | {"days": list(expectation.days)}) == expectation


def test_by_a_time_is_that_time_on_both_sides_of_daylight_saving():
    expectation = Expectation(by="06:00", time_zone=BERLIN)

    spring = ends(expectation, utc("2027-03-27T00:00"), utc("2027-03-29T12:00"))
    autumn = ends(expectation, utc("2027-10-30T00:00"), utc("2027-11-01T12:00"))

    assert spring == [utc("2027-03-27T05:00"), utc("2027-03-28T04:00"), utc("2027-03-29T04:00")]
    assert autumn == [utc("2027-10-30T04:00"), utc("2027-10-31T05:00"), utc("2027-11-01T05:00")]


def test_a_leap_day_has_its_window():
    expectation = Expectation(by="06:00", days=("tue",))

    assert date(2028, 2, 29) in {
        end.date() for end in ends(expectation, utc("2028-02-28T00:00"), utc("2028-03-02T00:00"))
    }


def test_a_window_starts_on_the_day_before_if_it_would_end_before_it_starts():
    window = following(Expectation(by="06:00", start="20:00", time_zone=BERLIN), local("2026-11-30T05:00"))

    assert (window.start, window.end) == (local("2026-11-29T20:00"), local("2026-11-30T06:00"))


def test_by_midnight_is_the_whole_day_before():
    window = following(Expectation(by="00:00"), utc("2026-11-30T12:00"))

    assert (window.start, window.end) == (utc("2026-11-30T00:00"), utc("2026-12-01T00:00"))


def test_what_arrives_at_the_end_is_in_time_and_what_arrives_at_the_start_is_not():
    window = following(Expectation(by="06:00"), utc("2026-11-30T05:00"))

    assert window.contains(window.end)
    assert not window.contains(window.start)
    assert not window.contains(window.end + timedelta(seconds=1))


def test_a_file_of_the_weekend_is_too_late_for_friday_and_not_early_for_monday():
    expectation = Expectation(by="06:00", days=WEEKDAYS, time_zone=BERLIN)

    window = missed(expectation, local("2026-11-28T11:00"))

    assert window is not None
    assert window.end == local("2026-11-27T06:00")


def test_where_windows_follow_each_other_a_file_may_be_what_was_missing_from_the_last():
    window = missed(Expectation(every_minutes=60), utc("2026-11-30T10:20"))

    assert window is not None
    assert window.end == utc("2026-11-30T10:00")


@pytest.mark.parametrize("hour", ["00:30", "01:30"], ids=["first", "second"])
def test_where_clocks_are_set_back_the_window_ends_with_the_first_of_the_two_times(hour):
    expectation = Expectation(by="02:30", time_zone=BERLIN)

    window = due(expectation, utc(f"2027-10-31T{hour}"))

    assert window is not None
    assert window.end == utc("2027-10-31T00:30")


def test_a_time_that_clocks_skip_is_left_to_the_sweep_and_no_other_is():
    expectation = Expectation(by="02:30", time_zone=BERLIN)

    found = list(skipped(expectation, after=utc("2027-03-01T00:00"), until=utc("2027-04-30T00:00")))

    assert [window.end for window in found] == [utc("2027-03-28T01:30")]


@given(by_time, moments)
def test_every_window_is_due_by_its_schedule_or_left_to_the_sweep(expectation, moment):
    """As EventBridge Scheduler does it: at that time of each day in the zone, once, and never if it does not exist."""
    zone = ZoneInfo(expectation.time_zone)
    window = following(expectation, moment)
    day = window.end.astimezone(zone)

    exists = f"{day:%H:%M}" == expectation.by
    swept = list(skipped(expectation, after=window.end - timedelta(minutes=1), until=window.end))

    assert exists == (swept == [])


def test_other_times_are_nobodys_window():
    assert due(Expectation(by="06:00", days=WEEKDAYS), utc("2026-11-28T06:00")) is None
    assert due(Expectation(by="06:00"), utc("2026-11-30T06:01")) is None
    assert due(Expectation(every_minutes=60), utc("2026-11-30T06:30")) is None


@pytest.mark.parametrize(
    ("expectation", "expression", "zone"),
    [
        (Expectation(by="06:00", time_zone=BERLIN), "cron(0 6 ? * * *)", BERLIN),
        (Expectation(by="18:05", days=WEEKDAYS), "cron(5 18 ? * MON,TUE,WED,THU,FRI *)", "UTC"),
        (Expectation(every_minutes=15, time_zone=BERLIN), "cron(0/15 * * * ? *)", "UTC"),
        (Expectation(every_minutes=60), "cron(0 * * * ? *)", "UTC"),
        (Expectation(every_minutes=360), "cron(0 0/6 * * ? *)", "UTC"),
    ],
)
def test_the_schedule_is_the_one_of_the_windows_ends(expectation, expression, zone):
    assert (schedule_expression(expectation), schedule_zone(expectation)) == (expression, zone)
