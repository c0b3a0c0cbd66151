"""Storm guard: limits the rate of mails. SNS suspends an email subscription above 10 messages a second.

SNS deletes a suspended subscription 48 hours later. There is one counter a minute for the whole pipeline of a region:
SNS counts per subscription, and many rules may notify one person. The regions of a stack share the table, and each has
its own counters: replicas of one counter would not add up.

https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
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

KEEP_SECONDS = 3600  # a counter is read for two minutes only; DynamoDB's TTL deletes it
STRAGGLERS_SECONDS = 30  # into a minute: what counts in the one before has been answered or given up by then
THROTTLED = {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"}
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html"""


@dataclass
class StormGuard:
    """Counts notifications to people. A minute is calm if it and the one before stay within `mails_per_minute`."""

    client: DynamoDBClient
    table: str
    mails_per_minute: int
    clock: Callable[[], float] = time.time
    _stormy_minutes: set[int] = field(default_factory=set)
    _calm_minute: int = -1
    """The last one that was calm to its end."""

    def is_storm(self) -> bool:
        """Count one more notification. Returns whether it should wait for a digest. A throttled counter means storm.

        In a minute that is known to be stormy nothing is counted any more: no notification could make it calm.
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
        """A stormy minute stays stormy, so its counter is read once; a calm one may be counted up for a while yet."""
        if minute in self._stormy_minutes:
            return True
        if minute == self._calm_minute:
            return False
        item = self.client.get_item(TableName=self.table, Key=self._key(minute)).get("Item", {})
        stormy = int(item["notifications"]["N"]) > self.mails_per_minute if item else False
        if stormy:
            self._remember(minute)
        elif self.clock() >= (minute + 1) * 60 + STRAGGLERS_SECONDS:
            self._calm_minute = minute
        return stormy

    def _remember(self, minute: int) -> None:
        """Only its neighbours can still be asked for."""
        self._stormy_minutes.intersection_update({minute - 1, minute + 1})
        self._stormy_minutes.add(minute)

    def _key(self, minute: int) -> dict[str, dict[str, str]]:
        at = datetime.fromtimestamp(minute * 60, UTC)
        return {"id": {"S": f"minute#{self.client.meta.region_name}#{at:%Y-%m-%dT%H:%M}"}}
