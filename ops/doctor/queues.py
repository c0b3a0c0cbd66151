"""Are failures kept, and are there any?"""

from __future__ import annotations

from collections.abc import Iterator

from ops.doctor.finding import Finding
from ops.doctor.policies import allows, is_open, refuses_everything, refuses_plain_http
from ops.reading.deployed import Deployed
from ops.reading.queues import FAILED_EVENTS, UNDELIVERED, WAITING, Queue, kept_queues
from ops.words import counted


def existing(deployed: Deployed) -> Iterator[Finding]:
    """Every queue is there."""
    names = {**WAITING, **{f"{kept.name} (what failed)": kept.output for kept in kept_queues(deployed.stack)}}
    for name, output in names.items():
        url = deployed.stack.get(output)
        if url and deployed.queue(output) is None:
            yield Finding(
                id="queue-missing",
                what=f"The queue {url.rpartition('/')[2]} does not exist: {name}.",
                means="What should wait in it, or be kept in it, is lost.",
                fix=deployed.stack.repair_command,
            )


def policies(deployed: Deployed) -> Iterator[Finding]:
    """Who has to write to a queue may, and nobody may without TLS."""
    stack = deployed.stack
    # Lambda writes to failed-events by the function's own role, and SQS moves dead letters by itself.
    from_sns = {UNDELIVERED.output: UNDELIVERED.name, **{output: name for name, output in WAITING.items()}}
    for output in (*from_sns, FAILED_EVENTS.output):
        queue = deployed.queue(output)
        if queue is None:
            continue
        name = from_sns.get(output, FAILED_EVENTS.name)
        if output in from_sns and not _takes_notifications(queue, stack["topicArn"]):
            yield Finding(
                id=f"queue-policy-{name}",
                what=f"The policy of the {name} queue does not let the topic send to it.",
                means={
                    "undelivered": "A notification that SNS cannot deliver is not kept.",
                    "work": "New files are not looked into; SNS puts their notifications into the undelivered queue.",
                    "digest": "Files of a storm come into no digest; SNS puts their notifications into undelivered.",
                }[name],
                fix=stack.repair_command,
            )
        elif refuses_everything(queue.policy) or not refuses_plain_http(queue.policy) or is_open(queue.policy):
            yield Finding(
                id=f"queue-policy-{name}",
                what=f"The policy of the {name} queue is not the program's any more.",
                means="It lets somebody else in, or keeps out who should get in: failures may get lost in it.",
                fix=stack.repair_command,
            )


def redrive(deployed: Deployed) -> Iterator[Finding]:
    """What fails again and again leaves the work queue and the digest queue for their dead letters."""
    for name, dead in (("work", "workDeadLettersUrl"), ("digest", "digestDeadLettersUrl")):
        queue, letters = deployed.queue(WAITING[name]), deployed.queue(dead)
        if queue and letters and queue.redrive.get("deadLetterTargetArn") != letters.arn:
            yield Finding(
                id=f"redrive-{name}",
                what=f"The {name} queue has no dead-letter queue any more, or another one.",
                means="A message that always fails is tried for 14 days and is then gone, without an alarm.",
                fix=deployed.stack.repair_command,
                level="attention",
            )


def dead_letters(deployed: Deployed) -> Iterator[Finding]:
    """Nothing has failed that somebody has not looked at."""
    for kept in kept_queues(deployed.stack):
        queue = deployed.queue(kept.output)
        if queue and queue.messages:
            yield Finding(
                id=f"kept-{kept.name}",
                what=f"{counted(queue.messages, 'message is', 'messages are')} kept in {kept.name}.",
                means=f"{kept.means} They are kept for 14 days. Once the cause is put right, they can be replayed: "
                f"docs/runbook.md#{kept.alarm}",
                fix=deployed.stack.ops_command("replay", "--queue", kept.name),
                level="attention",
            )


def _takes_notifications(queue: Queue, topic_arn: str) -> bool:
    return allows(queue.policy, service="sns.amazonaws.com", action="sqs:SendMessage", source_arn=topic_arn)
