"""What is taken out of a queue, what goes back, and what is deleted."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from ops.errors import OpsError
from ops.reading.queues import FAILED_EVENTS
from ops.replay import command, dead_letters, failed_events
from ops.replay.command import HOPELESS, Outcome
from ops.replay.letters import FailedAgainError, Letter, Letters
from tests.ops.parts import a_stack, answering

URL = "https://sqs.eu-west-1.amazonaws.com/111122223333/failed-events"
EVENT = {
    "Records": [
        {
            "eventVersion": "2.1",
            "awsRegion": "eu-west-1",
            "eventTime": "2026-11-23T08:41:07.123Z",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "b"}, "object": {"key": "a+b.pdf", "sequencer": "0A"}},
        }
    ]
}


def letter(body, **attributes):
    text = body if isinstance(body, str) else json.dumps(body)
    return Letter(id="1", receipt="r", body=text, attributes=attributes)


def received(*names):
    return {"Messages": [{"MessageId": name, "ReceiptHandle": f"{name}-r", "Body": "{}"} for name in names]}


def test_the_event_is_taken_out_of_lambdas_record():
    record = {"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": EVENT}

    assert failed_events.event_of(letter(record)) == EVENT


def test_an_event_that_somebody_put_there_as_it_is_counts_as_well():
    assert failed_events.event_of(letter(EVENT)) == EVENT


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"requestPayload": "text"}'])
def test_a_message_without_an_event_is_kept(body):
    with pytest.raises(FailedAgainError):
        failed_events.event_of(letter(body))

    assert failed_events.describe(letter(body)).startswith("unreadable: ")


def test_an_event_is_described_by_its_files():
    twice = {"Records": EVENT["Records"] * 2}

    assert failed_events.describe(letter(EVENT)) == "ObjectCreated:Put a b.pdf"
    assert failed_events.describe(letter(twice)).startswith("2 records: ObjectCreated:Put a b.pdf, ")


def test_a_dead_letter_is_described_by_its_file():
    assert dead_letters.describe(letter({"event": "created", "file": {"key": "a\nb"}})) == "created a\\u000ab"
    assert dead_letters.describe(letter({"schema": "reprocess", "id": "abc"})) == "file abc once more"
    assert dead_letters.describe(letter("\x1b[31m")).startswith("not a message of this system: \\u001b")


def test_a_dead_letter_goes_back_as_it_was():
    stack = a_stack()
    attributes = {"kind": {"DataType": "String", "StringValue": "upload"}}
    expected = {"QueueUrl": URL, "MessageBody": "{}", "MessageAttributes": attributes}
    with answering(stack, "sqs", ("send_message", {}, expected)):
        dead_letters.replay(stack.aws.sqs, URL, letter("{}", **attributes))


def test_messages_are_taken_until_there_are_no_more():
    stack = a_stack()
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a", "b")),
        ("receive_message", received("c")),
        ("receive_message", {}),
    ):
        taken = [[one.id for one in batch] for batch in Letters(stack.aws.sqs, URL).batches(None)]

    assert taken == [["a", "b"], ["c"]]


def test_no_more_messages_are_taken_than_asked_for():
    stack = a_stack()
    asked = {
        "QueueUrl": URL,
        "MaxNumberOfMessages": 2,
        "VisibilityTimeout": 600,
        "WaitTimeSeconds": 1,
        "MessageAttributeNames": ["All"],
    }
    with answering(stack, "sqs", ("receive_message", received("a", "b"), asked)):
        assert [len(batch) for batch in Letters(stack.aws.sqs, URL).batches(2)] == [2]


def test_a_message_that_comes_twice_is_taken_once():
    stack = a_stack()
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a")),
        ("receive_message", received("a")),
        ("receive_message", received("a", "b")),
        ("receive_message", {}),
    ):
        taken = [[one.id for one in batch] for batch in Letters(stack.aws.sqs, URL).batches(None)]

    assert taken == [["a"], ["b"]]


def test_what_was_not_deleted_is_shown_again_at_once():
    stack = a_stack()
    back = {"QueueUrl": URL, "Entries": [{"Id": "0", "ReceiptHandle": "b-r", "VisibilityTimeout": 0}]}
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a", "b")),
        ("delete_message", {}, {"QueueUrl": URL, "ReceiptHandle": "a-r"}),
        ("change_message_visibility_batch", given_back(), back),
    ):
        letters = Letters(stack.aws.sqs, URL)
        first, _ = next(letters.batches(None))
        letters.delete(first)
        letters.give_back()


def given_back(*codes):
    failed = [{"Id": str(number), "SenderFault": True, "Code": code} for number, code in enumerate(codes)]
    return {"Successful": [], "Failed": failed}


def test_what_is_shown_already_need_not_be_shown():
    stack = a_stack()
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a")),
        ("change_message_visibility_batch", given_back("AWS.SimpleQueueService.MessageNotInflight")),
    ):
        letters = Letters(stack.aws.sqs, URL)
        next(letters.batches(None))
        letters.give_back()


def test_what_stays_hidden_is_said():
    stack = a_stack()
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a")),
        ("change_message_visibility_batch", given_back("InternalError")),
    ):
        letters = Letters(stack.aws.sqs, URL)
        next(letters.batches(None))
        with pytest.raises(OpsError, match=r"hidden for 10 minutes.*\(InternalError\)"):
            letters.give_back()


def test_what_stays_hidden_of_the_first_ten_does_not_hide_the_others():
    stack = a_stack()
    with answering(
        stack,
        "sqs",
        ("receive_message", received(*"abcdefghij")),
        ("receive_message", received("k")),
        ("receive_message", {}),
        ("change_message_visibility_batch", given_back("InternalError")),
        ("change_message_visibility_batch", given_back()),
    ):
        letters = Letters(stack.aws.sqs, URL)
        list(letters.batches(None))
        with pytest.raises(OpsError):
            letters.give_back()


def test_a_message_that_was_replayed_and_cannot_be_deleted_is_said_to_be_there_still():
    stack = a_stack()
    with answering(
        stack, "sqs", ("receive_message", received("a")), ("delete_message", "AccessDenied"), ("receive_message", {})
    ):
        outcome = _replayed(stack, lambda _: None)

    assert outcome.kept == 1
    assert "replayed, but still in the queue" in outcome.failed[0]


def _replayed(stack, again):
    return command._replay(FAILED_EVENTS, Letters(stack.aws.sqs, URL), again, None, lambda: None)


def test_one_call_that_aws_refuses_is_one_message_that_failed():
    stack = a_stack()

    def again(letter):
        if letter.id == "a":
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slower"}}, "Publish")

    with answering(
        stack, "sqs", ("receive_message", received("a", "b")), ("delete_message", {}), ("receive_message", {})
    ):
        outcome = _replayed(stack, again)

    assert (outcome.replayed, outcome.kept) == (1, 1)
    assert "Throttling" in outcome.failed[0]


def test_an_interruption_leaves_no_message_that_was_replayed():
    """What was begun is brought to its end: told again, and deleted."""
    stack = a_stack()
    replayed = []

    def interrupted():
        raise KeyboardInterrupt

    with answering(stack, "sqs", ("receive_message", received("a", "b")), *[("delete_message", {})] * 2):
        letters = Letters(stack.aws.sqs, URL)
        with pytest.raises(KeyboardInterrupt):
            command._replay(FAILED_EVENTS, letters, replayed.append, None, interrupted)

    assert len(replayed) == 2


def test_failures_in_a_row_mean_that_the_cause_is_still_there():
    outcome = Outcome("failed-events")
    for _ in range(HOPELESS - 1):
        outcome.failure("x")
    outcome.success()
    outcome.failure("x")

    assert not outcome.gave_up
    for _ in range(HOPELESS):
        outcome.failure("x")
    assert outcome.gave_up


def test_an_event_that_lambda_does_not_run_now_has_failed_again_and_is_kept():
    stack = a_stack()
    with (
        answering(stack, "lambda", *[("invoke", "TooManyRequestsException")]),
        pytest.raises(FailedAgainError, match="Lambda does not run it now: TooManyRequestsException!"),
    ):
        failed_events.Retelling(stack).replay(letter(EVENT))


def test_copies_of_one_event_are_told_one_after_another(monkeypatch):
    """Notify refuses an event that another invocation is telling."""
    both = threading.Barrier(2, timeout=0.5)
    alone = []

    def tell(_, event):
        try:
            both.wait()
        except threading.BrokenBarrierError:
            alone.append(event)
        return ""

    monkeypatch.setattr(failed_events, "tell", tell)
    retelling = failed_events.Retelling(a_stack())
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(retelling.replay, [letter(EVENT), letter({"requestPayload": EVENT})]))

    assert alone == [EVENT, EVENT]
