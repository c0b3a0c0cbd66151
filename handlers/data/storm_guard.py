"""Calm or storm? SNS suspends an email address above 10 messages a second and deletes it 48 hours later.

One counter a minute for the whole pipeline of a region: SNS counts per subscription, and one person may be told by many
rules. The regions of one stack share the table, and each counts for itself: replicas of a counter would not add up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP_SECONDS = 3600  # counters are only read for two minutes; DynamoDB's TTL removes them
THROTTLED = {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"}


@dataclass(frozen=True)
class StormGuard:
    """Counts notifications to people. A minute is calm if it and the one before stay within `mails_per_minute`."""

    client: DynamoDBClient
    table: str
    mails_per_minute: int
    clock: Callable[[], float] = time.time
    _stormy_minutes: set[int] = field(default_factory=set)

    def is_storm(self) -> bool:
        """Count one more notification. True if it should wait for a digest. A counter that is throttled means storm.

        In a minute that is known to be stormy nothing more is counted: no further notification could make it calm.
        """
        minute = int(self.clock() // 60)
        if minute in self._stormy_minutes:
            return True
        try:
            if self._count(minute) > self.mails_per_minute:
                self._remember(minute)
                return True
            return self._was_stormy(minute - 1)
        except ClientError as error:
            if error.response["Error"]["Code"] in THROTTLED:
                return True
            raise

    def _count(self, minute: int) -> int:
        reply = self.client.update_item(
            TableName=self.table,
            Key=self._key(minute),
            UpdateExpression="SET expires = :expires ADD notifications :one",
            ExpressionAttributeValues={":expires": {"N": str(minute * 60 + KEEP_SECONDS)}, ":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        return int(reply["Attributes"]["notifications"]["N"])

    def _was_stormy(self, minute: int) -> bool:
        """A stormy minute stays one, so its counter is read once; a calm one may still get a straggler."""
        if minute in self._stormy_minutes:
            return True
        item = self.client.get_item(TableName=self.table, Key=self._key(minute)).get("Item", {})
        stormy = int(item["notifications"]["N"]) > self.mails_per_minute if item else False
        if stormy:
            self._remember(minute)
        return stormy

    def _remember(self, minute: int) -> None:
        """Only its neighbours are still asked for."""
        self._stormy_minutes.intersection_update({minute - 1, minute + 1})
        self._stormy_minutes.add(minute)

    def _key(self, minute: int) -> dict[str, dict[str, str]]:
        at = datetime.fromtimestamp(minute * 60, UTC)
        return {"id": {"S": f"minute#{self.client.meta.region_name}#{at:%Y-%m-%dT%H:%M}"}}
