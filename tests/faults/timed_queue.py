"""Queues that keep the test's time: visibility timeouts, delays and redrives of hours pass at once."""

# ruff: noqa: N803 - the names of boto3's arguments

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

from tests.advanced.stand_ins import Clock


@dataclass
class _Message:
    id: str
    body: str
    attributes: Mapping[str, Any]
    visible_at: float
    receives: int = 0
    receipt: str = ""


@dataclass(kw_only=True)
class TimedQueues:
    """As much of SQS's client as the chat function and `ops replay` use.

    `redrives` has for a queue its dead-letter queue and the most receives. `refused` are operations that fail.
    """

    clock: Clock
    visibility: float
    redrives: Mapping[str, tuple[str, int]]
    refused: set[str] = field(default_factory=set)
    messages: dict[str, list[_Message]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=count)

    def next_visible(self, url: str) -> float | None:
        """When the first message of a queue is visible; None if it has none."""
        return min((message.visible_at for message in self.messages.get(url, ())), default=None)

    def receive_message(
        self, *, QueueUrl: str, MaxNumberOfMessages: int = 1, VisibilityTimeout: float | None = None, **_: Any
    ) -> dict[str, Any]:
        """Those that are visible now. One that was received too often goes to the dead-letter queue instead."""
        hidden = self.visibility if VisibilityTimeout is None else VisibilityTimeout
        found = []
        for message in [one for one in self.messages.get(QueueUrl, ()) if one.visible_at <= self.clock()]:
            dead, most = self.redrives.get(QueueUrl, ("", 0))
            if dead and message.receives >= most:
                self.messages[QueueUrl].remove(message)
                self.messages.setdefault(dead, []).append(message)
            elif len(found) < MaxNumberOfMessages:
                message.receives += 1
                message.visible_at = self.clock() + hidden
                message.receipt = f"receipt-{next(self._numbers)}"
                found.append(message)
        return {"Messages": [self._shown(message) for message in found]}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:
        self.messages[QueueUrl] = [one for one in self.messages[QueueUrl] if one.receipt != ReceiptHandle]

    def send_message(
        self,
        *,
        QueueUrl: str,
        MessageBody: str,
        MessageAttributes: Mapping[str, Any] | None = None,
        DelaySeconds: int = 0,
    ) -> None:
        self._check("SendMessage")
        message = _Message(
            f"message-{next(self._numbers)}", MessageBody, MessageAttributes or {}, self.clock() + DelaySeconds
        )
        self.messages.setdefault(QueueUrl, []).append(message)

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        self._check("ChangeMessageVisibilityBatch")
        seconds = {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in Entries}
        for message in self.messages[QueueUrl]:
            if message.receipt in seconds:
                message.visible_at = self.clock() + seconds[message.receipt]
        return {"Successful": [], "Failed": []}

    def _check(self, operation: str) -> None:
        if operation in self.refused:
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": "as planned"}}, operation)

    def _shown(self, message: _Message) -> dict[str, Any]:
        return {
            "MessageId": message.id,
            "ReceiptHandle": message.receipt,
            "Body": message.body,
            "Attributes": {"ApproximateReceiveCount": str(message.receives)},
            "MessageAttributes": message.attributes,
        }
