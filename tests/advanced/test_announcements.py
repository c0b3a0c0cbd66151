"""What process announces, with the catalogue, the storm guard and accidents of DynamoDB and SNS in place."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from domain.events import FileEvent
from domain.messages import WorkMessage, event_of
from domain.rules import Rule
from handlers.data.catalogue import Catalogue
from handlers.data.findings import Findings
from handlers.data.leases import LeasedError
from handlers.data.storm_guard import StormGuard
from handlers.logic.announcer import LEASE_SECONDS, Announcer
from handlers.logic.processor import Decision, Processor
from tests.advanced.conftest import Connect, Settle
from tests.advanced.stand_ins import Accidents, Clock, Crash, Recorder
from tests.advanced.uploads import created, hidden
from tests.handlers.inspectors.files import A_PDF, a_png

PERSON, SYSTEM = "ann@example.com", "https://hooks.example.com/files"
READY = Rule(name="ready", to=(SYSTEM,), events=("processed",))
BROKEN = Rule(name="broken", to=(PERSON,), events=("broken",))
IMAGES = Rule(name="images", to=(SYSTEM,), events=("processed", "broken"), content_type="image/*")
RULES = (READY, BROKEN, IMAGES, Rule(name="uploads", to=(PERSON,)))
A_FILE = created()  # called .pdf
CUT_OFF = created("in/orders.zip")
A_ZIP = b"PK\x03\x04" + bytes(60)
PLANS: list[dict[int, Any]] = [{call: how} for call in range(3) for how in ("throttled", "crash before", "crash after")]


@dataclass
class Process:
    """Processes files as the function does. `content` is what S3 holds, by key; `refused` is what SNS answers."""

    catalogue: Catalogue
    findings: Findings
    guard: StormGuard
    published: Recorder
    clock: Clock
    rules: tuple[Rule, ...] = RULES
    content: dict[str, bytes] = field(default_factory=dict)
    refusals: list[BaseException] = field(default_factory=list)

    def __call__(self, event: FileEvent, *, again: bool = False) -> Decision:
        """The message that an upload left in the work queue, or a person's request to process the file again."""
        announcer = Announcer(
            findings=self.findings, rules=self.rules, publish=self.publish, guard=self.guard, page="https://page"
        )
        processor = Processor(
            catalogue=self.catalogue,
            findings=self.findings,
            announcer=announcer,
            s3=SimpleNamespace(get_object=self.get_object),  # type: ignore[arg-type]
            has_time=lambda _: True,
            clock=self.clock,
        )
        order = None if again else event.order
        return processor.process(WorkMessage(file_id=event.file_id, event="created", order=order), receives=1)

    def publish(self, notification: Any) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.published(notification)

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        content = self.content.get(Key, A_PDF)
        body = SimpleNamespace(iter_chunks=lambda size: iter(lambda: stream.read(size), b""), close=lambda: None)
        stream = io.BytesIO(content)
        return {"ContentLength": len(content), "Body": body}

    @property
    def announced(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each notification: its event, and the rules it is for."""
        return [(str(n.attributes["event"]), tuple(n.attributes["rules"])) for n in self.published.notifications]


@pytest.fixture
def process(
    catalogue: Catalogue, findings: Findings, connect: Connect, published: Recorder, clock: Clock, settle: Settle
) -> Process:
    """Both uploads were published; of what happens from here on, accidents may befall the requests of `findings`."""
    settle(A_FILE)
    settle(CUT_OFF)
    guard = StormGuard(connect("dynamodb"), findings.table, 2, clock)
    return Process(catalogue, findings, guard, published, clock, content={CUT_OFF.key: A_ZIP})


@pytest.fixture
def accidents(process: Process, connect: Connect) -> Callable[[dict[int, Any]], Accidents]:
    """accidents({1: "throttled"}) befalls the second of the next writes of findings."""
    client = connect("dynamodb")
    process.findings = replace(process.findings, client=client)
    return lambda plan: Accidents(client, plan)


def test_a_file_with_nothing_wrong_is_announced_as_processed(process: Process):
    assert process(A_FILE).announced == "processed"
    assert process.announced == [("processed", ("ready",))]


def test_a_file_that_cannot_be_read_is_announced_as_broken(process: Process):
    decision = process(CUT_OFF)

    assert (decision.name, decision.reason, decision.announced) == ("failed", "broken", "broken")
    assert process.announced == [("broken", ("broken",))]


def test_a_file_whose_name_contradicts_its_bytes_was_processed_and_is_announced_as_broken(process: Process):
    process.content[A_FILE.key] = a_png()
    decision = process(A_FILE)

    assert (decision.name, decision.announced) == ("processed", "broken")
    assert process.announced == [("broken", ("broken", "images"))]


def test_systems_get_checksum_type_and_facts(process: Process):
    process.content["photo.png"] = a_png()
    photo = created("photo.png")
    process.catalogue.mark(process.catalogue.claim(photo, lease_seconds=30), notified="none")
    process(photo)

    payload = process.published.only.payload
    assert payload["content"]["type"] == "image/png"
    assert len(payload["content"]["sha256"]) == 64
    assert payload["content"]["facts"] == [{"label": "Dimensions", "value": "640 × 480 pixels"}]  # noqa: RUF001
    assert (payload["uploaded"], payload["page"]) == (photo.time, f"https://page/files/{photo.file_id}")
    assert replace(event_of(payload), finding=None, name=photo.name, sequencer=photo.sequencer) == photo
    assert event_of(payload).order == photo.order


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied", "InvalidObjectState"])
def test_a_file_that_was_not_read_is_neither(process: Process, code: str):
    def get_object(**_: str) -> None:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "GetObject")

    process.get_object = get_object  # type: ignore[method-assign, assignment]
    process.clock.advance(3600)

    assert process(A_FILE).name == "failed"
    assert process.announced == []


def test_without_a_rule_that_asks_for_it_nothing_is_published(process: Process):
    process.rules = (Rule(name="uploads", to=(PERSON,)), BROKEN)

    assert (process(A_FILE).name, process.announced) == ("processed", [])


def test_a_message_that_is_delivered_twice_announces_once(process: Process):
    decisions = [process(A_FILE) for _ in range(3)]

    assert [(one.name, one.announced) for one in decisions] == [("processed", "processed"), *[("skipped", "")] * 2]
    assert len(process.announced) == 1


def test_a_message_that_is_delivered_again_after_its_announcement_writes_nothing(process: Process, accidents):
    process(A_FILE)
    writes = accidents({})

    process(A_FILE)

    assert writes.calls == 0


def test_processing_again_announces_again_only_if_the_outcome_changed(process: Process):
    for content in (A_PDF, A_PDF, a_png(), a_png(), A_PDF):
        process.content[A_FILE.key] = content
        process(A_FILE, again=True)

    assert [event for event, _ in process.announced] == ["processed", "broken"]


def test_a_file_that_was_processed_before_there_was_a_rule_is_announced_when_it_is_processed_again(process: Process):
    process.rules = ()
    process(A_FILE)
    process.rules = RULES
    process(A_FILE, again=True)

    assert process.announced == [("processed", ("ready",))]


@pytest.mark.parametrize("since", [created(sequencer="20"), hidden()], ids=["replaced", "removed"])
def test_of_a_file_that_moves_on_while_it_is_read_nothing_is_announced(process: Process, settle: Settle, since):
    reading = process.get_object

    def get_object(**request: str) -> dict[str, Any]:
        settle(since)
        return reading(**request)

    process.get_object = get_object  # type: ignore[method-assign]

    assert process(A_FILE).reason == "superseded"
    assert process.announced == []


def test_the_newer_version_is_announced_by_itself(process: Process, settle: Settle):
    newer = created(sequencer="20")
    settle(newer)
    process(A_FILE)
    process(newer)

    assert [payload["file"]["versionId"] for payload in (n.payload for n in process.published.notifications)] == ["v20"]


def test_while_another_function_announces_it_the_message_stays_in_the_queue(process: Process):
    def publish(_: Any) -> None:
        with pytest.raises(LeasedError):
            process(A_FILE)

    process.publish = publish  # type: ignore[method-assign]
    process(A_FILE)

    assert process(A_FILE).announced == ""


def test_what_sns_refuses_is_published_by_the_next_attempt(process: Process):
    process.refusals = [ReadTimeoutError(endpoint_url="http://sns")]

    with pytest.raises(ReadTimeoutError):
        process(A_FILE)
    assert process(A_FILE) == Decision(name="skipped", reason="done before", announced="processed")
    assert len(process.announced) == 1


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan}")
def test_whatever_befalls_the_writes_it_is_announced_once_and_at_most_twice_after_the_publish(
    process: Process, accidents, plan
):
    """The writes of a finding: claim, mark; released is only what was not published."""
    accidents(plan)
    retries = 0
    for _ in range(5):
        try:
            process(A_FILE)
        except (ClientError, Crash, LeasedError):
            retries += 1
            process.clock.advance(LEASE_SECONDS + 1)
        else:
            break

    befell_the_mark = plan.keys() == {1} and plan[1] != "crash after"
    assert len(process.announced) == (2 if befell_the_mark else 1)
    assert retries == (0 if plan.keys() == {2} else 1)


def test_a_claim_that_a_crash_left_is_taken_when_its_lease_has_ended(process: Process, accidents):
    accidents({0: "crash after"})
    with pytest.raises(Crash):
        process(A_FILE)
    with pytest.raises(LeasedError):
        process(A_FILE)
    process.clock.advance(LEASE_SECONDS + 1)

    assert process(A_FILE).announced == "processed"


def test_a_storm_of_broken_files_waits_for_a_digest(process: Process, settle: Settle):
    for number in range(5):
        file = created(f"in/{number}.zip")
        process.content[file.key] = A_ZIP
        settle(file)
        process(file)

    routed = [(n.attributes["deliver"], n.attributes["digest"]) for n in process.published.notifications]
    assert routed == [(("broken",), ())] * 2 + [((), ("broken",))] * 3


def test_uploads_and_findings_share_the_count_of_a_storm(process: Process):
    for _ in range(2):
        process.guard.is_storm()
    process(CUT_OFF)

    assert process.published.only.attributes["digest"] == ("broken",)


def test_systems_are_not_counted_towards_a_storm(process: Process, item):
    process(A_FILE)

    assert item("counters#us-east-1#2040-05-20T10") == {}
