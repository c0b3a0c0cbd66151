"""What may go wrong while process announces what it found. Here "notified" means: the rule's queue got the finding."""

from __future__ import annotations

import contextlib
import json
import random
from collections import Counter
from dataclasses import dataclass

from domain.messages import FoundPayload, UploadPayload
from domain.rules import Rule
from domain.topology import filter_policy
from handlers.data.findings import Findings
from handlers.data.storm_guard import StormGuard
from handlers.logic.announcer import Announcer
from handlers.logic.publisher import Publisher
from handlers.process import RETRY_SECONDS
from local.emulator.server import Emulator
from tests.faults.faults_of_process import ProcessFault, ProcessWorld
from tests.faults.notify_world import Connect
from tests.faults.tally import Seen
from tests.faults.window import waiting

RULE = Rule(name="ready", to=("arn:aws:sqs:us-east-1:000000000000:jobs",), events=("processed", "broken"))


@dataclass(frozen=True, kw_only=True)
class AnnouncingFault(ProcessFault):
    """`copies` is how often each message is delivered, in an order of its own."""

    copies: int = 1

    @property
    def world(self) -> type[ProcessWorld]:
        return AnnouncingWorld if self.copies == 1 else Shuffled


class AnnouncingWorld(ProcessWorld):
    """A rule asks for what is found, and its queue is subscribed to the topic."""

    rule = RULE
    rounds = 0

    def __init__(
        self, connect: Connect, emulator: Emulator, name: str, count: int, patched: contextlib.ExitStack
    ) -> None:
        sns, sqs = connect("sns"), connect("sqs")
        self._topic = sns.create_topic(Name=name)["TopicArn"]
        self._jobs = sqs.create_queue(QueueName=f"{name}-jobs")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self._jobs, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        (recipient,) = RULE.recipients
        attributes = {"FilterPolicy": json.dumps(filter_policy(recipient, [RULE.name])), "RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=self._topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        super().__init__(connect, emulator, name, count, patched)

    def announcer(self, name: str, findings: Findings) -> Announcer:
        publish = Publisher(
            sns=self._watched("sns"), topic_arn=self._topic, rules=[self.rule], count_mails=lambda _: None
        )
        guard = StormGuard(findings.client, name, 5, findings.clock)
        return Announcer(findings=findings, rules=[self.rule], publish=publish, guard=guard)

    def receive_all(self) -> None:
        """The retries come as late as process asks for."""
        if self.rounds:
            self.interference.clock.advance(RETRY_SECONDS[min(self.rounds, len(RETRY_SECONDS)) - 1])
        self.rounds += 1
        super().receive_all()

    def seen(self) -> Seen:
        bodies = waiting(self._emulator, self._jobs)
        done = Counter(json.loads(body)["file"]["id"] for body in bodies)
        return Seen(notified=done, queued=super().seen().queued)


class Shuffled(AnnouncingWorld):
    """Each message comes three times."""

    def deliver(self, payloads: list[UploadPayload | FoundPayload]) -> None:
        self.queue.put(*random.Random(7).sample(payloads * 3, len(payloads) * 3))  # noqa: S311 - the same in each run
