"""`replay`, the command."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypedDict

import click
from botocore.exceptions import BotoCoreError, ClientError

from domain.topology import FAILED_EVENTS, FAILURE_QUEUES, UNDELIVERED, WORKING_QUEUES, FailureQueue
from ops.command import on_a_stack
from ops.errors import ATTENTION, OpsError
from ops.reading.deployed import Deployed
from ops.reading.queues import failure_queues
from ops.replay import dead_letters, failed_events
from ops.replay.messages import AmbiguousError, Message, Messages, NothingToReplayError, ReplayFailedError
from ops.replay.undelivered import Resender
from ops.screen import Advance, Screen
from ops.stack import Stack
from ops.words import counted

CONCURRENCY = 4  # invocations at a time: a new account may run ten functions, and uploads go on meanwhile
FAILURES_IN_A_ROW = 10  # after these the cause is not fixed, and the replay stops
SHOWN = 10

Describe = Callable[[Message], str]
Replay = Callable[[Message], None]


class ReplayedQueue(TypedDict):
    """The outcome of one queue for programs. `failed` and `ambiguous` have one reason per message."""

    queue: str
    found: int
    replayed: int
    failed: list[str]
    ambiguous: list[str]
    gaveUp: bool


@dataclass
class Outcome:
    """The outcome of one queue's messages."""

    queue: str
    found: int = 0
    replayed: int = 0
    failed: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    gave_up: bool = False
    _in_a_row: int = 0

    def success(self) -> None:
        """Count a message that was replayed and deleted."""
        self.replayed += 1
        self._in_a_row = 0

    def failure(self, reason: str) -> None:
        """Count a message that failed again, and give up after FAILURES_IN_A_ROW."""
        self.failed.append(reason)
        self._in_a_row += 1
        self.gave_up = self.gave_up or self._in_a_row >= FAILURES_IN_A_ROW

    @property
    def remaining(self) -> int:
        """Messages that were received and are still in the queue."""
        return self.found - self.replayed

    def as_json(self) -> ReplayedQueue:
        """The outcome for programs."""
        return {
            "queue": self.queue,
            "found": self.found,
            "replayed": self.replayed,
            "failed": self.failed,
            "ambiguous": self.ambiguous,
            "gaveUp": self.gave_up,
        }


@on_a_stack(by_region=True)
@click.option(
    "--queue", "names", multiple=True, metavar="QUEUE", type=click.Choice([queue.name for queue in FAILURE_QUEUES]),
    help=f"One of {', '.join(queue.name for queue in FAILURE_QUEUES)}; repeatable. Default: all of them.",
)  # fmt: skip
@click.option("--limit", metavar="N", type=click.IntRange(1), help="At most this many messages of each queue.")
@click.option("--dry-run", is_flag=True, help="Show what would be replayed, and change nothing.")
@click.option(
    "--missed-by", metavar="ARN",
    help="The recipient's queue that missed undelivered notifications, where several may have.",
)  # fmt: skip
def replay(
    stack: Stack, screen: Screen, *, names: tuple[str, ...], limit: int | None, dry_run: bool, missed_by: str | None
) -> int:
    """Replay failed events and dead letters.

    Failed events go to notify again, dead letters back to their queues, undelivered notifications to the recipients
    that missed them. Fix the cause first: `python -m ops doctor` names it. Only what succeeded is deleted. In mode
    advanced nobody is notified twice, however often you run this.
    """
    own = failure_queues(stack)
    queues = {queue: url for queue, url in own.items() if not names or queue.name in names}
    if missing := set(names) - {queue.name for queue in queues}:
        raise OpsError(
            f"{stack.where} has no queue {', '.join(sorted(missing))}: it is in mode {stack.mode}; "
            f"its failure queues are {', '.join(queue.name for queue in own)}"
        )
    deployed = Deployed(stack)
    outcomes = []
    for queue, url in queues.items():
        messages = Messages(stack.aws.sqs, url)
        describe, again = _means(queue, deployed, missed_by=missed_by)
        try:
            if dry_run:
                outcomes.append(_list(queue, messages, describe, screen, limit))
            else:
                count = depth.messages if (depth := deployed.queue(queue.output)) else 0
                with screen.progress(queue.name, count if limit is None else min(count, limit)) as advance:
                    outcomes.append(_replay(queue, messages, again, limit, advance))
        finally:
            messages.release()
    _show(screen, outcomes, dry_run=dry_run)
    screen.result("replay", {"dryRun": dry_run, "queues": [outcome.as_json() for outcome in outcomes]})
    return ATTENTION if any(outcome.remaining for outcome in outcomes) and not dry_run else 0


def _means(queue: FailureQueue, deployed: Deployed, *, missed_by: str | None) -> tuple[Describe, Replay]:
    """How a queue's messages are described and replayed."""
    stack = deployed.stack
    if queue is FAILED_EVENTS:
        return failed_events.describe, failed_events.EventReplayer(stack).replay
    if queue is UNDELIVERED:
        resender = Resender(stack=stack, subscriptions=deployed.subscriptions or [], queue=missed_by)
        return resender.describe, resender.replay
    source = stack[WORKING_QUEUES[queue.source]]
    return dead_letters.describe, lambda message: dead_letters.replay(stack.aws.sqs, source, message)


def _list(queue: FailureQueue, messages: Messages, describe: Describe, screen: Screen, limit: int | None) -> Outcome:
    outcome = Outcome(queue.name)
    for batch in messages.batches(limit):
        for message in batch:
            outcome.found += 1
            if outcome.found <= SHOWN:
                screen.say((f"{queue.name}  ", "dim"), describe(message))
    if outcome.found > SHOWN:
        screen.say((f"{queue.name}  ", "dim"), f"… and {outcome.found - SHOWN:,} more")
    return outcome


def _replay(queue: FailureQueue, messages: Messages, again: Replay, limit: int | None, advance: Advance) -> Outcome:
    outcome = Outcome(queue.name)
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for batch in messages.batches(limit):
            outcome.found += len(batch)
            for done in [pool.submit(_replay_and_delete, messages, again, message) for message in batch]:
                try:
                    done.result()
                except NothingToReplayError as error:
                    outcome.failed.append(str(error))
                except (ReplayFailedError, ClientError, BotoCoreError) as error:
                    outcome.failure(str(error))
                except AmbiguousError as error:
                    outcome.ambiguous.append(str(error))
                else:
                    outcome.success()
                advance()
            if outcome.gave_up:
                break
    return outcome


def _replay_and_delete(messages: Messages, again: Replay, message: Message) -> None:
    """In one task: after an interruption no message is in its queue that was replayed."""
    again(message)
    try:
        messages.delete(message)
    except (ClientError, BotoCoreError) as error:
        raise ReplayFailedError(
            f"replayed, but still in the queue, so that another run replays it again: {error}"
        ) from error


def _show(screen: Screen, outcomes: list[Outcome], *, dry_run: bool) -> None:
    if not any(outcome.found for outcome in outcomes):
        screen.mark("fine", "the queues are empty: there is nothing to replay")
        return
    for outcome in (outcome for outcome in outcomes if outcome.found):
        if dry_run:
            screen.mark("unknown", (f"{outcome.queue}: ", "bold"), f"{outcome.found:,} would be replayed")
            continue
        mark = "attention" if outcome.remaining else "fine"
        text = f"{outcome.replayed:,} replayed, {outcome.remaining:,} remaining"
        screen.mark(mark, (f"{outcome.queue}: ", "bold"), text)
        for reason, count in _reasons([*outcome.failed, *outcome.ambiguous]).items():
            screen.say(f"    {counted(count, 'message')}: {reason}")
        if outcome.ambiguous:
            screen.say("  → ", ("add --missed-by with the ARN of the queue that missed them", "cyan"))
        if outcome.gave_up:
            screen.say(f"    {FAILURES_IN_A_ROW} failures in a row: the cause is not fixed yet, the rest was not tried")


def _reasons(reasons: list[str]) -> dict[str, int]:
    return {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
