"""chat as it is deployed: its own handler, on queues and with services that keep the test's time."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal
from unittest import mock

from botocore.exceptions import ClientError

import handlers.chat
from components.chat import BATCH_SIZE, TIMEOUT_SECONDS, VISIBILITY_SECONDS
from domain.channels import Webhook
from domain.notifications import Notification
from domain.rules import Rule
from domain.topology import CHAT_MAX_RECEIVES
from handlers.data.web import Answer, NoAnswerError
from handlers.data.webhooks import Webhooks
from handlers.logic.poster import Poster
from local.chat_forms import shown
from ops.replay import dead_letters
from tests import emf
from tests.advanced.stand_ins import Clock, Crash
from tests.examples import enveloped
from tests.faults.replaying import replay_all
from tests.faults.tally import Seen
from tests.faults.timed_queue import TimedQueues

CHAT, DEAD = "https://sqs/chat", "https://sqs/chat-dead-letters"
NAMES = {CHAT: "chat", DEAD: "chat-dead-letters"}
CHANNEL = "alerts"
RULE = Rule(name="everything", to=(f"channel:{CHANNEL}",))
URL = "https://hooks.slack.com/services/T0/B0/secret"

Outcome = Literal["unanswered", "crash before", "crash after", "slow"]
SLOW_SECONDS = 9.0  # the function waits for ten


@dataclass(frozen=True, kw_only=True)
class Post:
    """One request to the service: its number, when it is sent, and which receive of its message it belongs to."""

    number: int
    now: float
    title: str


Befalls = Callable[[Post], "Answer | Outcome | None"]


def nothing(_: Post) -> None:
    """The service accepts every message."""


@dataclass
class Service:
    """A Slack that checks the form. `befalls` says what happens instead of accepting; then nothing is posted.

    What is "unanswered" or "crash after" was posted.
    """

    clock: Clock
    befalls: Befalls = nothing
    posted: list[tuple[float, str]] = field(default_factory=list)
    accidents: int = 0
    requests: int = 0

    def post(self, _: str, document: Any) -> Answer:
        title, _text = shown("slack", json.loads(json.dumps(document)))
        outcome = self.befalls(Post(number=self.requests, now=self.clock(), title=title))
        self.requests += 1
        if outcome is not None:
            self.accidents += 1
        if outcome == "slow":
            self.clock.advance(SLOW_SECONDS)
        if outcome == "crash before":
            raise Crash
        if isinstance(outcome, Answer):
            if outcome.status == 0:
                raise NoAnswerError("ConnectTimeoutError")
            return outcome
        self.posted.append((self.clock(), title))
        if outcome == "crash after":
            raise Crash
        if outcome == "unanswered":
            self.clock.advance(10)
            raise NoAnswerError("ReadTimeoutError")
        return Answer(status=200)


UNREACHABLE = Answer(status=0)
"""No answer, and nothing was posted."""


@dataclass
class ParameterStore:
    """Has the one webhook, unless it fails."""

    fails: Callable[[], bool] = lambda: False
    accidents: int = 0

    def get_parameters(self, *, Names: list[str], WithDecryption: bool) -> Any:  # noqa: ARG002, N803 - boto3's names
        if self.fails():
            self.accidents += 1
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "as planned"}}, "GetParameters")
        value = Webhook(service="slack", url=URL).as_parameter()
        return {"Parameters": [{"Name": name, "Value": value} for name in Names]}


@dataclass(kw_only=True)
class ChatWorld:
    """A queue with its dead letters, a service, and Lambda between them."""

    clock: Clock
    queues: TimedQueues
    service: Service
    store: ParameterStore
    log: io.StringIO

    def put(self, notifications: Iterable[Notification]) -> None:
        """Notifications as SNS delivers them to the queue."""
        for notification in notifications:
            self.queues.send_message(QueueUrl=CHAT, MessageBody=enveloped(notification))

    def run(self, *, until: float = float("inf")) -> None:
        """Lambda reads the queue until it is empty, or until a time."""
        while (at := self.queues.next_visible(CHAT)) is not None and at < until:
            self.clock.now = max(self.clock.now, at)
            self.turn()

    def turn(self) -> None:
        """One batch: what the function did not report as failed is deleted; if it ends, everything stays."""
        received = self.queues.receive_message(QueueUrl=CHAT, MaxNumberOfMessages=BATCH_SIZE)["Messages"]
        if not received:
            return
        deadline = self.clock() + TIMEOUT_SECONDS
        context = SimpleNamespace(
            aws_request_id="c6af9ac6",
            get_remaining_time_in_millis=lambda: max(0, int((deadline - self.clock()) * 1000)),
        )
        try:
            reply = handlers.chat.handler({"Records": [_record(message) for message in received]}, context)  # type: ignore[arg-type]
        except Crash:
            return
        failed = {failure["itemIdentifier"] for failure in reply["batchItemFailures"]}
        for message in received:
            if message["MessageId"] not in failed:
                self.queues.delete_message(QueueUrl=CHAT, ReceiptHandle=message["ReceiptHandle"])

    def replay(self) -> None:
        """What `python -m ops replay` does with dead letters."""
        sqs: Any = self.queues
        again = lambda message: dead_letters.replay(sqs, CHAT, message)  # noqa: E731 - as the command has it
        with mock.patch("tests.faults.replaying.do_not_wait"):
            replay_all(sqs, DEAD, again)

    def seen(self) -> Seen:
        notified = Counter(title.split()[0] for _, title in self.service.posted)
        queued = {
            name: {json.loads(message.body)["Subject"].split()[0] for message in self.queues.messages.get(url, ())}
            for url, name in NAMES.items()
        }
        logged = {entry["file_id"] for entry in emf.logged(self.log.getvalue()) if entry.get("file_id")}
        return Seen(notified=notified, queued=queued, logged=logged)


@contextmanager
def chat_world(clock: Clock | None = None) -> Iterator[ChatWorld]:
    """The chat function and all around it, until the block ends."""
    clock = clock or Clock()
    queues = TimedQueues(clock=clock, visibility=VISIBILITY_SECONDS, redrives={CHAT: (DEAD, CHAT_MAX_RECEIVES)})
    service, store, log = Service(clock), ParameterStore(), io.StringIO()
    webhooks = Webhooks(client=store, parameters={CHANNEL: f"parameter-{CHANNEL}"}, clock=clock)
    poster = Poster(webhooks=webhooks, post=service.post, clock=clock, pause=clock.advance)
    module = handlers.chat
    environment = {"ALARM_CHANNELS": "[]", "QUEUE_URL": CHAT}
    with contextlib.ExitStack() as patched:
        folder = patched.enter_context(tempfile.TemporaryDirectory())
        rules = Path(folder, "rules.json")
        rules.write_text(json.dumps([RULE.as_json()]))
        patched.enter_context(mock.patch.dict(os.environ, environment))
        patched.enter_context(mock.patch.object(module, "RULES", rules))
        patched.enter_context(mock.patch.object(module, "time", SimpleNamespace(time=clock)))
        patched.enter_context(mock.patch.object(module, "_poster", return_value=poster))
        queue = module.ChatQueue(client=queues, url=CHAT)  # type: ignore[arg-type]
        patched.enter_context(mock.patch.object(module, "_queue", return_value=queue))
        for console in module.logger.handlers:
            patched.enter_context(mock.patch.object(console, "stream", log))
        yield ChatWorld(clock=clock, queues=queues, service=service, store=store, log=log)


def _record(message: dict[str, Any]) -> dict[str, Any]:
    """A message as Lambda hands it over: its keys begin with small letters."""
    attributes = {
        name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
        for name, value in message["MessageAttributes"].items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
    }
