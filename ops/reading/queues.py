"""The stack's queues, and how full they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.topology import FAILURE_QUEUES, FailureQueue
from ops.aws import if_there
from ops.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ATTRIBUTES: Any = [
    "QueueArn",
    "Policy",
    "RedrivePolicy",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One queue as it is now. SQS's numbers are approximate, and may lag by a minute."""

    arn: str
    waiting: int
    in_flight: int
    policy: Mapping[str, Any]
    redrive: Mapping[str, Any]

    @property
    def messages(self) -> int:
        """Every message, whether visible, delayed or in flight."""
        return self.waiting + self.in_flight


def queue(sqs: SQSClient, url: str) -> Queue | None:
    """The queue at a URL; None if it does not exist."""
    answer: Any = if_there(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=ATTRIBUTES)
    if answer is None:
        return None
    attributes = answer["Attributes"]
    return Queue(
        arn=attributes["QueueArn"],
        waiting=int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesDelayed"]),
        in_flight=int(attributes["ApproximateNumberOfMessagesNotVisible"]),
        policy=json.loads(attributes.get("Policy") or "{}"),
        redrive=json.loads(attributes.get("RedrivePolicy") or "{}"),
    )


def failure_queues(stack: Stack) -> dict[FailureQueue, str]:
    """The failure queues that this stack has, with their URLs."""
    return {queue: url for queue in FAILURE_QUEUES if (url := stack.get(queue.output)) is not None}
