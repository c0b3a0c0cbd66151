"""Hostile messages in the work queue and in the digest queue: a poison message harms no other message."""

from __future__ import annotations

import json
from io import StringIO
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from aws_lambda_powertools import Logger
from hypothesis import example, given
from hypothesis import strategies as st

from domain.digests import digest_notification
from domain.events import FileEvent
from domain.findings import Problem
from domain.messages import MalformedMessageError, event_of, upload_payload_in, work_message_in
from domain.notifications import Routing, upload_notification
from handlers import digest, process
from handlers.data.digest_queue import DigestQueue
from handlers.data.items import Item
from handlers.logic.announcer import Announcer
from handlers.logic.digester import Digester
from handlers.logic.processor import ItemBehindError, Processor
from tests.examples import TOPIC, a_file, a_finding, a_rule
from tests.handlers.hostile import DEEP, HALF_A_PAIR, any_body, any_json, meddled
from tests.handlers.test_notify_queue import batch

RULES = {name: a_rule(name=name) for name in ("a", "b")}
pytestmark = pytest.mark.usefixtures("no_finalizers_at_depth")

CONTEXT = SimpleNamespace(aws_request_id="c6af9ac6", get_remaining_time_in_millis=lambda: 120_000)


def payload_of(file: FileEvent, *rules: str) -> dict[str, Any]:
    notification = upload_notification(file, list(RULES.values()), Routing(digest=rules), partition="aws")
    return json.loads(json.dumps(notification.payload))


GENUINE = [payload_of(a_file(key=f"genuine-{number}", sequencer=f"00{number}AB"), "a", "b") for number in (1, 2)]
ours = st.sampled_from(
    [
        payload_of(a_file(), "a"),
        payload_of(a_file(key="gone", action="removed", name="ObjectRemoved:Delete", size=None), "a", "b"),
        payload_of(a_file(finding=a_finding()), "a"),
        payload_of(a_file(finding=a_finding(kind="broken", problem=Problem(code="broken", message="Cut off."))), "b"),
        payload_of(a_file(finding=a_finding(kind="infected", threats=("EICAR",))), "a", "b"),
        {"schema": "file-notifications/reprocess/1", "id": a_file().file_id, "requestedBy": "maria"},
    ]
)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for entry in (digest, process):
        monkeypatch.setattr(entry.metrics, "flush_metrics", entry.metrics.clear_metrics)
        for console in entry.logger.handlers:
            monkeypatch.setattr(console, "stream", StringIO())


class Queue:
    """An SQS queue with these bodies."""

    def __init__(self, bodies: list[str]) -> None:
        self.bodies = dict(enumerate(bodies))
        self._hidden = iter(list(self.bodies.items()))
        self.deleted: set[int] = set()
        self.sent: list[str] = []

    def receive_message(self, **_: object) -> dict[str, Any]:
        one = next(self._hidden, None)
        if one is None:
            return {}
        return {"Messages": [{"MessageId": str(one[0]), "ReceiptHandle": str(one[0]), "Body": one[1]}]}

    def delete_message_batch(self, *, Entries: list[dict[str, str]], **_: object) -> dict[str, Any]:  # noqa: N803 - boto3's
        self.deleted |= {int(entry["ReceiptHandle"]) for entry in Entries}
        return {}

    def send_message(self, *, MessageBody: str, **_: object) -> None:  # noqa: N803 - boto3's
        self.sent.append(MessageBody)


@given((meddled(ours) | any_json).map(json.dumps) | any_body)
@example(DEEP)
def test_a_payload_is_an_event_that_can_be_published_or_refused(body):
    try:
        event = event_of(upload_payload_in(body))
    except ValueError:
        return

    for notification in (
        upload_notification(event, [RULES["a"]], Routing(deliver=("a",)), partition="aws"),
        digest_notification([event, a_file()], RULES["a"]),
    ):
        assert json.dumps(notification.publish_request(TOPIC)).encode()


@given(st.lists(any_body | meddled(ours).map(json.dumps), max_size=4), st.data())
@example([DEEP], None)
@example([HALF_A_PAIR], None)
@example([json.dumps({**GENUINE[0], "digest": [1]})], None)
@example([json.dumps({**GENUINE[0], "digest": "ab"})], None)
@example([json.dumps({**GENUINE[0], "digest": {"a": 1}})], None)
@example([json.dumps({**GENUINE[0], "digest": ["no such rule" * 10_000]})], None)
@example([json.dumps({**GENUINE[0], "digest": [HALF_A_PAIR]})], None)
@example([json.dumps({**GENUINE[0], "file": {**GENUINE[0]["file"], "key": HALF_A_PAIR}})], None)
@example([json.dumps({**GENUINE[0], "file": {**GENUINE[0]["file"], "size": 10**400}})], None)
@example([json.dumps({**GENUINE[0], "file": {**GENUINE[0]["file"], "size": -5}})], None)
def test_a_digest_is_published_whatever_else_is_in_the_queue(bodies, data):
    genuine = [json.dumps(payload) for payload in GENUINE]
    queue = Queue(data.draw(st.permutations([*bodies, *genuine])) if data else [*bodies, *genuine])
    notified: list[str] = []

    def publish(notification: Any) -> None:
        request = notification.publish_request(TOPIC)
        assert json.dumps(request).encode()
        notified.append(request["Message"])

    Digester(
        logger=Logger(),
        queue=DigestQueue(logger=Logger(), client=queue, url="-"),
        rules=RULES,
        partition="aws",
        publish=publish,
        pause=lambda _: None,
    ).run(lambda: 60)

    assert sum("genuine-1" in text and "genuine-2" in text for text in notified) == 2  # one for each of the two rules
    assert all(body not in genuine or number in queue.deleted for number, body in queue.bodies.items())
    for number in queue.deleted:  # what is gone was ours
        assert event_of(upload_payload_in(queue.bodies[number]))


class Items:
    """A catalogue that knows a_file() and the genuine ones, and remembers what was found."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def read(self, file_id: str) -> Item | None:
        keys = {a_file(key=key).file_id: key for key in ("genuine-1", "genuine-2", a_file().key)}
        if file_id not in keys:
            return None
        order = "001AB" if keys[file_id] == "genuine-1" else "002AB" if keys[file_id] == "genuine-2" else a_file().order
        return Item(
            id=file_id,
            bucket=a_file().bucket,
            key=keys[file_id],
            region="r",
            status="received",
            order=order,
            size=4,
        )

    def write(self, file_id: str, *_: object) -> bool:
        self.found.add(self.read(file_id).key)
        return True


class S3:
    def get_object(self, **_: str) -> dict[str, Any]:
        body = SimpleNamespace(iter_chunks=lambda _: iter([b"text"]), close=lambda: None)
        return {"ContentLength": 4, "Body": body}


@given((meddled(ours) | any_json).map(json.dumps) | any_body)
@example(DEEP)
def test_a_work_message_is_decided_or_refused_as_malformed(body):
    try:
        items = Items()
        decision = Processor(
            catalogue=items,
            findings=items,
            announcer=Announcer(findings=items),
            s3=S3(),
            has_time=lambda _: True,
        ).process(work_message_in(body), receives=1)
    except (MalformedMessageError, ItemBehindError):
        return

    assert decision.name in {"processed", "skipped"}


@given(st.lists(any_body | meddled(ours).map(json.dumps), max_size=4), st.data())
@example([DEEP], None)
def test_every_file_is_processed_whatever_else_is_in_the_queue(bodies, data):
    genuine = [json.dumps(payload) for payload in GENUINE]
    sent = batch(*(data.draw(st.permutations([*bodies, *genuine])) if data else [*bodies, *genuine]))
    items, retried = Items(), []
    with (
        mock.patch.object(process, "_catalogue", return_value=items),
        mock.patch.object(process, "_findings", return_value=items),
        mock.patch.object(process, "_announcer", return_value=Announcer(findings=items)),
        mock.patch.object(process, "_s3", S3),
        mock.patch.object(process, "_shorten_visibility", retried.extend),
    ):
        failed = process.handler(sent, CONTEXT)["batchItemFailures"]

    assert {"genuine-1", "genuine-2"} <= items.found
    assert {item["itemIdentifier"] for item in failed} == {message.message_id for message in retried}
    assert not [message for message in retried if message.body in genuine]
