"""Expectations: how many files a rule expects by when, and the windows in which they have to arrive.

A window is a half-open span of time: what arrives at its end is in time, what arrives at its start belongs to the one
before. All of it is a function of the expectation and the time zone database: nothing is remembered from one window to
the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 1440
SWEEP = timedelta(hours=1)
SWEEP_EXPRESSION = "cron(0 * * * ? *)"
"""When windows are looked at whose end clocks skip: EventBridge Scheduler invokes for no time that does not exist."""
_A_DAY = timedelta(days=1)
_LOOK_AROUND = 8
"""Days: a week without a window, and a day for a window that starts on the day before."""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """`files` files in each window; those of `days` only, which are days in `time_zone` (a name of the database).

    With `by` (HH:MM in that zone) a window ends then, and starts at `start`: on the same day if that is earlier, else
    on the day before. With `every_minutes`, a part of a day, windows follow each other from midnight UTC on, and belong
    to the day on which they start.
    """

    files: int = 1
    by: str = ""
    start: str = "00:00"
    every_minutes: int = 0
    days: tuple[str, ...] = DAYS
    time_zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Window:
    """From after `start` until `end`, both in UTC. `zone` is the time zone in which people read them."""

    start: datetime
    end: datetime
    zone: str

    def contains(self, moment: datetime) -> bool:
        """Whether what arrives then is in time."""
        return self.start < moment <= self.end

    @property
    def by(self) -> str:
        """The end as people say it on that day: `06:00`."""
        return f"{self.end.astimezone(_zone(self.zone)):%H:%M}"

    @property
    def local_start(self) -> str:
        """The start as people read it: `2026-11-30 00:00`."""
        return f"{self.start.astimezone(_zone(self.zone)):%Y-%m-%d %H:%M}"

    @property
    def local_end(self) -> str:
        """The end as people read it: `2026-11-30 06:00 (Europe/Berlin)`."""
        return f"{self.end.astimezone(_zone(self.zone)):%Y-%m-%d %H:%M} ({self.zone})"


def expectation_of(shipped: Mapping[str, Any]) -> Expectation:
    """Decode the expectation of a rule that was shipped with a function. Raises TypeError or KeyError."""
    return Expectation(**{**shipped, "days": tuple(shipped["days"])})


def windows(expectation: Expectation, *, after: datetime, until: datetime) -> Iterator[Window]:
    """The windows that end after `after` and not later than `until`, in order."""
    found = _every if expectation.every_minutes else _by_days
    for window in found(expectation, after, until):
        if after < window.end <= until:
            yield window


def latest(expectation: Expectation, moment: datetime) -> Window:
    """The last window that ended by `moment`: at that very moment it is over."""
    for days in (1, _LOOK_AROUND):  # nearly always the last day has one
        if found := list(windows(expectation, after=moment - days * _A_DAY, until=moment)):
            return found[-1]
    raise ValueError(f"no window within {_LOOK_AROUND} days up to {moment}: {expectation}")


def following(expectation: Expectation, moment: datetime) -> Window:
    """The first window that ends after `moment`."""
    return next(windows(expectation, after=moment, until=moment + _LOOK_AROUND * _A_DAY))


def missed(expectation: Expectation, moment: datetime) -> Window | None:
    """The window for which a file that arrives at `moment` would be too late; None if it is in time for the next one.

    Where one window follows the other, a file may be both: in time for one, and what was missing from the last.
    """
    before = moment - timedelta(microseconds=1)  # what arrives at a window's very end is in time
    window, upcoming = latest(expectation, before), following(expectation, before)
    is_in_time = upcoming.contains(moment) and upcoming.start > window.end
    return None if is_in_time else window


def due(expectation: Expectation, scheduled: datetime) -> Window | None:
    """The window that ends with the minute for which an invocation was scheduled; None if none does.

    Where clocks are set back, EventBridge Scheduler invokes once, and does not say at which of the two times: the
    window ends with the first.
    """
    minute = scheduled.replace(second=0, microsecond=0)
    for window in windows(expectation, after=minute - timedelta(hours=3), until=minute):
        if window.end == minute or (expectation.by and _says(expectation, minute) == expectation.by):
            return window
    return None


def today(expectation: Expectation, moment: datetime) -> list[Window]:
    """The windows that end on this day in the expectation's time zone: those that are over, and those to come."""
    zone = _zone(expectation.time_zone)
    day = moment.astimezone(zone).date()
    around = windows(expectation, after=moment - 2 * _A_DAY, until=moment + 2 * _A_DAY)
    return [window for window in around if window.end.astimezone(zone).date() == day]


def skipped(expectation: Expectation, *, after: datetime, until: datetime) -> Iterator[Window]:
    """The windows that end in that time by a clock that was set forward past their end.

    EventBridge Scheduler leaves out such an invocation: that time does not exist on that day.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
    """
    return (
        window
        for window in windows(expectation, after=after, until=until)
        if expectation.by and window.by != expectation.by
    )


def schedule_expression(expectation: Expectation) -> str:
    """When EventBridge Scheduler has to invoke: at the end of each window, in the expectation's time zone.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
    """
    minutes = expectation.every_minutes
    if not minutes:
        at = time.fromisoformat(expectation.by)
        days = "*" if expectation.days == DAYS else ",".join(expectation.days).upper()
        return f"cron({at.minute} {at.hour} ? * {days} *)"
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"cron(0/{minutes} * * * ? *)"
    return f"cron(0 {'*' if minutes == 60 else f'0/{minutes // 60}'} * * ? *)"  # noqa: PLR2004


def schedule_zone(expectation: Expectation) -> str:
    """The time zone of that schedule: windows that follow each other are counted in UTC."""
    return "UTC" if expectation.every_minutes else expectation.time_zone


def _by_days(expectation: Expectation, after: datetime, until: datetime) -> Iterator[Window]:
    zone, by, start = _zone(expectation.time_zone), *map(time.fromisoformat, (expectation.by, expectation.start))
    day, last = after.astimezone(zone).date() - _A_DAY, until.astimezone(zone).date()
    while day <= last:
        if DAYS[day.weekday()] in expectation.days:
            opens = day if start < by else day - _A_DAY
            yield Window(start=_instant(opens, start, zone), end=_instant(day, by, zone), zone=expectation.time_zone)
        day += _A_DAY


def _every(expectation: Expectation, after: datetime, until: datetime) -> Iterator[Window]:
    zone, length = _zone(expectation.time_zone), timedelta(minutes=expectation.every_minutes)
    start = after.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while start + length <= until:
        if DAYS[start.astimezone(zone).weekday()] in expectation.days:
            yield Window(start=start, end=start + length, zone=expectation.time_zone)
        start += length


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a local time: the first of two; one that clocks skip is as long after the skip as it is into it."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _says(expectation: Expectation, moment: datetime) -> str:
    return f"{moment.astimezone(_zone(expectation.time_zone)):%H:%M}"


@cache
def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # late: most stacks expect nothing, and their functions start faster without

    return ZoneInfo(name)
