"""Verdicts of malware scans in the catalogue: an attribute of the file's item for each of its last versions.

A verdict is on one version, and may arrive before the upload's own event, after a newer version, twice, or in another
order than it was reported. So it is written whatever the item shows; whoever reads the item takes the verdict on the
version that it shows. A verdict that arrives first makes an item without a status, which is no file yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeSerializer

from domain.scans import ScanResult
from domain.topology import TABLE
from handlers.data.items import SCAN, Item, item_of, plain, scan_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBERED_VERDICTS = 4
"""Of versions that the item does not show: enough for uploads of one key that overtake each other."""
UNCLAIMED_SECONDS = 7 * 86_400
"""How long a verdict waits for the event of its upload: longer than that event is retried."""

_serialize = TypeSerializer().serialize


@dataclass(frozen=True)
class Verdicts:
    """Writes verdicts into items of one table. What DynamoDB refuses is raised as botocore's ClientError."""

    client: DynamoDBClient
    table: str
    clock: Callable[[], float] = time.time

    def record(self, result: ScanResult) -> tuple[bool, Item | None]:
        """Write a verdict unless a later one on the version is known.

        Returns whether it is the one that stands now, and the item as it is then; None before the file has one.
        """
        written, stored = self._write(result)
        item = item_of(stored)
        if written:
            self._forget(result, plain(stored), shown=item.version_id if item else "")
        return written, item

    def _write(self, result: ScanResult) -> tuple[bool, Mapping[str, Any]]:
        sets: dict[str, object] = {"#scan": [result.verdict, result.reason, result.time]}
        # Written again by a second delivery: what follows from the verdict may not have been done after the first.
        newer = "(attribute_not_exists(#scan) OR #scan[2] <= :time)"
        written, stored = self._update(result, sets, f"attribute_exists(#status) AND {newer}")
        if written or "status" in stored:
            return written, stored
        # No file yet. Without its upload the item would stay forever; the upload's event removes `expires`.
        sets["#expires"] = int(self.clock()) + UNCLAIMED_SECONDS
        written, stored = self._update(result, sets, f"attribute_not_exists(#status) AND {newer}")
        if not written and "status" in stored:  # the upload's event came between the two
            return self._update(result, {"#scan": sets["#scan"]}, newer)
        return written, stored

    def _update(self, result: ScanResult, sets: Mapping[str, object], condition: str) -> tuple[bool, Mapping[str, Any]]:
        """Write on a condition. Returns whether it held, and the item: as it is then, or as it was if refused."""
        names = {"#scan": scan_attribute(result.version_id), "#status": "status", "#expires": TABLE.expires}
        values = {f":{name[1:]}": _serialize(value) for name, value in sets.items()}
        try:
            reply = self.client.update_item(
                TableName=self.table,
                Key={"id": {"S": result.file_id}},
                UpdateExpression="SET " + ", ".join(f"{name} = :{name[1:]}" for name in sets),
                ConditionExpression=condition,
                ExpressionAttributeNames={
                    name: attribute for name, attribute in names.items() if name in condition or name in sets
                },
                ExpressionAttributeValues={**values, ":time": {"S": result.time}},
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            return False, refused.response.get("Item", {})  # type: ignore[return-value]
        return True, reply["Attributes"]

    def _forget(self, result: ScanResult, values: Mapping[str, Any], *, shown: str) -> None:
        """Remove the oldest verdicts on other versions than the one that the item shows."""
        others = sorted(
            (value[2], name)
            for name, value in values.items()
            if name.startswith(SCAN) and name != scan_attribute(shown)
        )
        old = [name for _, name in others[:-REMEMBERED_VERDICTS]]
        if old:
            names = {f"#v{number}": name for number, name in enumerate(old)}
            self.client.update_item(
                TableName=self.table,
                Key={"id": {"S": result.file_id}},
                UpdateExpression="REMOVE " + ", ".join(names),
                ExpressionAttributeNames=names,
            )
