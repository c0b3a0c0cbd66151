"""Counts per day, read from the catalogue. A finished day is counted once and then stored in the table.

An item stands for the newest upload of its object: earlier ones are not counted, nor is a file whose removal was
received before its upload.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict, cast

from handlers.data.listing import Listing
from handlers.data.month_index import MonthIndex

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAYS = 30
SETTLED_SECONDS = 3600  # after midnight: by then the day's last files are processed
KEEP_SECONDS = 40 * 86_400
LEAST_FRESH_SECONDS = 15  # how long the count of today may be shown; longer the more files there are to count
FILES_COUNTED_PER_SECOND = 50

NAMES = ("files", "bytes", "processed", "failed", "waiting", "removed", "notifiedImmediately", "notifiedInDigest")
_BY_STATUS = {"processed": "processed", "failed": "failed", "received": "waiting", "removed": "removed"}
_BY_NOTIFIED = {"immediate": "notifiedImmediately", "digest": "notifiedInDigest"}


class Day(TypedDict):
    """The counts of one day (UTC). `bytes` is the size of its files, `waiting` how many are not processed yet."""

    date: str
    files: int
    bytes: int
    processed: int
    failed: int
    waiting: int
    removed: int
    notifiedImmediately: int
    notifiedInDigest: int


@dataclass(frozen=True, kw_only=True)
class Stats:
    """Reads and stores the counts of one table."""

    dynamodb: DynamoDBClient
    table: str
    listing: Listing
    clock: Callable[[], float] = time.time

    def days(self, enough: Callable[[], bool]) -> list[Day]:
        """The last 30 days (UTC), oldest first.

        Counting stops when `enough()`; a day not counted by then is left out, and counted by a later call.
        """
        today = datetime.fromtimestamp(self.clock(), UTC).date()
        dates = [(today - timedelta(days=ago)).isoformat() for ago in range(DAYS)]
        counted = self._stored(dates)
        for date in dates:
            if date not in counted and not enough() and (counts := self._count(date, enough)):
                counted[date] = counts
        return [cast("Day", {"date": date, **counted[date]}) for date in reversed(dates) if date in counted]

    def _stored(self, dates: list[str]) -> dict[str, dict[str, int]]:
        reply = self.dynamodb.batch_get_item(
            RequestItems={self.table: {"Keys": [{"id": {"S": _id(date)}} for date in dates]}}
        )
        now = self.clock()
        return {
            item["id"]["S"].removeprefix(_id("")): {name: int(item[name]["N"]) for name in NAMES}
            for item in reply["Responses"].get(self.table, [])
            if float(item["freshUntil"]["N"]) > now
        }

    def _count(self, date: str, enough: Callable[[], bool]) -> dict[str, int] | None:
        """The counts of a day; None if they took too long."""
        counts: Counter[str] = Counter()
        for ids, size in MonthIndex(self.dynamodb, self.table).uploads_on(date):
            if enough():
                return None
            counts["files"] += len(ids)
            counts["bytes"] += size
            for item in self.listing.items(ids):
                counts[_BY_STATUS[item.status]] += 1
                counts[_BY_NOTIFIED.get(item.notified, "")] += 1
        found = {name: counts[name] for name in NAMES}
        self._store(date, found)
        return found

    def _store(self, date: str, counts: Mapping[str, int]) -> None:
        now = self.clock()
        day_ends = datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() + 86_400
        fresh = max(LEAST_FRESH_SECONDS, counts["files"] / FILES_COUNTED_PER_SECOND)
        until = now + (KEEP_SECONDS if now > day_ends + SETTLED_SECONDS else fresh)
        self.dynamodb.put_item(
            TableName=self.table,
            Item={
                "id": {"S": _id(date)},
                "freshUntil": {"N": f"{until:.0f}"},
                "expires": {"N": f"{now + KEEP_SECONDS:.0f}"},
                **{name: {"N": str(value)} for name, value in counts.items()},
            },
        )


def _id(date: str) -> str:
    return f"day#{date}"
