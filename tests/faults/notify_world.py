"""notify as it is deployed: its own handler and clients, on the emulator's tables, topics and queues."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock

import boto3
from botocore.config import Config

import handlers.notify
from domain.envelopes import raw_records
from domain.events import FileEvent, OtherEvent
from domain.rules import Rule
from domain.s3_events import file_event
from domain.topology import DIGEST_FILTER, WORK_FILTER
from handlers.logic.notifier import Notifier
from ops.replay.failed_events import EventReplayer
from ops.stack import Stack
from tests import emf
from tests.advanced.stand_ins import START, Clock
from tests.advanced.table import TABLE
from tests.faults.function_log import function_log
from tests.faults.interference import Befalls, Interference, nothing
from tests.faults.lambda_service import LambdaService
from tests.faults.replaying import replay_all
from tests.faults.tally import Seen

RULE = Rule(name="everything", to=("ann@example.com", "arn:aws:sqs:us-east-1:000000000000:notified"))
NOTIFIED_FILTER = {"rules": [RULE.name]}
FAILED_EVENTS = "failed-events"
HELD = {"VisibilityTimeout": "43200"}  # what a test has counted is not counted again
READ_TIMEOUT_SECONDS = 60  # a busy machine takes its time, which is no fault

Connect = Callable[[str], Any]
_RETRIES = {"total_max_attempts": 1}  # an accident is what is left when the SDK has given up


def connecting(endpoint: str, *, read_timeout: float = READ_TIMEOUT_SECONDS) -> Connect:
    """connect("sqs") makes one more client."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")

    def client(service: str) -> Any:
        config = Config(retries=_RETRIES, read_timeout=read_timeout, max_pool_connections=16)  # type: ignore[arg-type]
        return session.client(cast("Any", service), endpoint_url=endpoint, config=config)

    return client


@dataclass
class NotifyWorld:
    """Everything that notify works with, and Lambda around it. `notified` and `failed` are queues' addresses."""

    connect: Connect
    clock: Clock
    interference: Interference
    service: LambdaService
    notifier: Notifier
    log: io.StringIO
    notified: str
    failed: str
    _notified: Counter[str] = field(default_factory=Counter)

    def suffers(self, befalls: Befalls) -> None:
        self.interference.befalls = befalls

    def seen(self) -> Seen:
        """What is to be seen now. Counting takes nothing away."""
        payloads = _bodies(self.connect("sqs"), self.notified)
        self._notified.update(f"{one['file']['id']} {one['file']['sequencer']}" for one in payloads)
        logged = {
            f"{entry['file_id']} {entry.get('sequencer', '')}"
            for entry in emf.logged(self.log.getvalue())
            if "file_id" in entry
        }
        return Seen(notified=self._notified.copy(), queued={FAILED_EVENTS: self._queued()}, logged=logged)

    def replay(self) -> None:
        """What `python -m ops replay` does with failed events."""
        deployed: Any = {"notifyFunctionName": "notify"}
        stack = cast("Stack", _StandIn(deployed, self.service))
        replay_all(self.connect("sqs"), self.failed, EventReplayer(stack).replay)

    def counted(self) -> Counter[str]:
        """The sums of notify's counters."""
        return emf.counted(self.log.getvalue())

    def _queued(self) -> set[str]:
        sqs = self.connect("sqs")
        return {
            identity(event)
            for failed in _bodies(sqs, self.failed, leave=True)
            for raw in raw_records(failed["requestPayload"])
            if not isinstance(event := file_event(raw), OtherEvent)
        }


class _StandIn(dict[str, str]):
    """As much of a stack as an invocation needs."""

    def __init__(self, outputs: Mapping[str, str], service: LambdaService) -> None:
        super().__init__(outputs)
        self.aws = SimpleNamespace(lambda_=service)


def identity(event: FileEvent) -> str:
    """An event as its notification names it."""
    return f"{event.file_id} {event.sequencer}"


@contextmanager
def notify_world(connect: Connect, name: str, folder: Path, *, advanced: bool) -> Iterator[NotifyWorld]:
    """A topic, a table and queues of their own, until the block ends."""
    sns, sqs, clock = connect("sns"), connect("sqs"), Clock(START)
    topic = sns.create_topic(Name=name)["TopicArn"]
    queues = {kind: sqs.create_queue(QueueName=f"{name}-{kind}", Attributes=HELD)["QueueUrl"] for kind in _FILTERS}
    for kind, wanted in _FILTERS.items():
        arn = sqs.get_queue_attributes(QueueUrl=queues[kind], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"FilterPolicy": json.dumps(wanted), "RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    failed = sqs.create_queue(QueueName=f"{name}-{FAILED_EVENTS}")["QueueUrl"]
    environment = {"TOPIC_ARN": topic}
    if advanced:
        connect("dynamodb").create_table(TableName=name, **TABLE)
        environment |= {"TABLE_NAME": name, "MAILS_PER_MINUTE": "5", "PAGE_URL": "https://files.example.com"}
    rules = folder / f"{name}.json"
    rules.write_text(json.dumps([RULE.as_json()]))
    interference = Interference(clock)

    def client(service: str, **_: object) -> Any:
        made = connect(service)
        interference.watch(made)
        return made

    module = handlers.notify
    with contextlib.ExitStack() as patched:
        patched.enter_context(mock.patch.dict(os.environ, environment))
        patched.enter_context(mock.patch.object(module, "RULES", rules))
        patched.enter_context(mock.patch.object(module, "boto3", SimpleNamespace(client=client)))
        log = patched.enter_context(function_log(module))
        notifier = _on(clock, module._notifier.__wrapped__())
        patched.enter_context(mock.patch.object(module, "_notifier", return_value=notifier))

        def keep(record: Mapping[str, Any]) -> None:
            sqs.send_message(QueueUrl=failed, MessageBody=json.dumps(record))

        service = LambdaService(module.handler, keep, clock, interference)
        try:
            yield NotifyWorld(connect, clock, interference, service, notifier, log, queues["notified"], failed)
        finally:
            interference.befalls = nothing


_FILTERS: dict[str, object] = {"notified": NOTIFIED_FILTER, "work": WORK_FILTER, "digest": DIGEST_FILTER}


def _on(clock: Clock, notifier: Notifier) -> Notifier:
    if notifier.catalogue is None or notifier.guard is None:
        return notifier
    return replace(
        notifier,
        catalogue=replace(notifier.catalogue, clock=clock),
        guard=replace(notifier.guard, clock=clock),
    )


def _bodies(sqs: Any, url: str, *, leave: bool = False) -> list[dict[str, Any]]:
    """The payloads in a queue, each once; `leave` shows them to the next reader again."""
    found: dict[str, dict[str, Any]] = {}
    receipts = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=43_200).get(
        "Messages"
    ):
        for message in messages:
            found[message["MessageId"]] = json.loads(message["Body"])
            receipts.append(message["ReceiptHandle"])
    for start in range(0, len(receipts) if leave else 0, 10):
        some = receipts[start : start + 10]
        entries = [{"Id": str(n), "ReceiptHandle": one, "VisibilityTimeout": 0} for n, one in enumerate(some)]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    return list(found.values())
