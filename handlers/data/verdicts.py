"""What was found out about each window, in the catalogue's table: claimed before, so that each is reported once.

One item for each rule and window. While a function is at work on it, it holds the end of its lease; then the verdict.
No attribute may be called as a key of the table's index is, or the item would be listed as a file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from domain.expectations import Window
from handlers.data.batch_get import batch_get
from handlers.data.items import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP_SECONDS = 40 * 86_400  # as long as the counts of a day

Outcome = Literal["met", "missing"]


class WindowLeasedError(RuntimeError):
    """Another function is at work on this window. Raised, so that Lambda retries when its lease has ended."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of a window, and how many files had arrived when it was found: at least so many if it is met."""

    outcome: Outcome
    arrived: int


@dataclass(frozen=True)
class Verdicts:
    """Reads and writes the windows of one table. What DynamoDB refuses is raised as botocore's ClientError."""

    client: DynamoDBClient
    table: str
    clock: Callable[[], float] = time.time

    def claim(self, rule: str, window: Window, *, lease_seconds: float) -> bool:
        """Claim a window. Returns False if it has a verdict. Raises WindowLeasedError if another function has it."""
        now = self.clock()
        try:
            self.client.update_item(
                TableName=self.table,
                Key=_key(rule, window),
                UpdateExpression="SET lease = :lease, expires = :expires",
                ConditionExpression="attribute_not_exists(outcome) AND (attribute_not_exists(lease) OR lease < :now)",
                ExpressionAttributeValues={
                    ":lease": {"N": f"{now + lease_seconds:.3f}"},
                    ":now": {"N": f"{now:.3f}"},
                    ":expires": {"N": f"{now + KEEP_SECONDS:.0f}"},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            if _verdict(refused.response.get("Item", {})):
                return False
            raise WindowLeasedError(f"the window of {rule!r} by {window.local_end} is being looked at") from refused
        return True

    def release(self, rule: str, window: Window) -> None:
        """Give a claim back, so that the next attempt need not wait for the lease to end."""
        self.client.update_item(TableName=self.table, Key=_key(rule, window), UpdateExpression="REMOVE lease")

    def conclude(self, rule: str, window: Window, verdict: Verdict) -> None:
        """Write the verdict: nothing is reported about the window any more."""
        self.client.update_item(
            TableName=self.table,
            Key=_key(rule, window),
            UpdateExpression="SET outcome = :outcome, files = :files REMOVE lease",
            ExpressionAttributeValues={":outcome": {"S": verdict.outcome}, ":files": {"N": str(verdict.arrived)}},
        )

    def read(self, rule: str, window: Window) -> Verdict | None:
        """The verdict of a window; None if there is none yet."""
        return _verdict(self.client.get_item(TableName=self.table, Key=_key(rule, window)).get("Item", {}))

    def read_all(self, windows: Iterable[tuple[str, Window]]) -> Iterator[tuple[str, Window, Verdict | None]]:
        """The verdicts of windows, given with the names of their rules, in that order."""
        asked = {_key(rule, window)["id"]["S"]: (rule, window) for rule, window in windows}
        found = {item["id"]["S"]: item for item in batch_get(self.client, self.table, asked)}
        for item_id, (rule, window) in asked.items():
            yield rule, window, _verdict(found.get(item_id, {}))


def _key(rule: str, window: Window) -> dict[str, dict[str, str]]:
    return {"id": {"S": f"expected#{rule}#{window.end:%Y-%m-%dT%H:%MZ}"}}


def _verdict(item: Any) -> Verdict | None:
    values = plain(item)
    if "outcome" not in values:
        return None
    return Verdict(outcome=values["outcome"], arrived=int(values["files"]))
