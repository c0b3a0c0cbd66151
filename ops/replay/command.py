"""`replay`, the command."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError

from ops.command import on_a_stack
from ops.errors import ATTENTION, OpsError
from ops.reading.deployed import Deployed
from ops.reading.queues import DIGEST, FAILED_EVENTS, KEPT, UNDELIVERED, WORK, Kept, kept_queues
from ops.replay import dead_letters, failed_events
from ops.replay.letters import FailedAgainError, Letter, Letters, UndecidedError
from ops.replay.undelivered import Resender
from ops.screen import Advance, Screen
from ops.stack import Stack
from ops.words import counted

AT_ONCE = 4  # invocations at a time: a new account may run ten functions, and uploads go on meanwhile
HOPELESS = 10  # failures in a row after which the cause is not put right yet
SHOWN = 10

Describe = Callable[[Letter], str]
Replay = Callable[[Letter], None]


@dataclass
class Outcome:
    """What became of one queue's messages."""

    queue: str
    found: int = 0
    replayed: int = 0
    failed: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    gave_up: bool = False
    _in_a_row: int = 0

    def success(self) -> None:
        self.replayed += 1
        self._in_a_row = 0

    def failure(self, reason: str) -> None:
        self.failed.append(reason)
        self._in_a_row += 1
        self.gave_up = self.gave_up or self._in_a_row >= HOPELESS

    @property
    def kept(self) -> int:
        return self.found - self.replayed

    def as_json(self) -> dict[str, Any]:
        return {
            "queue": self.queue,
            "found": self.found,
            "replayed": self.replayed,
            "failed": self.failed,
            "undecided": self.undecided,
            "gaveUp": self.gave_up,
        }


@on_a_stack(by_region=True)
@click.option(
    "--queue", "names", multiple=True, metavar="QUEUE", type=click.Choice([kept.name for kept in KEPT]),
    help=f"One of {', '.join(kept.name for kept in KEPT)}; may be given several times. Default: all of them.",
)  # fmt: skip
@click.option("--limit", metavar="N", type=click.IntRange(1), help="At most this many messages of each queue.")
@click.option("--dry-run", is_flag=True, help="Say what would be replayed, and leave it as it is.")
@click.option(
    "--to-everyone", is_flag=True,
    help="Undelivered notifications that cannot be sent to one recipient alone: to all recipients of its rules, again.",
)  # fmt: skip
def replay(
    stack: Stack, screen: Screen, *, names: tuple[str, ...], limit: int | None, dry_run: bool, to_everyone: bool
) -> int:
    """Try again what was kept as a failure.

    Failed events go to notify once more, dead letters back to their queues, undelivered notifications to whom they missed.
    Put the cause right first: `python -m ops doctor` says what it is. Only what succeeded is deleted. In mode advanced
    nothing is told twice, however often this is run.
    """
    queues = {kept: url for kept, url in kept_queues(stack).items() if not names or kept.name in names}
    if missing := set(names) - {kept.name for kept in queues}:
        raise OpsError(
            f"{stack.where} has no queue {', '.join(sorted(missing))}: it is in mode {stack.mode}; "
            f"there are {', '.join(kept.name for kept in kept_queues(stack))}"
        )
    deployed = Deployed(stack)
    outcomes = []
    for kept, url in queues.items():
        letters = Letters(stack.aws.sqs, url)
        describe, again = _means(kept, deployed, to_everyone=to_everyone)
        try:
            if dry_run:
                outcomes.append(_list(kept, letters, describe, screen, limit))
            else:
                count = queue.messages if (queue := deployed.queue(kept.output)) else 0
                with screen.progress(kept.name, count if limit is None else min(count, limit)) as advance:
                    outcomes.append(_replay(kept, letters, again, limit, advance))
        finally:
            letters.give_back()
    _tell(screen, outcomes, dry_run=dry_run)
    screen.result("replay", {"dryRun": dry_run, "queues": [one.as_json() for one in outcomes]})
    return ATTENTION if any(one.kept for one in outcomes) and not dry_run else 0


def _means(kept: Kept, deployed: Deployed, *, to_everyone: bool) -> tuple[Describe, Replay]:
    """How a queue's messages are described and replayed."""
    stack = deployed.stack
    if kept is FAILED_EVENTS:
        return failed_events.describe, failed_events.Retelling(stack).replay
    if kept is UNDELIVERED:
        resender = Resender(stack=stack, listening=deployed.subscriptions or [], to_everyone=to_everyone)
        return resender.describe, resender.replay
    back = stack[{WORK: "workQueueUrl", DIGEST: "digestQueueUrl"}[kept]]
    return dead_letters.describe, lambda letter: dead_letters.replay(stack.aws.sqs, back, letter)


def _list(kept: Kept, letters: Letters, describe: Describe, screen: Screen, limit: int | None) -> Outcome:
    outcome = Outcome(kept.name)
    for batch in letters.batches(limit):
        for letter in batch:
            outcome.found += 1
            if outcome.found <= SHOWN:
                screen.say((f"{kept.name}  ", "dim"), describe(letter))
    if outcome.found > SHOWN:
        screen.say((f"{kept.name}  ", "dim"), f"… and {outcome.found - SHOWN:,} more")
    return outcome


def _replay(kept: Kept, letters: Letters, again: Replay, limit: int | None, advance: Advance) -> Outcome:
    outcome = Outcome(kept.name)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for batch in letters.batches(limit):
            outcome.found += len(batch)
            for done in [pool.submit(_replay_one, letters, again, letter) for letter in batch]:
                try:
                    done.result()
                except (FailedAgainError, ClientError, BotoCoreError) as error:
                    outcome.failure(str(error))
                except UndecidedError as error:
                    outcome.undecided.append(str(error))
                else:
                    outcome.success()
                advance()
            if outcome.gave_up:
                break
    return outcome


def _replay_one(letters: Letters, again: Replay, letter: Letter) -> None:
    """In one go: an interruption leaves none that was replayed and is still kept."""
    again(letter)
    try:
        letters.delete(letter)
    except (ClientError, BotoCoreError) as error:
        raise FailedAgainError(f"replayed, but still in the queue, so that another run replays it: {error}") from error


def _tell(screen: Screen, outcomes: list[Outcome], *, dry_run: bool) -> None:
    if not any(one.found for one in outcomes):
        screen.mark("fine", "nothing is kept: there is nothing to replay")
        return
    for one in (one for one in outcomes if one.found):
        if dry_run:
            screen.mark("unknown", (f"{one.queue}: ", "bold"), f"{one.found:,} would be replayed")
            continue
        mark = "attention" if one.kept else "fine"
        screen.mark(mark, (f"{one.queue}: ", "bold"), f"{one.replayed:,} replayed, {one.kept:,} kept")
        for reason, count in _reasons([*one.failed, *one.undecided]).items():
            screen.say(f"    {counted(count, 'message')}: {reason}")
        if one.undecided:
            screen.say("  → ", ("add --to-everyone, and all of them get it, some for the second time", "cyan"))
        if one.gave_up:
            screen.say(f"    {HOPELESS} failures in a row: the cause is not put right yet, the others were not tried")


def _reasons(said: list[str]) -> dict[str, int]:
    return {reason: said.count(reason) for reason in dict.fromkeys(said)}
