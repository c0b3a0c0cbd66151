"""No message leaves the digest queue before it was published, and a failure delays no other digest."""

from __future__ import annotations

import json
from collections.abc import Callable
from unittest.mock import Mock

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from domain.rules import Rule
from domain.topology import MAX_RECEIVES
from handlers.data.digest_queue import DigestQueue
from handlers.logic.digester import Digester
from tests.advanced.conftest import Connect
from tests.advanced.digest_queue import QueueUnderTest, payload
from tests.advanced.stand_ins import Accidents, Crash, Recorder
from tests.advanced.uploads import created

DOWN = RuntimeError("SNS is down")
FAILURES = (ExceptionGroup, ClientError, RuntimeError)  # all mean the same to Lambda
RULES = {name: Rule(name=name, to=("ann@example.com",)) for name in ("a", "b")}


@pytest.fixture
def queue(connect: Connect, new_name: Callable[[str], str]) -> QueueUnderTest:
    return QueueUnderTest(connect("sqs"), connect("sqs"), new_name("digest"))


@pytest.fixture
def digester(queue: QueueUnderTest, published: Recorder) -> Digester:
    waiting = DigestQueue(logger=Logger(), client=queue.client, url=queue.url)
    return Digester(
        logger=Logger(), queue=waiting, rules=RULES, partition="aws", publish=published, pause=lambda _: None
    )


def _plenty() -> float:
    return 100.0


@pytest.fixture
def three_waiting(queue: QueueUnderTest) -> None:
    queue.put(
        payload(created("for-a"), "a"),
        payload(created("for-b"), "b"),
        payload(created("for-both"), "a", "b"),
    )


@pytest.mark.usefixtures("three_waiting")
def test_a_digest_that_fails_does_not_stop_the_others(digester: Digester, published: Recorder):
    published.refusals["a"] = DOWN
    with pytest.raises(ExceptionGroup, match="1 digests could not be published"):
        digester.run(_plenty)

    assert published.delivered == [("b",)]


@pytest.mark.usefixtures("three_waiting")
def test_the_files_of_a_failed_digest_wait_for_its_rule_alone(
    digester: Digester, queue: QueueUnderTest, published: Recorder
):
    published.refusals["a"] = DOWN
    with pytest.raises(ExceptionGroup):
        digester.run(_plenty)

    assert queue.take_payloads() == {"for-a": ["a"], "for-both": ["a"]}


@pytest.mark.usefixtures("three_waiting")
def test_the_files_of_a_failed_digest_are_in_the_next_one_and_no_others(
    digester: Digester, queue: QueueUnderTest, published: Recorder
):
    published.refusals["a"] = DOWN
    with pytest.raises(ExceptionGroup):
        digester.run(_plenty)
    published.refusals.clear()
    queue.time_out()

    assert digester.run(_plenty) == {"Digests": 1, "Digested": 2}
    assert published.delivered == [("b",), ("a",)]
    assert queue.take_all() == []


def test_a_file_that_is_requeued_has_the_same_payload(digester: Digester, queue: QueueUnderTest, published: Recorder):
    original = payload(created("résumé/日本語 🚀\uffff.pdf"), "a", "b", late="replaced")
    queue.put(original)
    published.refusals["a"] = DOWN
    with pytest.raises(ExceptionGroup):
        digester.run(_plenty)

    (kept,) = queue.take_all()
    assert json.loads(kept) == {**original, "digest": ["a"]}
    assert "\uffff" not in kept  # SQS refuses it


@pytest.mark.usefixtures("three_waiting")
def test_when_every_digest_fails_the_queue_stays_as_it_was(
    digester: Digester, queue: QueueUnderTest, published: Recorder
):
    published.refusals.update({"a": DOWN, "b": DOWN})
    with pytest.raises(ExceptionGroup, match="2 digests"):
        digester.run(_plenty)

    assert queue.take_payloads() == {"for-a": ["a"], "for-b": ["b"], "for-both": ["a", "b"]}


@pytest.mark.usefixtures("three_waiting")
def test_a_crash_between_two_notifications_deletes_nothing(
    digester: Digester, queue: QueueUnderTest, published: Recorder
):
    published.refusals["b"] = Crash()
    with pytest.raises(Crash):
        digester.run(_plenty)

    assert published.delivered == [("a",)]
    assert queue.take_payloads() == {"for-a": ["a"], "for-b": ["b"], "for-both": ["a", "b"]}


@pytest.mark.usefixtures("three_waiting")
def test_after_a_crash_every_digest_is_published(digester: Digester, queue: QueueUnderTest, published: Recorder):
    published.refusals["b"] = Crash()
    with pytest.raises(Crash):
        digester.run(_plenty)
    published.refusals.clear()
    queue.time_out()
    digester.run(_plenty)

    assert published.delivered == [("a",), ("a",), ("b",)]
    assert queue.take_all() == []


def test_a_crash_after_requeueing_loses_no_rule(digester: Digester, queue: QueueUnderTest, published: Recorder):
    queue.put(payload(created("for-both"), "a", "b"))
    published.refusals["a"] = DOWN
    Accidents(queue.client, {3: "crash before"})  # two receives, the copy is sent, the original not deleted
    with pytest.raises(Crash):
        digester.run(_plenty)
    published.refusals.clear()
    queue.time_out()

    assert digester.run(_plenty)["Digested"] == 2
    assert published.delivered == [("b",), ("a",), ("b",)]
    assert queue.take_all() == []


GENUINE = payload(created("poison"), "a")
POISON = {
    "no JSON": "{",
    "no object": "[]",
    "null": "null",
    "another service's": '{"Records": []}',
    "without its rules": json.dumps({**GENUINE, "digest": None}),
    "a size that is text": json.dumps({**GENUINE, "file": {**GENUINE["file"], "size": "big"}}),
    "a time that is none": json.dumps({**GENUINE, "time": None}),
    "an unknown event": json.dumps({**GENUINE, "event": "exploded"}),
    "another schema": json.dumps({**GENUINE, "schema": "file-notifications/upload/2"}),
}


@pytest.mark.parametrize("body", POISON.values(), ids=POISON.keys())
def test_a_malformed_message_is_left_and_the_others_are_published(
    digester: Digester, queue: QueueUnderTest, published: Recorder, body: str
):
    queue.put_text([body])
    queue.put(payload(created("x"), "a"), payload(created("y"), "a"))

    assert digester.run(_plenty) == {"Digests": 1, "Digested": 2}
    assert published.only.sms.startswith("2 files arrived")
    assert queue.take_all() == [body]


def test_a_message_that_waits_for_no_rule_is_malformed_and_logged(queue: QueueUnderTest):
    logger = Mock()
    queue.put({**GENUINE, "digest": []})

    assert list(DigestQueue(client=queue.client, url=queue.url, logger=logger).drain(lambda count, _: count > 0)) == []
    assert logger.exception.call_args.args == ("malformed message",)


def test_a_malformed_message_moves_to_the_dead_letter_queue(digester: Digester, queue: QueueUnderTest):
    queue.put_text(["{"])
    for _ in range(MAX_RECEIVES):
        assert digester.run(_plenty) == {}
        assert queue.take_dead_letters() == []
        queue.time_out()
    digester.run(_plenty)

    assert queue.take_dead_letters() == ["{"]


def test_files_whose_digests_always_fail_move_to_the_dead_letter_queue(
    digester: Digester, queue: QueueUnderTest, published: Recorder
):
    queue.put(payload(created("x"), "a"))
    published.refusals["a"] = DOWN
    for _ in range(MAX_RECEIVES):
        with pytest.raises(ExceptionGroup):
            digester.run(_plenty)
        assert queue.take_dead_letters() == []
        queue.time_out()
    digester.run(_plenty)

    assert [json.loads(text)["file"]["key"] for text in queue.take_dead_letters()] == ["x"]


def test_a_file_that_cannot_be_requeued_does_not_make_others_published_again(
    digester: Digester, queue: QueueUnderTest, published: Recorder
):
    queue.put(payload(created("for-both"), "a", "b"), payload(created("for-b"), "b"))
    published.refusals["a"] = DOWN
    Accidents(queue.client, {2: "throttled"})  # two receives, then the narrowed copy
    with pytest.raises(FAILURES):
        digester.run(_plenty)

    assert queue.take_payloads() == {"for-both": ["a", "b"]}


def test_a_message_that_sqs_does_not_delete_is_raised(digester: Digester, queue: QueueUnderTest, monkeypatch):
    queue.put(payload(created("x"), "a"))
    _keep_the_first(queue, monkeypatch)

    with pytest.raises(FAILURES):
        digester.run(_plenty)


def test_a_message_that_sqs_does_not_delete_does_not_make_others_published_again(
    digester: Digester, queue: QueueUnderTest, monkeypatch
):
    queue.put(*(payload(created(f"{number:02}"), "a") for number in range(25)))
    _keep_the_first(queue, monkeypatch)
    with pytest.raises(FAILURES):
        digester.run(_plenty)

    assert len(queue.take_all()) == 1


def test_a_call_that_sqs_refuses_does_not_make_others_published_again(digester: Digester, queue: QueueUnderTest):
    queue.put(*(payload(created(f"{number:02}"), "a") for number in range(25)))
    Accidents(queue.client, {4: "throttled"})  # four receives, then three calls to delete
    with pytest.raises(FAILURES):
        digester.run(_plenty)

    assert len(queue.take_all()) == 10


def _keep_the_first(queue: QueueUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first call to delete messages does not delete the first of them, and says so."""
    delete, calls = queue.client.delete_message_batch, []

    def delete_others(QueueUrl: str, Entries: list[dict[str, str]]):  # noqa: N803 - SQS's names
        calls.append(Entries)
        if len(calls) > 1:
            return delete(QueueUrl=QueueUrl, Entries=Entries)
        first, *others = Entries
        kept = {"Id": first["Id"], "SenderFault": False, "Code": "InternalError", "Message": "try again"}
        return {**(delete(QueueUrl=QueueUrl, Entries=others) if others else {}), "Failed": [kept]}

    monkeypatch.setattr(queue.client, "delete_message_batch", delete_others)
