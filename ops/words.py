"""Times and numbers as text for people."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = ((86_400, "day"), (3600, "h"), (60, "min"))


def ago(at: datetime | None, now: datetime) -> str:
    """`2 min ago`; `never` if there is no time."""
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


def counted(count: int, singular: str, plural: str = "") -> str:
    """`1 file`, `2 files`, `1,204 files`."""
    return f"{count:,} {singular if count == 1 else plural or f'{singular}s'}"


def listed(words: list[str], most: int = 5) -> str:
    """`a, b, c`, or `a, b, c and 4 more` for longer lists."""
    shown = ", ".join(words[:most])
    return f"{shown} and {len(words) - most:,} more" if len(words) > most else shown
