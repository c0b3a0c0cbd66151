"""`doctor --send-test`: one real upload, followed to the notification."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import Any, TypedDict, TypeVar

from domain.events import FileEvent, file_id_of
from domain.rules import Rule, matching
from domain.topology import CHAT_DEAD_LETTERS
from domain.wording import visible
from handlers.data.catalogue import Catalogue
from handlers.data.items import Item
from ops.doctor.chat import posted
from ops.errors import OpsError
from ops.reading.activity import as_json, log_lines
from ops.reading.deployed import Deployed
from ops.reading.recipients import Subscriber, subscribers
from ops.screen import Screen
from ops.words import listed

FOLDER = "file-notifications-test"
MOST_BYTES = 1024 * 1024
_POLL_SECONDS = 0.5
_DECISIONS = ("published", "late", "unmatched", "duplicate", "failed")

T = TypeVar("T")


class Step(TypedDict):
    """One step of a test for programs, with how long it took."""

    step: str
    text: str
    seconds: float


class Test(TypedDict):
    """The result of a test for programs. `lost` says which step did not happen; None if all did."""

    key: str
    arrived: bool
    lost: str | None
    steps: list[Step]


class LostError(Exception):
    """A step did not happen in time; the text says which, and what that means."""


@dataclass(frozen=True, kw_only=True)
class TestFile:
    """The file to upload, and the rules that it matches. `size` is in bytes."""

    key: str
    size: int
    rules: tuple[Rule, ...]


@dataclass
class Journey:
    """The steps of one test file, each shown as it happens."""

    deployed: Deployed
    screen: Screen
    wait: int
    steps: list[Step] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def did(self, step: str, text: str) -> None:
        """Record and show a step that has happened."""
        seconds = round(time.monotonic() - self._began, 2)
        self._began = time.monotonic()
        self.steps.append({"step": step, "text": text, "seconds": seconds})
        self.screen.mark("fine", (f"{step:<10}", "bold"), text, (f"  {seconds:.1f} s", "dim"))

    def until(self, look: Callable[[], T | None], lost: str) -> T:
        """The first answer of `look` that is not None. Raises LostError after `wait` seconds."""
        deadline = time.monotonic() + self.wait
        with self.screen.waiting("Waiting …"):
            while (answer := look()) is None:
                if time.monotonic() > deadline:
                    raise LostError(f"{lost} within {self.wait} s")
                time.sleep(_POLL_SECONDS)
        return answer


def send_test(deployed: Deployed, screen: Screen, *, wait: int) -> Test:
    """Upload a file, follow it to the published notification and, locally, to the mails; then remove it.

    Returns the steps, and whether it arrived. Raises OpsError if no test can be sent.
    """
    stack = deployed.stack
    if deployed.notify is None:
        raise OpsError("the notify function does not exist: no test can be sent", stack.repair_command)
    if stack.get("bucketName") is None:
        raise OpsError("this stack has no bucket of its own, and writes nothing to existing ones: upload a file there")
    file = test_file([rule for rule in deployed.rules if not rule.bucket])
    journey = Journey(deployed, screen, wait)
    screen.say(("\nA test", "bold"))
    began = datetime.now(UTC)
    put = stack.aws.s3.put_object(Bucket=stack["bucketName"], Key=file.key, Body=b"t" * file.size)
    lost = ""
    try:
        journey.did("uploaded", file.key)
        _follow(journey, file, began)
    except LostError as error:
        lost = str(error)
        screen.mark("broken", lost)
    finally:
        version: Any = {"VersionId": put["VersionId"]} if put.get("VersionId") else {}
        stack.aws.s3.delete_object(Bucket=stack["bucketName"], Key=file.key, **version)
    journey.did("removed", "permanently; rules on removals notify about it")
    return {"key": file.key, "arrived": not lost, "lost": lost or None, "steps": journey.steps}


def test_file(rules: Sequence[Rule]) -> TestFile:
    """A file that a rule matches: in a folder of its own if a rule matches there, otherwise where a rule matches."""
    name = token_hex(4)
    candidates = [(f"{FOLDER}/{name}.txt", 5)]
    candidates += [
        (f"{rule.prefix}{FOLDER}-{name}{rule.suffix}", max(5, rule.min_bytes))
        for rule in rules
        if "created" in rule.events and rule.min_bytes <= MOST_BYTES
    ]
    for key, size in candidates:
        if matched := matching(rules, _created(key, size)):
            return TestFile(key=key, size=size, rules=matched)
    return TestFile(key=candidates[0][0], size=candidates[0][1], rules=())


def _created(key: str, size: int) -> FileEvent:
    return FileEvent(action="created", name="ObjectCreated:Put", bucket="", key=key, region="", time="", size=size)


def _follow(journey: Journey, file: TestFile, began: datetime) -> None:
    deployed, stack = journey.deployed, journey.deployed.stack
    decision = journey.until(
        lambda: _decision(deployed, file, began),
        "notify's log does not mention the file: S3 has not sent its event, or nothing was logged,",
    )
    if decision == "failed":
        raise LostError(f"notify failed, and Lambda retries; the error is shown by {stack.ops_command('doctor')}")
    names = listed([rule.name for rule in file.rules])
    journey.did("decided", f"{decision}: {f'rules {names}' if file.rules else 'no rule matches it'}")
    notified = "immediate"
    if stack.is_advanced:
        item = journey.until(lambda: _item(deployed, file, "received"), "the catalogue has no item of the file")
        notified = item.notified
        item = journey.until(
            lambda: _item(deployed, file, "processed", "failed"), "the file was not processed: see the work queue,"
        )
        journey.did("processed", f"{item.status}{f', {item.content_type}' if item.content_type else ''}")
    people = [
        subscriber
        for subscriber in subscribers(file.rules, deployed.subscriptions or (), deployed.chat_queue)
        if subscriber.recipient.is_person
    ]
    _mails(journey, file, [person for person in people if not person.recipient.channel], notified)
    if notified != "digest":
        _channels(journey, file, sorted(person.recipient.channel for person in people), began)


def _mails(journey: Journey, file: TestFile, people: Sequence[Subscriber], notified: str) -> None:
    addresses = [person.recipient.address for person in people if person.state == "confirmed"]
    mailbox = journey.deployed.stack.mailbox
    if not addresses:
        journey.did("notified", "nobody: no person of its rules has confirmed a subscription")
    elif notified == "digest":
        journey.did("notified", f"{listed(addresses)} with the next digest: mailsPerMinute is exceeded")
    elif mailbox is None:
        journey.did("notified", f"SNS accepted the notification for {listed(addresses)}: the mail should have arrived")
    else:
        journey.until(lambda: _delivered(mailbox, file, addresses), f"no mail arrived at {listed(addresses)}")
        journey.did("notified", f"the mail arrived at {listed(addresses)}")


def _channels(journey: Journey, file: TestFile, channels: Sequence[str], began: datetime) -> None:
    """Each chat channel of the file's rules has the message, says the chat function's log."""
    for channel in filter(None, channels):
        journey.until(
            partial(posted, journey.deployed, _file_id(journey.deployed, file), channel, began),
            f"channel {channel} did not take the message: see the channels above and {CHAT_DEAD_LETTERS.name},",
        )
        journey.did("posted", f"channel {channel} has the message")


def _file_id(deployed: Deployed, file: TestFile) -> str:
    return file_id_of(deployed.stack["bucketName"], file.key)


def _decision(deployed: Deployed, file: TestFile, began: datetime) -> str | None:
    """The decision that notify logged about the file; None if it has not."""
    assert deployed.notify is not None  # noqa: S101 - the caller has checked
    file_id = _file_id(deployed, file)
    since = began - timedelta(minutes=2)  # clocks differ
    for _, line in log_lines(deployed.stack.aws.logs, deployed.notify.log_group, since=since, containing=file_id):
        decision = as_json(line).get("message")
        if decision in _DECISIONS:
            return str(decision)
    return None


def _item(deployed: Deployed, file: TestFile, *wanted: str) -> Item | None:
    """The file's item once it has one of these states; `received` stands for any."""
    stack = deployed.stack
    item = Catalogue(stack.aws.dynamodb, stack["tableName"]).read(_file_id(deployed, file))
    return item if item is not None and ("received" in wanted or item.status in wanted) else None


def _delivered(mailbox: str, file: TestFile, addresses: Sequence[str]) -> bool | None:
    with urllib.request.urlopen(f"{mailbox}messages") as answer:  # noqa: S310 - the local stack's page
        mails = json.load(answer)
    name = visible(file.key).rpartition("/")[2]
    reached = {mail["to"] for mail in mails if name in mail["subject"] + mail["body"]}
    return True if reached.issuperset(addresses) else None
