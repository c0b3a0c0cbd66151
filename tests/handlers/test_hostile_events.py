"""Hostile events and messages: each is published, or fails and is dead-lettered; none is dropped silently."""

from __future__ import annotations

import json
from io import StringIO
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.envelopes import raw_records
from domain.events import FileEvent, OtherEvent, UnreadableEventError
from domain.s3_events import file_event
from handlers import notify
from handlers.logic.notifier import Notifier
from tests.examples import EVENTS, TOPIC, a_rule, golden
from tests.handlers.hostile import DEEP, HALF_A_PAIR, LONGEST_KEYS, any_body, any_json, meddled
from tests.handlers.test_notify_queue import batch

pytestmark = pytest.mark.usefixtures("no_finalizers_at_depth")

CONTEXT = SimpleNamespace(aws_request_id="c6af9ac6", get_remaining_time_in_millis=lambda: 30_000)
SNS_LIMIT = 262_144

genuine = st.sampled_from(sorted(path.stem for path in EVENTS.glob("*.json"))).map(golden)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for console in notify.logger.handlers:
        monkeypatch.setattr(console, "stream", StringIO())
    monkeypatch.setattr(notify.metrics, "flush_metrics", notify.metrics.clear_metrics)


class Counted:
    """A notifier whose publishes only have to be what SNS accepts, and what the function counted."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.counts: dict[str, int] = {}
        self.notifier = Notifier(
            rules=[a_rule(events=("created", "removed", "restored"))], partition="aws", publish=self
        )

    def __call__(self, notification: Any) -> None:
        request = notification.publish_request(TOPIC)
        assert len(json.dumps(request).encode()) <= 2 * SNS_LIMIT
        self.keys.append(json.loads(json.loads(request["Message"])["default"])["file"]["key"])

    def count(self, counts: dict[str, int]) -> None:
        for name, value in counts.items():
            self.counts[name] = self.counts.get(name, 0) + value


def an_upload(number: int) -> dict[str, Any]:
    (record,) = golden("s3_put")["Records"]
    record["s3"]["object"].update(key=f"genuine-{number}", sequencer=f"00{number:02}AB")
    return record


@given(meddled(genuine))
@example({"Records": [1]})
@example({"Records": [{"eventSource": "aws:sqs", "body": DEEP}]})
def test_what_is_decoded_of_a_meddled_event_can_be_published(event):
    try:
        read = [file_event(raw) for raw in raw_records(event)]
    except UnreadableEventError:
        return
    counted = Counted()
    for one in read:
        assert isinstance(one, (FileEvent, OtherEvent))
        if isinstance(one, FileEvent):
            assert counted.notifier.notify(one, seconds_left=30) in {"published", "unmatched"}


@given(st.lists(meddled(st.just(an_upload(0))), min_size=1, max_size=3), st.data())
def test_every_record_is_published_unmatched_or_a_failure_that_is_raised(meddled_ones, data):
    records = data.draw(st.permutations([*meddled_ones, an_upload(1), an_upload(2)]))
    counted, raised = Counted(), False
    with mock.patch.object(notify, "_count", counted.count):
        try:
            notify.notify({"Records": records}, counted.notifier, lambda: 30)
        except UnreadableEventError:  # as a whole: it is kept as a whole
            assert counted.counts == {}
            return
        except ExceptionGroup:
            raised = True

    received = counted.counts.pop("Received")
    assert sum(counted.counts.values()) == received
    assert raised is (counted.counts.get("Failed", 0) > 0)
    assert {"genuine-1", "genuine-2"} <= set(counted.keys)


@given(st.lists(any_body | meddled(genuine).map(json.dumps), min_size=1, max_size=4), st.data())
@example([DEEP], None)
def test_a_message_is_done_or_reported_as_failed_alone(bodies, data):
    kept = [json.dumps({"Records": [an_upload(number)]}) for number in (1, 2)]
    sent = batch(*(data.draw(st.permutations([*bodies, *kept])) if data else [*bodies, *kept]))
    counted = Counted()
    with mock.patch.object(notify, "_notifier", return_value=counted.notifier):
        failed = notify.handler(sent, CONTEXT)["batchItemFailures"]

    assert {"genuine-1", "genuine-2"} <= set(counted.keys)
    come_back = {item["itemIdentifier"] for item in failed}
    assert not [one for one in sent["Records"] if one["messageId"] in come_back and one["body"] in kept]


@given(any_json | meddled(genuine))
@example([])
@example({"Records": [1]})
@example({"Records": [None, an_upload(1)]})
def test_every_event_from_lambda_is_decided_or_raised(event):
    counted = Counted()
    with mock.patch.object(notify, "_notifier", return_value=counted.notifier):
        try:
            notify.handler(event, CONTEXT)
        except Exception:  # noqa: BLE001 - whatever it is, Lambda keeps the event
            return
    assert raw_records(event) is not None


@pytest.mark.parametrize("key", LONGEST_KEYS, ids=range(len(LONGEST_KEYS)))
def test_the_longest_keys_are_published(key):
    from urllib.parse import quote_plus

    record, counted = an_upload(1), Counted()
    record["s3"]["object"]["key"] = quote_plus(key)
    notify.notify({"Records": [record]}, counted.notifier, lambda: 30)

    assert counted.keys == [key]


@pytest.mark.parametrize(
    "change",
    [
        {"key": "k" * 1025},
        {"key": "%F0%9F%9A%80" * 257},
        {"size": 2**63},
        {"size": 10**400},
        {"versionId": HALF_A_PAIR},
        {"versionId": "v" * 1025},
        {"sequencer": HALF_A_PAIR},
        {"eTag": "e" * 5000},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_s3_cannot_have_written_is_unreadable(change):
    record = an_upload(1)
    record["s3"]["object"].update(change)

    with pytest.raises(UnreadableEventError):
        file_event(record)
