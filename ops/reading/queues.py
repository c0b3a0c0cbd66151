"""The stack's queues, how full they are, and what each one keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.aws import is_absent
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
class Kept:
    """A kind of failure that a queue keeps. `alarm` is the name of its alarm, and of its heading in the runbook."""

    name: str
    output: str
    means: str
    alarm: str


FAILED_EVENTS = Kept(
    name="failed-events",
    output="failedEventsQueueUrl",
    means="File events that could not be told in three attempts: nobody has heard of these files.",
    alarm="failed-events",
)
UNDELIVERED = Kept(
    name="undelivered",
    output="undeliveredQueueUrl",
    means="Notifications that SNS could not deliver to one of their recipients.",
    alarm="undelivered",
)
WORK = Kept(
    name="work-dead-letters",
    output="workDeadLettersUrl",
    means="Files that could not be looked into in five attempts: they have no checksum, type or facts.",
    alarm="dead-letters",
)
DIGEST = Kept(
    name="digest-dead-letters",
    output="digestDeadLettersUrl",
    means="Files that came into no digest in five attempts: the people of their rules have not heard of them.",
    alarm="dead-letters",
)
KEPT = (FAILED_EVENTS, UNDELIVERED, WORK, DIGEST)

WAITING = {"work": "workQueueUrl", "digest": "digestQueueUrl"}
"""The queues that are read all the time, by name, with the output that holds their URL."""


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
        return self.waiting + self.in_flight


def queue(sqs: SQSClient, url: str) -> Queue | None:
    """The queue at a URL; None if there is none."""
    from botocore.exceptions import ClientError

    try:
        found: Any = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=ATTRIBUTES)["Attributes"]
    except ClientError as error:
        if is_absent(error):
            return None
        raise
    return Queue(
        arn=found["QueueArn"],
        waiting=int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesDelayed"]),
        in_flight=int(found["ApproximateNumberOfMessagesNotVisible"]),
        policy=json.loads(found.get("Policy") or "{}"),
        redrive=json.loads(found.get("RedrivePolicy") or "{}"),
    )


def kept_queues(stack: Stack) -> dict[Kept, str]:
    """The queues of this stack that keep failures, with their URLs."""
    return {kept: url for kept in KEPT if (url := stack.get(kept.output)) is not None}
