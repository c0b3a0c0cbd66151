"""Facts about the deployed system that deployer, functions and operators share: each has its one home here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from domain.events import Action
from domain.recipients import Recipient
from domain.rules import Rule

S3_EVENTS: Mapping[Action, str] = {
    "created": "s3:ObjectCreated:*",
    "removed": "s3:ObjectRemoved:*",
    "restored": "s3:ObjectRestore:Completed",
}
"""S3 event types in the bucket's notification configuration, by action."""

EVENTBRIDGE_TYPES: Mapping[Action, str] = {
    "created": "Object Created",
    "removed": "Object Deleted",
    "restored": "Object Restore Completed",
}
"""The same as EventBridge's detail types. A deletion by the bucket's lifecycle is an Object Deleted as well.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
"""

UPLOAD_ROOT = "people"
"""The prefix of uploads through the web, below which each person has one."""

CHANNELS_VARIABLE = "CHANNELS"
"""The chat function's environment variable with the name of each channel's parameter, as JSON."""

INDEX = "by-month"
"""The catalogue's index, which lists files newest first."""

INDEX_SHARDS = 4
"""Keys of the index for each month. Each serves 1,000 uploads a second (docs/limits.md). More may be set at any time;
with fewer, uploads of before are missing from lists."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A DynamoDB table with one index. Keys are strings; `index_attributes` are copied into the index besides them.

    `expires` is the attribute that DynamoDB's TTL reads: seconds since 1970 after which it deletes the item.
    """

    key: str
    index: str
    index_key: str
    index_sort_key: str
    index_attributes: tuple[str, ...]
    expires: str

    @property
    def key_attributes(self) -> tuple[str, ...]:
        """Every attribute that is a key of the table or of its index."""
        return (self.key, self.index_key, self.index_sort_key)


TABLE = Table(
    key="id",
    index=INDEX,
    index_key="month",
    index_sort_key="arrived",
    index_attributes=("size",),
    expires="expires",
)
"""The catalogue's table."""

MAX_RECEIVES = 5
"""The least that AWS advises for queues that Lambda reads: throttled receives count as well.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""
CHAT_MAX_RECEIVES = 8
"""Of the chat queue, whose function says after which time each failed message is received again: for an hour."""
BATCH_SIZE = 10
BATCH_WINDOW_SECONDS = 15
"""Of the work queue: docs/decisions/0019-batching-window.md."""

WORK_FILTER: Mapping[str, Sequence[Any]] = {"kind": ["upload"], "event": ["created"]}
"""The filter policy of the work queue: every created file, with a rule or without."""
DIGEST_FILTER: Mapping[str, Sequence[Any]] = {"digest": [{"exists": True}]}
"""The filter policy of the digest queue: every file that has rules whose people get it in a digest."""

FailureOutput = Literal[
    "failedEventsQueueUrl",
    "undeliveredQueueUrl",
    "workDeadLettersUrl",
    "digestDeadLettersUrl",
    "chatDeadLettersUrl",
]


@dataclass(frozen=True, kw_only=True)
class FailureQueue:
    """A queue of failures: failed events, undelivered notifications, dead letters.

    `output` is the stack output that holds its URL, `heading` the name of its alarm and the runbook's heading,
    `meaning` the impact of a message in it, `source` the working queue whose dead-letter queue it is; empty where
    functions or SNS write.
    """

    name: str
    output: FailureOutput
    heading: str
    meaning: str
    source: str = ""


FAILED_EVENTS = FailureQueue(
    name="failed-events",
    output="failedEventsQueueUrl",
    heading="failed-events",
    meaning="File events failed three attempts: no one was notified of these files.",
)
UNDELIVERED = FailureQueue(
    name="undelivered",
    output="undeliveredQueueUrl",
    heading="undelivered",
    meaning="Notifications that SNS could not deliver to one of their recipients.",
)
WORK_DEAD_LETTERS = FailureQueue(
    name="work-dead-letters",
    output="workDeadLettersUrl",
    heading="dead-letters",
    meaning="Files whose processing failed five times: they have no checksum and type, or these were not announced.",
    source="work",
)
DIGEST_DEAD_LETTERS = FailureQueue(
    name="digest-dead-letters",
    output="digestDeadLettersUrl",
    heading="dead-letters",
    meaning="Files that five digests failed to include: the people of their rules were not notified.",
    source="digest",
)
CHAT_DEAD_LETTERS = FailureQueue(
    name="chat-dead-letters",
    output="chatDeadLettersUrl",
    heading="chat-dead-letters",
    meaning="Messages that a chat service did not accept within an hour: its channel was not notified.",
    source="chat",
)
FAILURE_QUEUES = (FAILED_EVENTS, UNDELIVERED, WORK_DEAD_LETTERS, DIGEST_DEAD_LETTERS, CHAT_DEAD_LETTERS)

WORKING_QUEUES: Mapping[str, str] = {"work": "workQueueUrl", "digest": "digestQueueUrl", "chat": "chatQueueUrl"}
"""The queues that functions read, by name, with the stack output that holds their URL."""

WORKING_FILTERS: Mapping[str, Mapping[str, Sequence[Any]]] = {"work": WORK_FILTER, "digest": DIGEST_FILTER}
"""The filter policies of their subscriptions, by the same names; that of the chat queue depends on the rules."""


def chat_filter(rules: Iterable[Rule]) -> dict[str, list[str]]:
    """The filter policy of the chat queue: what is to be delivered at once to a rule that has channels.

    SNS has one subscription for a queue, so it serves all channels; the chat function finds those of each rule.
    """
    return {"deliver": sorted(rule.name for rule in rules if rule.channels)}


def recipients(rules: Iterable[Rule]) -> dict[Recipient, tuple[str, ...]]:
    """Each recipient once, with the names of the rules that notify it."""
    named: dict[Recipient, list[str]] = {}
    for rule in rules:
        for recipient in rule.recipients:
            named.setdefault(recipient, []).append(rule.name)
    return {recipient: tuple(names) for recipient, names in named.items()}


def filter_policy(recipient: Recipient, rules: Sequence[str]) -> dict[str, list[str]]:
    """Which notifications reach a recipient, by their message attributes.

    People get the notifications that their rules deliver at once, systems every upload of their rules; both get those
    addressed to them alone (see `own_address`).
    """
    values = [*rules, own_address(recipient.address)]
    return {"deliver": values} if recipient.is_person else {"kind": ["upload"], "rules": values}


def own_address(endpoint: str) -> str:
    """A value in a subscription's filter policy beside the names of rules: it addresses this subscription alone.

    A replay uses it to reach only the recipient that missed a notification. No rule can have such a name: names of
    rules have no colon.
    """
    return f"to:{sha256(endpoint.encode()).hexdigest()[:16]}"
