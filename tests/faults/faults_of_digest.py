"""What may go wrong between the digest queue and the digests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger

import handlers.digest
from domain.rules import Rule
from handlers.data.digest_queue import DigestQueue
from handlers.logic.digester import Digester
from local.emulator.server import Emulator
from local.mailbox import Mailbox
from ops.replay import dead_letters
from tests.advanced.digest_queue import QueueUnderTest, payload
from tests.advanced.stand_ins import Clock, Crash
from tests.advanced.uploads import created
from tests.faults.function_log import function_log
from tests.faults.interference import Befalls, Call, Interference, Step, nothing
from tests.faults.notify_world import Connect
from tests.faults.replaying import replay_all
from tests.faults.tally import Seen, Tally, tally
from tests.faults.window import waiting

RULES = 20
DELETING = "between publishing and deleting"
WAITING, DEAD = "digest", "digest-dead-letters"


@dataclass(frozen=True, kw_only=True)
class DigestFault:
    """`turns` is for how many turns the fault lasts; a message that is received five times is a dead letter."""

    name: str
    happens: str
    befalls: Befalls
    turns: int
    repeats: str = ""
    queued: bool = False

    def run(self, connect: Connect, emulator: Emulator, name: str, count: int) -> Tally:
        """`count` files that wait through the fault, and the replay once it is over."""
        with function_log(handlers.digest):
            return self._run(DigestWorld(connect, emulator, name), count)

    def _run(self, world: DigestWorld, count: int) -> Tally:
        files = [created(f"{_rule(number)}/{number:05}.pdf", f"{number + 1:016X}") for number in range(count)]
        world.queue.put(*(payload(file, _rule(number)) for number, file in enumerate(files)))
        world.interference.befalls = self.befalls
        for _ in range(self.turns):
            world.turn()
        world.interference.befalls = nothing
        before = world.seen()
        world.replay()
        while world.seen().queued_anywhere:
            world.turn()
        keys = [file.key for file in files]
        return tally(keys, before=before, after=world.seen(), accidents=world.interference.accidents)


class DigestWorld:
    """A queue, a topic and a person who reads the mails; twenty rules, so that each mail lists all of its files."""

    def __init__(self, connect: Connect, emulator: Emulator, name: str) -> None:
        self.connect, self.interference = connect, Interference(Clock())
        self._emulator = emulator
        self._mailbox, self._person = Mailbox(emulator.maildir), f"{name}@example.com"
        sns: Any = connect("sns")
        self._topic = sns.create_topic(Name=name)["TopicArn"]
        sns.subscribe(TopicArn=self._topic, Protocol="email", Endpoint=self._person)
        self._sns: Any = connect("sns")
        client = connect("sqs")
        self.queue = QueueUnderTest(client, connect("sqs"), name)
        for watched in (self._sns, client):
            self.interference.watch(watched)
        rules = {_rule(number): Rule(name=_rule(number), to=(self._person,)) for number in range(RULES)}
        self._digester = Digester(
            logger=Logger(),
            queue=DigestQueue(logger=Logger(), client=client, url=self.queue.url),
            rules=rules,
            partition="aws",
            publish=lambda notification: self._sns.publish(**notification.publish_request(self._topic)),
            pause=lambda _: None,
        )

    def turn(self) -> None:
        """One invocation by the schedule, and the visibility timeout after it."""
        try:
            self._digester.run(lambda: 100.0)
        except (Exception, Crash):  # noqa: BLE001 - the schedule invokes it again, whatever it was
            handlers.digest.logger.info("the turn failed")
        self.queue.time_out()

    def seen(self) -> Seen:
        notified: Counter[str] = Counter()
        for mail in self._mailbox.messages():
            if mail.to == self._person:
                notified.update(_files_in(mail.body))
        queued = {WAITING: self._queued(self.queue.url), DEAD: self._queued(self.queue.dead_letters_url)}
        return Seen(notified=notified, queued=queued)

    def replay(self) -> None:
        """What `python -m ops replay` does with dead letters."""
        sqs = self.connect("sqs")
        replay_all(sqs, self.queue.dead_letters_url, lambda message: dead_letters.replay(sqs, self.queue.url, message))

    def _queued(self, url: str) -> set[str]:
        return {json.loads(body)["file"]["key"] for body in waiting(self._emulator, url)}


def _rule(number: int) -> str:
    return f"rule-{number % RULES:02}"


def _files_in(body: str) -> Sequence[str]:
    """The keys that a mail lists: a digest one a line, a notification of one file behind its label."""
    words = [line.split() for line in body.splitlines()]
    return [word for line in words for word in line[:2] if word.startswith("rule-") and word.endswith(".pdf")]


def first(count: int, accident: str, *steps: Step) -> Befalls:
    """The first `count` such requests."""
    left = [count]

    def befalls(call: Call) -> str | None:
        if call.step not in steps or not left[0]:
            return None
        left[0] -= 1
        return accident

    return befalls
