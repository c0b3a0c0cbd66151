"""Times on a command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

_AGO = re.compile(r"(\d{1,5})\s*(m|min|h|d)")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


class Time(click.ParamType[datetime]):
    """`2h`, `30m`, `7d` (ago), `now`, `2026-11-23`, `2026-11-23T08:41`; UTC unless it has an offset."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        if text == "now":
            return datetime.now(UTC)
        if ago := _AGO.fullmatch(text):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            self.fail(
                f"{text!r} is not a time; use 2h, 30m or 7d (ago), now, 2026-11-23, or 2026-11-23T08:41", param, ctx
            )
        return time if time.tzinfo else time.replace(tzinfo=UTC)
