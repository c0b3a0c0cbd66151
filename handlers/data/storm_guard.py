"""Storm guard: limits the rate of mails. SNS suspends an email subscription above 10 messages a second.

SNS deletes a suspended subscription 48 hours later. There is one counter a minute for the whole pipeline of a region:
SNS counts per subscription, and many rules may notify one person. The counters of an hour are attributes of one item,
so that the answer to counting has the minute before as well. The regions of a stack share the table, and each has its
own counters: replicas of one counter would not add up.

https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

HOUR = 3600
KEEP_SECONDS = HOUR  # an hour's counters are read until a minute after it; DynamoDB's TTL deletes them
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

    def is_storm(self) -> bool:
        """Count one more notification. Returns whether it should wait for a digest. A throttled counter means storm.

        In a minute that is known to be stormy nothing is counted any more: no notification could make it calm.
        """
        minute = int(self.clock() // 60)
        if minute in self._stormy_minutes:
            return True
        try:
            counted, before = self._count(minute)
        except ClientError as error:
            if error.response["Error"]["Code"] in THROTTLED:
                return True
            raise
        stormy = {at for at, count in ((minute, counted), (minute - 1, before)) if count > self.mails_per_minute}
        self._stormy_minutes = (self._stormy_minutes | stormy) & {minute, minute - 1}
        return bool(self._stormy_minutes)

    def _count(self, minute: int) -> tuple[int, int]:
        """Count one more in a minute. Returns its counter, and that of the minute before."""
        hour = minute // 60 * 60
        reply = self.client.update_item(
            TableName=self.table,
            Key=self._key(minute),
            UpdateExpression=f"SET expires = :expires ADD {_name(minute)} :one",
            ExpressionAttributeValues={":expires": {"N": str(hour * 60 + HOUR + KEEP_SECONDS)}, ":one": {"N": "1"}},
            ReturnValues="ALL_NEW",
        )
        counters = reply["Attributes"]
        counted = _counter(counters, minute)
        if minute == hour:  # the minute before is in another item
            counters = self.client.get_item(TableName=self.table, Key=self._key(minute - 1)).get("Item", {})
        return counted, _counter(counters, minute - 1)

    def _key(self, minute: int) -> dict[str, dict[str, str]]:
        at = datetime.fromtimestamp(minute * 60, UTC)
        return {"id": {"S": f"counters#{self.client.meta.region_name}#{at:%Y-%m-%dT%H}"}}


def _name(minute: int) -> str:
    """The attribute that counts a minute."""
    return f"minute{minute % 60:02}"


def _counter(item: Mapping[str, AttributeValueTypeDef], minute: int) -> int:
    counter = item.get(_name(minute))
    return int(counter["N"]) if counter else 0
