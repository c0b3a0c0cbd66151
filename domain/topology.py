"""What is deployed, as far as deployer, functions and operators all have to know it. Each fact stands here alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from domain.events import Action
from domain.recipients import Recipient
from domain.rules import Rule

RULES_FILE = "rules.json"
"""The rules, in the archive of each function that needs them."""

S3_EVENTS: Mapping[Action, str] = {
    "created": "s3:ObjectCreated:*",
    "removed": "s3:ObjectRemoved:*",
    "restored": "s3:ObjectRestore:Completed",
}
"""What the bucket's notification configuration has to ask for."""

INDEX = "by-month"
"""The catalogue's index, which lists files newest first."""

INDEX_SHARDS = 4
"""Keys of the index for each month. Each serves 1,000 uploads a second (docs/limits.md). More may be set at any time;
with fewer, uploads of before are missing from lists."""

MAX_RECEIVES = 5  # AWS's advice for queues that Lambda reads; throttled receives count too
BATCH_SIZE = 10
BATCH_WINDOW_SECONDS = 15  # of the work queue; docs/decisions/0019-batching-window.md

WORK_FILTER: Mapping[str, Sequence[Any]] = {"kind": ["upload"], "event": ["created"]}
DIGEST_FILTER: Mapping[str, Sequence[Any]] = {"digest": [{"exists": True}]}


@dataclass(frozen=True, kw_only=True)
class FailureQueue:
    """A queue that keeps what failed. `output` is the stack output that holds its URL.

    `heading` is its alarm's name and the runbook's heading, `meaning` what a message in it means for people.
    """

    name: str
    output: str
    heading: str
    meaning: str


FAILED_EVENTS = FailureQueue(
    name="failed-events",
    output="failedEventsQueueUrl",
    heading="failed-events",
    meaning="File events failed three attempts: nobody was notified of these files.",
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
    meaning="Files whose processing failed five times: they have no checksum, type or facts.",
)
DIGEST_DEAD_LETTERS = FailureQueue(
    name="digest-dead-letters",
    output="digestDeadLettersUrl",
    heading="dead-letters",
    meaning="Files that five digests failed to include: the people of their rules were not notified.",
)
FAILURE_QUEUES = (FAILED_EVENTS, UNDELIVERED, WORK_DEAD_LETTERS, DIGEST_DEAD_LETTERS)

WORKING_QUEUES: Mapping[str, str] = {"work": "workQueueUrl", "digest": "digestQueueUrl"}
"""The queues that functions read, by name, with the stack output that holds their URL."""


def recipients(rules: Iterable[Rule]) -> dict[Recipient, tuple[str, ...]]:
    """Each recipient once, with the names of the rules that notify it."""
    named: dict[Recipient, list[str]] = {}
    for rule in rules:
        for recipient in rule.recipients:
            named.setdefault(recipient, []).append(rule.name)
    return {recipient: tuple(names) for recipient, names in named.items()}


def filter_policy(recipient: Recipient, rules: Sequence[str]) -> dict[str, list[str]]:
    """Which notifications reach a recipient, by their message attributes.

    People get what is to be delivered at once in their rules, systems every upload of theirs; both get what is
    addressed to them alone (see `own_address`).
    """
    values = [*rules, own_address(recipient.address)]
    return {"deliver": values} if recipient.is_person else {"kind": ["upload"], "rules": values}


def own_address(endpoint: str) -> str:
    """A value in a subscription's filter policy beside the names of rules: what carries it reaches that one alone.

    A replay thereby reaches the recipient that missed a notification, and no other. No rule can have such a name:
    names of rules have no colon.
    """
    return f"to:{sha256(endpoint.encode()).hexdigest()[:16]}"
