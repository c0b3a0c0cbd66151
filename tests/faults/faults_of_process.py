"""What may go wrong while files are processed. Here "notified" means: the item has a result."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest import mock

import handlers.process
from domain.messages import FoundPayload, UploadPayload
from handlers.data.catalogue import Catalogue
from handlers.data.findings import Findings
from handlers.logic.announcer import Announcer
from local.emulator.server import Emulator
from ops.replay import dead_letters
from tests.advanced.digest_queue import QueueUnderTest, payload
from tests.advanced.stand_ins import Clock, Crash
from tests.advanced.table import TABLE
from tests.advanced.uploads import created
from tests.faults.function_log import function_log
from tests.faults.interference import Befalls, Interference, nothing
from tests.faults.notify_world import Connect
from tests.faults.replaying import replay_all
from tests.faults.tally import Seen, Tally, tally
from tests.faults.window import waiting

WORK, DEAD = "work", "work-dead-letters"
CONTENT = b"a file"


@dataclass(frozen=True, kw_only=True)
class ProcessFault:
    """`receives` is for how long the fault lasts, in receives of each message; after five it is a dead letter."""

    name: str
    happens: str
    befalls: Befalls
    receives: int
    repeats: str = ""
    queued: bool = False

    @property
    def world(self) -> type[ProcessWorld]:
        return ProcessWorld

    def run(self, connect: Connect, emulator: Emulator, name: str, count: int) -> Tally:
        """`count` files through the fault, and the replay once it is over."""
        with contextlib.ExitStack() as patched:
            world = self.world(connect, emulator, name, count, patched)
            world.interference.befalls = self.befalls
            for _ in range(self.receives):
                world.receive_all()
            world.interference.befalls = nothing
            before = world.seen()
            world.replay()
            while world.seen().queued_anywhere:
                world.receive_all()
            return tally(list(world.files), before=before, after=world.seen(), accidents=world.interference.accidents)


class ProcessWorld:
    """A table with the files' items, a bucket with the files, and the work queue with their notifications."""

    version = ""
    """Of every file; empty as in a bucket without versions."""

    def __init__(
        self, connect: Connect, emulator: Emulator, name: str, count: int, patched: contextlib.ExitStack
    ) -> None:
        self.connect, self.interference = connect, Interference(Clock())
        self._emulator = emulator
        dynamodb, s3 = connect("dynamodb"), connect("s3")
        dynamodb.create_table(TableName=name, **TABLE)
        s3.create_bucket(Bucket=name)
        self._reader = Catalogue(dynamodb, name)
        self.queue = QueueUnderTest(connect("sqs"), connect("sqs"), name)
        self.files = {}
        for number in range(count):
            file = created(
                f"incoming/{number:05}.txt",
                f"{number + 1:016X}",
                bucket=name,
                version_id=self.version,
                size=len(CONTENT),
            )
            s3.put_object(Bucket=name, Key=file.key, Body=CONTENT)
            self._reader.mark(self._reader.claim(file, lease_seconds=30), notified="none")
            self.files[file.file_id] = file
        self.deliver([payload(file, "rule") for file in self.files.values()])
        self.interference.expects(dict(enumerate(self.files.values())))
        module, client, dynamodb = handlers.process, self._watched("sqs"), self._watched("dynamodb")
        catalogue, findings = Catalogue(dynamodb, name), Findings(dynamodb, name, self.interference.clock)
        patched.enter_context(mock.patch.dict(os.environ, {"QUEUE_URL": self.queue.url}))
        patched.enter_context(mock.patch.object(module, "_catalogue", return_value=catalogue))
        patched.enter_context(mock.patch.object(module, "_findings", return_value=findings))
        patched.enter_context(mock.patch.object(module, "_announcer", return_value=self.announcer(name, findings)))
        patched.enter_context(mock.patch.object(module, "_s3", return_value=self._watched("s3")))
        patched.enter_context(mock.patch.object(module.boto3, "client", return_value=client))
        patched.enter_context(function_log(module))

    def deliver(self, payloads: list[UploadPayload | FoundPayload]) -> None:
        """Into the work queue, as SNS does."""
        self.queue.put(*payloads)

    def announcer(self, name: str, findings: Findings) -> Announcer:  # noqa: ARG002 - used by the one that announces
        """No rule asks for what is found."""
        return Announcer(findings=findings)

    def receive_all(self) -> None:
        """What the event source mapping does with every message once: ten at a time, and deletes what succeeded."""
        context = SimpleNamespace(aws_request_id="c6af9ac6", get_remaining_time_in_millis=lambda: 900_000)
        sqs: Any = self.queue.client
        while messages := sqs.receive_message(
            QueueUrl=self.queue.url, MaxNumberOfMessages=10, AttributeNames=["ApproximateReceiveCount"]
        ).get("Messages"):
            event = {"Records": [_record(message) for message in messages]}
            try:
                answer: Any = handlers.process.handler(event, context)  # type: ignore[arg-type]
                failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
            except (Exception, Crash):  # noqa: BLE001 - whatever it was, the whole batch comes back
                failed = {message["MessageId"] for message in messages}
            for message in messages:
                if message["MessageId"] not in failed:
                    sqs.delete_message(QueueUrl=self.queue.url, ReceiptHandle=message["ReceiptHandle"])
        self.queue.time_out()

    def seen(self) -> Seen:
        items = {file_id: self._reader.read(file_id) for file_id in self.files}
        done = Counter(file_id for file_id, item in items.items() if item is not None and item.status == "processed")
        return Seen(
            notified=done, queued={WORK: self._queued(self.queue.url), DEAD: self._queued(self.queue.dead_letters_url)}
        )

    def replay(self) -> None:
        """What `python -m ops replay` does with dead letters."""
        sqs = self.connect("sqs")
        replay_all(sqs, self.queue.dead_letters_url, lambda message: dead_letters.replay(sqs, self.queue.url, message))

    def _queued(self, url: str) -> set[str]:
        return {file_id for body in waiting(self._emulator, url) for file_id in self.files if file_id in body}

    def _watched(self, service: str) -> Any:
        client = self.connect(service)
        self.interference.watch(client)
        return client


def _record(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:work",
        "awsRegion": "us-east-1",
    }
