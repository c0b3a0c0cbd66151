"""`doctor --send-test`: one real upload, followed to the notification."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any, TypeVar

from domain.events import FileEvent, file_id_of
from domain.rules import Rule, matching
from domain.wording import visible
from handlers.data.catalogue import Catalogue
from handlers.data.items import Row
from ops.errors import OpsError
from ops.reading.activity import as_json, log_lines
from ops.reading.deployed import Deployed
from ops.reading.people import Listener, listeners
from ops.screen import Screen
from ops.words import listed

FOLDER = "file-notifications-test"
MOST_BYTES = 1024 * 1024
_LOOK_SECONDS = 0.5
_DECISIONS = ("published", "late", "unmatched", "duplicate", "failed")

T = TypeVar("T")


class LostError(Exception):
    """A step did not happen in time; the text says what that means."""


@dataclass(frozen=True, kw_only=True)
class TestFile:
    """What is uploaded, and the rules that it matches."""

    key: str
    size: int
    rules: tuple[Rule, ...]


@dataclass
class Journey:
    """The steps of one test file, each told as it happens."""

    deployed: Deployed
    screen: Screen
    wait: int
    steps: list[dict[str, Any]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def did(self, step: str, said: str) -> None:
        seconds = round(time.monotonic() - self._began, 2)
        self._began = time.monotonic()
        self.steps.append({"step": step, "said": said, "seconds": seconds})
        self.screen.mark("fine", (f"{step:<10}", "bold"), said, (f"  {seconds:.1f} s", "dim"))

    def until(self, found: Callable[[], T | None], lost: str) -> T:
        """The first answer of `found`. Raises LostError."""
        deadline = time.monotonic() + self.wait
        with self.screen.waiting("Waiting …"):
            while (answer := found()) is None:
                if time.monotonic() > deadline:
                    raise LostError(f"{lost} within {self.wait} s")
                time.sleep(_LOOK_SECONDS)
        return answer


def send_test(deployed: Deployed, screen: Screen, *, wait: int) -> dict[str, Any]:
    """Upload a file, follow it to the published notification and, locally, to the mails; then remove it.

    Returns the steps, and whether it arrived. Raises OpsError if nothing can be sent at all.
    """
    stack = deployed.stack
    if deployed.notify is None:
        raise OpsError("there is no notify function to send a test through", stack.repair_command)
    file = test_file(deployed.rules)
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
    journey.did("removed", "for good; rules on removals tell about it")
    return {"key": file.key, "arrived": not lost, "lost": lost or None, "steps": journey.steps}


def test_file(rules: Sequence[Rule]) -> TestFile:
    """A file that somebody hears of, in a folder of its own if a rule allows that; otherwise where a rule looks."""
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
        "notify's log does not mention the file: S3 has not handed its event over, or nothing was logged,",
    )
    if decision == "failed":
        raise LostError("notify failed; Lambda tries again. Without --send-test this command says what it said. Failed")
    named = listed([rule.name for rule in file.rules])
    journey.did("decided", f"{decision}: {f'rules {named}' if file.rules else 'no rule asks for it'}")
    notified = "immediate"
    if stack.is_advanced:
        row = journey.until(lambda: _row(deployed, file, "received"), "the catalogue has no row of the file")
        notified = row.notified
        row = journey.until(
            lambda: _row(deployed, file, "processed", "failed"), "the file was not looked into: see the work queue,"
        )
        journey.did("processed", f"{row.status}{f', {row.content_type}' if row.content_type else ''}")
    people = [one for one in listeners(file.rules, deployed.subscriptions or ()) if one.recipient.is_person]
    _mails(journey, file, people, notified)


def _mails(journey: Journey, file: TestFile, people: Sequence[Listener], notified: str) -> None:
    addresses = [one.recipient.address for one in people if one.state == "confirmed"]
    mailbox = journey.deployed.stack.mailbox
    if not addresses:
        journey.did("notified", "nobody: no person has confirmed a subscription for it")
    elif notified == "digest":
        journey.did("notified", f"{listed(addresses)} with the next digest: more are told now than mailsPerMinute")
    elif mailbox is None:
        journey.did("notified", f"SNS has taken the notification for {listed(addresses)}: the mail should be there")
    else:
        journey.until(lambda: _delivered(mailbox, file, addresses), f"no mail came to {listed(addresses)}")
        journey.did("notified", f"the mail is with {listed(addresses)}")


def _decision(deployed: Deployed, file: TestFile, began: datetime) -> str | None:
    """What notify logged about the file."""
    assert deployed.notify is not None  # noqa: S101 - the caller has looked
    file_id = file_id_of(deployed.stack["bucketName"], file.key)
    since = began - timedelta(minutes=2)  # clocks differ
    for _, line in log_lines(deployed.stack.aws.logs, deployed.notify.log_group, since=since, containing=file_id):
        said = as_json(line).get("message")
        if said in _DECISIONS:
            return str(said)
    return None


def _row(deployed: Deployed, file: TestFile, *wanted: str) -> Row | None:
    """The file's row once it has one of these states; `received` stands for any."""
    stack = deployed.stack
    row = Catalogue(stack.aws.dynamodb, stack["tableName"]).read(file_id_of(stack["bucketName"], file.key))
    return row if row is not None and ("received" in wanted or row.status in wanted) else None


def _delivered(mailbox: str, file: TestFile, addresses: Sequence[str]) -> bool | None:
    with urllib.request.urlopen(f"{mailbox}messages") as answer:  # noqa: S310 - the local stack's page
        mails = json.load(answer)
    name = visible(file.key).rpartition("/")[2]
    reached = {mail["to"] for mail in mails if name in mail["subject"] + mail["body"]}
    return True if reached.issuperset(addresses) else None
