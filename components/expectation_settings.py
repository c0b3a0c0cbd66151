"""What a rule expects, as people write it in config: each problem with the command that fixes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from components.reader import ItemReader, Problem, is_list, nearest, remove, set_to
from domain.expectations import DAYS, MINUTES_A_DAY, Expectation

MOST_FILES = 10_000
"""Of one window: a fifth of what is looked at before the search is given up."""
EVERY_MINUTES = {
    "5m": 5, "10m": 10, "15m": 15, "20m": 20, "30m": 30,
    "1h": 60, "2h": 120, "3h": 180, "4h": 240, "6h": 360, "8h": 480, "12h": 720,
}  # fmt: skip
"""What `every` accepts: parts of an hour and of a day, so that windows are at the same times each day."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def read_expectation(value: object, path: str) -> tuple[Expectation | None, list[Problem]]:
    """The expectation at `path`, which is complete if there are no problems; None if there is none."""
    if value is None:
        return None, []
    if not isinstance(value, Mapping):
        what = f"{path} is {value!r}; an expectation is an object with by or every"
        return None, [Problem(what, f"{remove(path)} && {set_to(f'{path}.by', '06:00')}")]
    reader = _ExpectationReader(value, path)
    return reader.expectation(), reader.problems


class _ExpectationReader(ItemReader):
    """Reads one expectation."""

    def expectation(self) -> Expectation:
        by, every = self.time("by"), self.every()
        start, files = self.time("from"), self.files()
        expectation = Expectation(
            files=files,
            by=by,
            start=start or Expectation.start,
            every_minutes=every,
            days=self.days(),
            time_zone=self.zone(),
        )
        self.refuse_unknown("a setting of an expectation")
        has_by, has_every = (self._item.get(key) is not None for key in ("by", "every"))
        if has_by and has_every:
            what = f"{self._path} has both by and every; a window ends at a time of the day, or one follows the other"
            self.problems.append(Problem(what, remove(self.path("every"))))
        elif has_every and self._item.get("from") is not None:
            what = f"{self.path('from')} goes with by; with every, one window starts where the other ends"
            self.problems.append(Problem(what, remove(self.path("from"))))
        elif not (has_by or has_every) and not self.problems:  # a typo in by is a problem already
            what = f"{self._path} has neither by nor every; use by, a time of the day, or every, such as 1h"
            self.problems.append(Problem(what, set_to(self.path("by"), "06:00")))
        return expectation

    def time(self, key: str) -> str:
        """HH:MM; empty if it is not set."""
        value = self.value(key)
        if value is None:
            return ""
        if isinstance(value, str) and _TIME.fullmatch(value):
            return value
        expected, example = "use a time of the day from 00:00 to 23:59", _as_time(value)
        if isinstance(value, int | float) and not isinstance(value, bool):  # YAML may take 06:00 for 360
            expected, example = f"quote it: {expected}", f"{example} --type string"
        self.wrong(self.path(key), value, expected, example)
        return ""

    def every(self) -> int:
        """Minutes; 0 if it is not set."""
        value = self.value("every")
        if value is None:
            return 0
        if isinstance(value, str) and value in EVERY_MINUTES:
            return EVERY_MINUTES[value]
        expected = f"use one of {', '.join(EVERY_MINUTES)}"
        if value in ("24h", "1d"):
            expected += ", or by for once a day"
        self.wrong(self.path("every"), value, expected, nearest(value, EVERY_MINUTES, "1h"))
        return MINUTES_A_DAY

    def files(self) -> int:
        value = self.value("files")
        if value is None:
            return Expectation.files
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_FILES:
            return value
        self.wrong(self.path("files"), value, f"use a whole number from 1 to {MOST_FILES}", "1")
        return Expectation.files

    def days(self) -> tuple[str, ...]:
        """In the order of the week, each once."""
        value, path = self.value("days"), self.path("days")
        if value is None:
            return DAYS
        if not is_list(value) or not value:
            self.wrong_list(path, value, f"use a list of {', '.join(DAYS)}", "mon")
            return DAYS
        for index, day in enumerate(value):
            if day not in DAYS:
                example = nearest(str(day)[:3].lower(), DAYS, "mon")
                self.wrong(f"{path}[{index}]", day, f"use one of {', '.join(DAYS)}", example)
        return tuple(day for day in DAYS if day in value)

    def zone(self) -> str:
        value = self.value("timeZone")
        if value is None:
            return Expectation.time_zone
        if isinstance(value, str) and value in time_zones():
            return value
        expected = "use a name of the time zone database, such as Europe/Berlin"
        self.wrong(self.path("timeZone"), value, expected, nearest(value, sorted(time_zones()), "Europe/Berlin"))
        return Expectation.time_zone


@cache
def time_zones() -> frozenset[str]:
    """The names of time zones: of this machine's database, or of the tzdata package where there is none."""
    return frozenset(available_timezones() - {"Factory", "localtime"})


def _as_time(value: object) -> str:
    """The time that was probably meant: 6:00, 600 and 6 are 06:00."""
    hour, _, minute = str(value).partition(":")
    if isinstance(value, int) and not isinstance(value, bool) and value >= 60:  # noqa: PLR2004
        hour, minute = str(value // 60), str(value % 60)  # as YAML 1.1 reads 06:00
    text = f"{hour.zfill(2)}:{(minute or '00')[:2].zfill(2)}"
    return text if _TIME.fullmatch(text) else "06:00"
