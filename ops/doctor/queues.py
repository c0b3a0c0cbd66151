"""Checks the queues: that they exist, who may write to them, and that the failure queues are empty."""

from __future__ import annotations

from collections.abc import Iterator

from domain.topology import FAILED_EVENTS, FAILURE_QUEUES, UNDELIVERED, WORKING_QUEUES
from ops.doctor.finding import Finding
from ops.doctor.policies import allows, is_open, refuses_everything, refuses_plain_http
from ops.reading.deployed import Deployed
from ops.reading.queues import Queue, failure_queues
from ops.words import counted


def existing(deployed: Deployed) -> Iterator[Finding]:
    """Every queue exists."""
    names = {**WORKING_QUEUES, **{queue.name: queue.output for queue in failure_queues(deployed.stack)}}
    for name, output in names.items():
        url = deployed.stack.get(output)
        if url and deployed.queue(output) is None:
            yield Finding(
                id="queue-missing",
                what=f"The {name} queue {url.rpartition('/')[2]} does not exist.",
                means="Messages for it are lost.",
                fix=deployed.stack.repair_command,
            )


def policies(deployed: Deployed) -> Iterator[Finding]:
    """Senders may write to their queues, and nobody may without TLS."""
    stack = deployed.stack
    # Lambda writes to failed-events by the function's own role, and SQS moves dead letters by itself.
    from_sns = {UNDELIVERED.output: UNDELIVERED.name, **{output: name for name, output in WORKING_QUEUES.items()}}
    for output in (*from_sns, FAILED_EVENTS.output):
        queue = deployed.queue(output)
        if queue is None:
            continue
        name = from_sns.get(output, FAILED_EVENTS.name)
        if output in from_sns and not _accepts_notifications(queue, stack["topicArn"]):
            yield Finding(
                id=f"queue-policy-{name}",
                what=f"The policy of the {name} queue does not let the topic send to it.",
                means={
                    "undelivered": "Notifications that SNS cannot deliver are lost.",
                    "work": "New files are not processed; SNS sends their notifications to the undelivered queue.",
                    "digest": "Files of a storm are in no digest; SNS sends their notifications to undelivered.",
                    "chat": "Chat channels are not notified; SNS sends their notifications to the undelivered queue.",
                }[name],
                fix=stack.repair_command,
            )
        elif refuses_everything(queue.policy) or not refuses_plain_http(queue.policy) or is_open(queue.policy):
            yield Finding(
                id=f"queue-policy-{name}",
                what=f"The policy of the {name} queue is not the one that the program deployed.",
                means="It lets others write, or keeps senders out: messages may get lost.",
                fix=stack.repair_command,
            )


def redrive(deployed: Deployed) -> Iterator[Finding]:
    """Poison messages move from the queues that functions read to a dead-letter queue."""
    for failure in FAILURE_QUEUES:
        if not failure.source:
            continue
        queue, dead_letters = deployed.queue(WORKING_QUEUES[failure.source]), deployed.queue(failure.output)
        if queue and dead_letters and queue.redrive.get("deadLetterTargetArn") != dead_letters.arn:
            yield Finding(
                id=f"redrive-{failure.source}",
                what=f"The {failure.source} queue has lost its dead-letter queue, or has another one.",
                means="A message that always fails is retried for 14 days and then deleted, without an alarm.",
                fix=deployed.stack.repair_command,
                level="attention",
            )


def failed_messages(deployed: Deployed) -> Iterator[Finding]:
    """The failure queues are empty."""
    for failure in failure_queues(deployed.stack):
        queue = deployed.queue(failure.output)
        if queue and queue.messages:
            yield Finding(
                id=f"failed-messages-{failure.name}",
                what=f"{counted(queue.messages, 'message is', 'messages are')} in {failure.name}.",
                means=f"{failure.meaning} They stay there for 14 days. Once the cause is fixed, replay them: "
                f"docs/runbook.md#{failure.heading}",
                fix=deployed.stack.ops_command("replay", "--queue", failure.name),
                level="attention",
            )


def _accepts_notifications(queue: Queue, topic_arn: str) -> bool:
    return allows(queue.policy, service="sns.amazonaws.com", action="sqs:SendMessage", source_arn=topic_arn)
