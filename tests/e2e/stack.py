"""A running stack as a person sees it: files go in, mails and messages come out."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from domain.counters import COUNTED_AS, OUTCOMES, RECEIVED
from domain.events import file_id_of
from local.emulator.aws import Aws
from local.mailbox import Message
from local.ready_file import read
from tests import emf
from tests.examples import as_config

ROOT = Path(__file__).resolve().parents[2]
EVERYONE = "everyone@example.com"
"""Is notified about every created file."""

WITHIN_SECONDS = 180
"""For machines that are busy: what is waited for is there in a tenth of this."""

T = TypeVar("T")
S = TypeVar("S", bound="Stack")


def wait_until(found: Callable[[], T], what: str = "nothing", *, seconds: float = WITHIN_SECONDS) -> T:
    """The first truthy answer of `found`; fails the test, saying `what` is missing, if there is none in time.

    Looks less often the longer it takes: looking keeps the emulator from its work.
    """
    began = time.monotonic()
    while not (answer := found()):
        waited = time.monotonic() - began
        if waited > seconds:
            pytest.fail(f"{what} within {seconds} s")
        time.sleep(min(0.03 + waited / 20, 0.5))
    return answer


def logged(aws: Aws, part: str, about: str) -> list[dict[str, Any]]:
    """The messages in the log of a function of the program, `part` of its name, that have this in them, oldest first.

    What an invocation has logged is there once it has ended.
    """
    (group,) = [
        one["logGroupName"]
        for one in aws.logs.describe_log_groups()["logGroups"]
        if f"-{part}-logs-" in one["logGroupName"]
    ]
    pages = aws.logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern=json.dumps(about))
    return emf.logged("\n".join(event["message"] for page in pages for event in page["events"]))


@contextmanager
def running(started: S) -> Iterator[S]:
    """The stack once it is ready. Ends it afterwards, which has to succeed."""
    try:
        started.wait_until_ready()
        yield started
    finally:
        assert started.stop() == 0


class Stack:
    """One `python -m local up` with these arguments and settings, and everything a test does to it."""

    def __init__(self, folder: Path, *arguments: str, **settings: Any) -> None:
        given = [word for key, value in settings.items() for word in ("--set", f"{key}={as_config(value)}")]
        words = (*arguments, *given)
        self._ready_file = folder / "stack.json"
        self._log = folder / "up.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local", "up", "--port", "0", "--ready-file", self._ready_file, *words],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> None:
        wait_until(lambda: self._ready_file.exists() or self.process.poll() is not None, "no stack", seconds=300)
        if self.process.poll() is not None:
            pytest.fail(self.said())
        self.aws = Aws(self.ready.endpoint, self.ready.region)

    def said(self) -> str:
        """What `up` has printed."""
        return self._log.read_text()

    def stop(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()

    @property
    def ready(self):
        return read(self._ready_file)

    @property
    def outputs(self) -> dict[str, Any]:
        return dict(self.ready.outputs)

    @property
    def bucket(self) -> str:
        return self.outputs["bucketName"]

    def local(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m local …` on this stack."""
        command = [sys.executable, "-m", "local", *arguments, "--ready-file", str(self._ready_file)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)

    def set(self, **settings: Any) -> str:
        """Change settings, as JSON where they are not text. Returns what was said."""
        words = [word for key, value in settings.items() for word in (key, as_config(value))]
        answer = self.local("set", *words)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def upload(self, key: str, body: bytes = b"hello", **options: Any) -> str:
        """Returns the version."""
        return self.aws.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **options)["VersionId"]

    def mails(self, about: str = "", *, to: str | None = None) -> list[Message]:
        """What has arrived so far; `about` is in the body."""
        found = [Message(**message) for message in json.loads(self.page("messages"))]
        return [mail for mail in found if about in mail.body and to in (None, mail.to)]

    def page(self, path: str = "") -> str:
        """What the mailbox shows under a path; by default to people."""
        with urllib.request.urlopen(self.ready.mailbox + path) as answer:  # noqa: S310 - our own http address
            return answer.read().decode()

    def wait_for_mails(
        self, about: str, *, to: str = EVERYONE, count: int = 1, seconds: float = WITHIN_SECONDS
    ) -> list[Message]:
        missing = f"no {count} mails to {to} about {about!r}"
        return wait_until(lambda: len(found := self.mails(about, to=to)) >= count and found, missing, seconds=seconds)

    def settle(self, *keys: str) -> None:
        """Wait until notify has decided every upload of these keys and a later one, whose mail is there as well.

        Events overtake each other: the mail of a later one alone says nothing of an earlier one.
        """
        marker = f"settled-{uuid4().hex}"
        self.upload(marker)
        self.wait_for_mails(marker)
        for key in (*keys, marker):
            wait_until(lambda key=key: self.decisions(key), f"no decision on {key}")

    def decisions(self, key: str) -> list[str]:
        """What notify has decided about a file of the stack's bucket so far: each invocation's log is there at its end.

        A decision that failed is none: the event is tried again.
        """
        file_id = file_id_of(self.bucket, key)
        found = [entry["message"] for entry in logged(self.aws, "notify", file_id) if entry.get("file_id") == file_id]
        return [message for message in found if COUNTED_AS.get(message, "Failed") != "Failed"]

    def messages(self, url: str, about: str = "", *, count: int = 1, seconds: float = WITHIN_SECONDS) -> list[str]:
        """Take messages out of a queue until `count` of them have `about` in their body; the others stay in it."""
        found: list[str] = []

        def look() -> bool:
            answer = self.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1)
            for message in answer.get("Messages", []):
                if about in message["Body"]:
                    self.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    found.append(message["Body"])
            return len(found) >= count

        wait_until(look, f"no {count} messages about {about!r} in {url}", seconds=seconds)
        return found

    def waiting_in(self, url: str) -> int:
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(map(int, found.values()))

    def record(self, key: str, *, sequencer: str = "", name: str = "ObjectCreated:Put") -> dict[str, Any]:
        """One record of an event, as S3 writes it."""
        sequencer = sequencer or key.encode().hex()[:16]
        return {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-east-1",
            "eventTime": "2026-11-23T08:41:07.123Z",
            "eventName": name,
            "userIdentity": {"principalId": "AWS:AROAEXAMPLE:maria"},
            "s3": {
                "bucket": {"name": self.bucket},
                "object": {"key": key, "size": 7, "eTag": "e", "sequencer": sequencer},
            },
        }

    def invoke(self, event: object, *, asynchronously: bool = False) -> Any:
        """Hand an event straight to the notify function. Returns its answer."""
        answer = self.aws.lambda_.invoke(
            FunctionName=self.outputs["notifyFunctionName"],
            InvocationType="Event" if asynchronously else "RequestResponse",
            Payload=json.dumps(event),
        )
        assert "FunctionError" not in answer, answer["Payload"].read()
        return None if asynchronously else json.load(answer["Payload"])

    def counted(self) -> Counter[str]:
        """What the functions have counted since the start, by the lines of which CloudWatch makes metrics."""
        sums: Counter[str] = Counter()
        for group in self.aws.logs.describe_log_groups()["logGroups"]:
            pages = self.aws.logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"], filterPattern='"CloudWatchMetrics"'
            )
            sums += emf.counted("\n".join(event["message"] for page in pages for event in page["events"]))
        return sums

    def accounts_for_every_event(self) -> None:
        """Fails unless every received event is published, unmatched, a duplicate or a failure."""
        sums: Counter[str] = Counter()

        def add_up() -> bool:
            sums.clear()
            sums.update(self.counted())
            return sums[RECEIVED] == sum(sums[name] for name in OUTCOMES)

        try:
            wait_until(add_up, "no outcome of every received event")
        finally:
            print(f"counted: {dict(sums)}")  # shown if the test fails

    def emulator_group(self) -> int:
        """The process group of the emulator, functions included."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])
