"""Verdicts of malware scans in the catalogue: an attribute of the file's item for each of its last versions.

A verdict is on one version, and may arrive before the upload's own event, after a newer version, twice, or in another
order than it was reported. So it is written whatever the item shows; who reads the item takes the verdict on the
version that it shows. A verdict that arrives first makes an item without a status, which is no file yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr

from domain.scans import ScanResult
from domain.topology import TABLE
from handlers.data.item_writer import ItemWriter
from handlers.data.items import SCAN, Item, scan_attribute, shown_by

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBERED_VERDICTS = 4
"""Of versions that the item does not show: enough for uploads of one key that overtake each other."""
UNCLAIMED_SECONDS = 7 * 86_400
"""How long a verdict waits for the event of its upload: longer than that event is retried."""


@dataclass(frozen=True)
class ScanVerdicts:
    """Writes verdicts into items of one table. What DynamoDB refuses is raised as botocore's ClientError."""

    client: DynamoDBClient
    table: str
    clock: Callable[[], float] = time.time

    @cached_property
    def _items(self) -> ItemWriter:
        return ItemWriter(self.client, self.table)

    def record(self, result: ScanResult) -> tuple[bool, Item | None]:
        """Write a verdict unless a later one on the version is known.

        Returns whether it is the one that stands now, and the item as it is then; None before the file has one.
        """
        written, values = self._write(result)
        item = shown_by(values)
        if written:
            self._forget(result, values, shown=item.version_id if item else "")
        return written, item

    def _write(self, result: ScanResult) -> tuple[bool, dict[str, Any]]:
        attribute, known = scan_attribute(result.version_id), Attr("status").exists()
        sets: dict[str, object] = {attribute: [result.verdict, result.reason, result.time]}
        # Written again by a second delivery: what follows from the verdict may not have been done after the first.
        newer = Attr(attribute).not_exists() | Attr(f"{attribute}[2]").lte(result.time)
        written, values = self._items.attempt(result.file_id, sets, (), known & newer)
        if written or "status" in values:
            return written, values
        # No file yet. Without its upload the item would stay forever; the upload's event removes the expiry.
        expires = {TABLE.expires: int(self.clock()) + UNCLAIMED_SECONDS}
        written, values = self._items.attempt(result.file_id, {**sets, **expires}, (), ~known & newer)
        if not written and "status" in values:  # the upload's event came between the two
            return self._items.attempt(result.file_id, sets, (), newer)
        return written, values

    def _forget(self, result: ScanResult, values: Mapping[str, Any], *, shown: str) -> None:
        """Remove the oldest verdicts on other versions than the one that the item shows."""
        kept = scan_attribute(shown)
        others = sorted((value[2], name) for name, value in values.items() if name.startswith(SCAN) and name != kept)
        if old := [name for _, name in others[:-REMEMBERED_VERDICTS]]:
            self._items.attempt(result.file_id, {}, old, Attr(TABLE.key).eq(result.file_id))
