"""Cursors: where the next page of a list begins, as text that clients hand back.

They name files that the person has been shown, and no others: after those that are left out of a page, a cursor is the
least exact place that is between the files before and behind it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from domain.events import may_be_in_a_key
from handlers.data.month_index import Place

_MONTH_LENGTH = len("2026-11")
_ARRIVED = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])[0-9T:.Z+-]{0,33}")  # as S3 writes times, or the beginning of one
_ID = re.compile(r"[0-9a-f]{0,32}")


class InvalidCursorError(ValueError):
    """Not a cursor that this listing returned, or one of another prefix."""

    def __init__(self, what: str = "the cursor is not one that this list returned") -> None:
        super().__init__(what)


def encoded(value: Mapping[str, object]) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))  # a key of any script within the longest cursor
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(cursor: str) -> dict[str, Any]:
    """Raises InvalidCursorError."""
    try:
        value = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise InvalidCursorError from error
    if not isinstance(value, dict):
        raise InvalidCursorError
    return value


def place_in(cursor: str) -> Place:
    """The place that a page of the newest files begins below. Raises InvalidCursorError."""
    value = decoded(cursor)
    arrived, file_id = value.get("arrived"), value.get("id")
    if value.keys() != {"arrived", "id"} or not isinstance(arrived, str) or not isinstance(file_id, str):
        raise InvalidCursorError
    if not _ARRIVED.fullmatch(arrived) or not _ID.fullmatch(file_id):
        raise InvalidCursorError
    return Place(arrived, file_id)


def between(upper: Place, lower: Place) -> Place:
    """The shortest place above `lower` that is not above `upper`: of files at either it says as little as it can."""
    if upper.arrived == lower.arrived:
        ids = (upper.id[:length] for length in range(1, len(upper.id) + 1))
        return Place(upper.arrived, next(part for part in ids if part > lower.id))
    times = (upper.arrived[:length] for length in range(_MONTH_LENGTH, len(upper.arrived) + 1))
    return Place(next(part for part in times if part > lower.arrived), "")


def key_in(cursor: str, prefix: str, *, is_first: bool) -> tuple[str | None, str]:
    """The source that a page begins in, if it is not the first, and the key that it begins after.

    `is_first` is whether the prefix is spelled as it was asked for. Raises InvalidCursorError.
    """
    value = decoded(cursor)
    after, source = value.get("after"), value.get("source")
    named = source is None or isinstance(source, str)
    if value.keys() - {"source"} != {"prefix", "after"} or not isinstance(after, str) or not named:
        raise InvalidCursorError
    if not may_be_in_a_key(after):
        raise InvalidCursorError
    begins = after == "" and (source is not None or not is_first)
    if value["prefix"] != prefix or not (begins or after.startswith(prefix)):
        raise InvalidCursorError("the cursor belongs to another prefix")
    return source, after
