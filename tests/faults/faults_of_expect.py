"""What may go wrong between the end of a window and the notification of what is missing."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from aws_lambda_powertools import Logger

from domain.expectations import Expectation
from domain.rules import Rule
from domain.shortfalls import utc
from handlers.data.arrivals import Arrivals, Source
from handlers.data.verdicts import Verdicts
from handlers.logic.watcher import Memory, SmallMemory, Watcher
from local.emulator.server import Emulator
from local.mailbox import Mailbox
from ops.replay.failed_events import EventReplayer
from ops.stack import Stack
from tests.advanced.stand_ins import START, Clock
from tests.advanced.table import TABLE
from tests.faults.interference import Befalls, Interference, Step, nothing
from tests.faults.lambda_service import LambdaService
from tests.faults.notify_world import FAILED_EVENTS, Connect
from tests.faults.replaying import replay_all
from tests.faults.tally import Seen, Tally, tally
from tests.faults.window import waiting

EVERY = timedelta(minutes=5)
RULE = "feed"


@dataclass(frozen=True, kw_only=True)
class ExpectFault:
    """Windows in which nothing arrives end one after the other, each with `invocations` of the function."""

    name: str
    happens: str
    befalls: Befalls = nothing
    repeats: str = ""
    queued: bool = False
    advanced: bool = True
    invocations: int = 1

    def run(self, connect: Connect, emulator: Emulator, name: str, count: int) -> Tally:
        """`count` windows through the fault, and the replay once it is over."""
        world = ExpectWorld(connect, emulator, name, advanced=self.advanced)
        ends = [utc(datetime.fromtimestamp(START, UTC) + number * EVERY) for number in range(1, count + 1)]
        world.interference.befalls = self.befalls
        for end in ends:
            for _ in range(self.invocations):
                event = {"rule": RULE, "scheduledTime": end}
                world.service.schedule(event, at=datetime.fromisoformat(end).timestamp())
        world.service.run()
        world.interference.befalls = nothing
        before = world.seen()
        world.clock.advance(3600)
        world.replay()
        return tally(ends, before=before, after=world.seen(), accidents=world.interference.accidents)


class ExpectInterference(Interference):
    """Knows the requests of the watcher by their forms; `begin` says which window an invocation is about."""

    def begin(self, scheduled: datetime) -> None:
        self._event = round((scheduled.timestamp() - START) / EVERY.total_seconds())

    def _step_of(self, operation: str, params: Mapping[str, Any]) -> Step:
        if operation == "ListObjectVersions":
            return "look"
        if operation == "Publish":
            return "publish"
        if "ConditionExpression" in params:
            return "claim"
        return "mark" if params["UpdateExpression"].startswith("SET") else "release"


class ExpectWorld:
    """A bucket that stays empty, a table or none, a topic and a person who reads the mails."""

    def __init__(self, connect: Connect, emulator: Emulator, name: str, *, advanced: bool) -> None:
        self.clock, self._connect, self._emulator = Clock(), connect, emulator
        self.interference = ExpectInterference(self.clock)
        self._mailbox, self._person = Mailbox(emulator.maildir), f"{name}@example.com"
        s3, sns, dynamodb = connect("s3"), connect("sns"), connect("dynamodb")
        s3.create_bucket(Bucket=name)
        self._topic = sns.create_topic(Name=name)["TopicArn"]
        sns.subscribe(TopicArn=self._topic, Protocol="email", Endpoint=self._person)
        self._failed = connect("sqs").create_queue(QueueName=f"{name}-failed")["QueueUrl"]
        memory: Memory = SmallMemory()
        if advanced:
            dynamodb.create_table(TableName=name, **TABLE)
            memory = Verdicts(dynamodb, name, self.clock)
        for client in (s3, sns, dynamodb):
            self.interference.watch(client)
        self._log = io.StringIO()
        expectation = Expectation(every_minutes=round(EVERY.total_seconds() / 60))
        self._watcher = Watcher(
            rules=[Rule(name=RULE, to=(self._person,), expect=expectation)],
            arrivals=Arrivals(sources=[Source(bucket=name, region="us-east-1", client=s3)]),
            memory=memory,
            publish=lambda notification: sns.publish(**notification.publish_request(self._topic)),
            logger=Logger(service="expect", stream=self._log),
            pause=lambda _: None,
        )
        self.service = LambdaService(
            handler=self._invoked, keep=self._keep, clock=self.clock, interference=self.interference
        )

    def seen(self) -> Seen:
        mails = [mail for mail in self._mailbox.messages() if mail.to == self._person]
        queued = {json.loads(body)["requestPayload"]["scheduledTime"] for body in waiting(self._emulator, self._failed)}
        return Seen(notified=Counter(_window_in(mail.body) for mail in mails), queued={FAILED_EVENTS: queued})

    def replay(self) -> None:
        """What `python -m ops replay` does with failed events."""
        stand_in: Any = SimpleNamespace(aws=SimpleNamespace(lambda_=_Lambda(self.service)))
        stand_in.whole = _Whole(stand_in.aws)
        replay_all(self._connect("sqs"), self._failed, EventReplayer(cast("Stack", stand_in)).replay)

    def _invoked(self, event: dict[str, Any], context: Any) -> object:
        scheduled = datetime.fromisoformat(event["scheduledTime"])
        self.interference.begin(scheduled)
        return self._watcher.check(event["rule"], scheduled, lambda: context.get_remaining_time_in_millis() / 1000)

    def _keep(self, record: Mapping[str, Any]) -> None:
        self._connect("sqs").send_message(QueueUrl=self._failed, MessageBody=json.dumps(record))


class _Lambda:
    """boto3's client for Lambda, as far as the replay uses it."""

    class exceptions:  # noqa: N801 - as boto3 names it
        class TooManyRequestsException(Exception):  # noqa: N818 - as AWS names it
            pass

    def __init__(self, service: LambdaService) -> None:
        self.invoke = service.invoke


class _Whole(dict[str, str]):
    """The whole stack: its outputs and its clients."""

    def __init__(self, aws: Any) -> None:
        super().__init__(expectFunctionName="expect")
        self.aws = aws


def _window_in(body: str) -> str:
    """The end of the window that a mail is about, as the schedule writes it."""
    (line,) = [line for line in body.splitlines() if line.startswith("  Expected ")]
    end = line.partition(" by ")[2].removesuffix(" (UTC)")
    return utc(datetime.fromisoformat(end).replace(tzinfo=UTC))
