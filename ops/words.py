"""Times and numbers as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = ((86_400, "day"), (3600, "h"), (60, "min"))


def ago(at: datetime | None, now: datetime) -> str:
    """`2 min ago`; `never` without a time."""
    if at is None:
        return "never"
    return f"{span(now - at)} ago"


def span(length: timedelta) -> str:
    """The largest unit that fits: `3 days`, `2 h`, `5 min`, `12 s`."""
    seconds = max(0, round(length.total_seconds()))
    for unit, name in _UNITS:
        if seconds >= unit:
            count = seconds // unit
            return f"{count} {name}{'s' if name == 'day' and count > 1 else ''}"
    return f"{seconds} s"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`, `1,204 files`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def listed(words: list[str], most: int = 5) -> str:
    """`a, b, c`, cut after the first few."""
    shown = ", ".join(words[:most])
    return f"{shown} and {len(words) - most:,} more" if len(words) > most else shown
