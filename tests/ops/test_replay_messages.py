"""Which messages are received, released, replayed and deleted."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from domain.topology import DIGEST_DEAD_LETTERS, FAILED_EVENTS, WORK_DEAD_LETTERS
from ops.errors import OpsError
from ops.replay import command, dead_letters, failed_events
from ops.replay.command import FAILURES_IN_A_ROW, Outcome
from ops.replay.messages import Message, Messages, NothingToReplayError, ReplayFailedError
from tests.ops.parts import ADVANCED, a_stack, answering, deployed, ops

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


def message(body, **attributes):
    text = body if isinstance(body, str) else json.dumps(body)
    return Message(id="1", receipt="r", body=text, attributes=attributes)


def received(*names):
    return {"Messages": [{"MessageId": name, "ReceiptHandle": f"{name}-r", "Body": "{}"} for name in names]}


def test_the_event_is_taken_out_of_lambdas_record():
    record = {"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": EVENT}

    assert failed_events.event_of(message(record)) == EVENT


def test_a_bare_event_is_replayed_too():
    assert failed_events.event_of(message(EVENT)) == EVENT


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"requestPayload": "text"}'])
def test_a_message_without_an_event_stays(body):
    with pytest.raises(NothingToReplayError):
        failed_events.event_of(message(body))

    assert failed_events.describe(message(body)).startswith("unreadable: ")


def test_an_event_is_described_by_its_files():
    twice = {"Records": EVENT["Records"] * 2}

    assert failed_events.describe(message(EVENT)) == "ObjectCreated:Put a b.pdf"
    assert failed_events.describe(message(twice)).startswith("2 records: ObjectCreated:Put a b.pdf, ")
    assert failed_events.describe(message({"Records": []})) == "an event without records"


def test_a_failed_invocation_of_the_watcher_is_replayed_to_the_watcher(monkeypatch):
    watched, notified = [], []
    monkeypatch.setattr(failed_events, "invoke_watcher", lambda _, event: watched.append(event) or "")
    monkeypatch.setattr(failed_events, "invoke_notify", lambda _, event: notified.append(event) or "")
    window = {"rule": "invoices", "scheduledTime": "2026-11-30T06:00:00Z"}

    failed_events.EventReplayer(a_stack()).replay(message({"requestPayload": window}))

    assert (watched, notified) == ([window], [])
    assert failed_events.describe(message(window)) == "expected invoices by 2026-11-30T06:00:00Z"


def test_a_dead_letter_is_described_by_its_file():
    assert dead_letters.describe(message({"event": "created", "file": {"key": "a\nb"}})) == "created a\\u000ab"
    assert dead_letters.describe(message({"schema": "reprocess", "id": "abc"})) == "process file abc again"
    assert dead_letters.describe(message("\x1b[31m")).startswith("not a message of this system: \\u001b")


def test_a_dead_letter_returns_unchanged():
    stack = a_stack()
    attributes = {"kind": {"DataType": "String", "StringValue": "upload"}}
    expected = {"QueueUrl": URL, "MessageBody": "{}", "MessageAttributes": attributes}
    with answering(stack, "sqs", ("send_message", {}, expected)):
        dead_letters.replay(stack.aws.sqs, URL, message("{}", **attributes))


def test_a_chat_message_returns_for_its_channel_and_may_be_put_off_for_another_hour():
    stack = a_stack()
    channel = {"channel": {"DataType": "String", "StringValue": "ops"}}
    since = {"since": {"DataType": "Number", "StringValue": "1796000000"}}
    expected = {"QueueUrl": URL, "MessageBody": "{}", "MessageAttributes": channel}
    with answering(stack, "sqs", ("send_message", {}, expected)):
        dead_letters.replay(stack.aws.sqs, URL, message("{}", **channel, **since))


@pytest.mark.parametrize("queue", [WORK_DEAD_LETTERS, DIGEST_DEAD_LETTERS])
def test_a_dead_letter_returns_to_the_queue_that_it_came_from(queue):
    stack = a_stack(ADVANCED)
    expected = {"QueueUrl": ADVANCED[f"{queue.source}QueueUrl"], "MessageBody": "{}", "MessageAttributes": {}}
    _, replay = command._means(queue, deployed(stack), missed_by=None)
    with answering(stack, "sqs", ("send_message", {}, expected)):
        replay(message("{}"))


def test_messages_are_received_until_the_queue_is_empty():
    stack = a_stack()
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a", "b")),
        ("receive_message", received("c")),
        ("receive_message", {}),
    ):
        received_ids = [[message.id for message in batch] for batch in Messages(stack.aws.sqs, URL).batches(None)]

    assert received_ids == [["a", "b"], ["c"]]


def test_no_more_messages_are_received_than_the_limit():
    stack = a_stack()
    asked = {
        "QueueUrl": URL,
        "MaxNumberOfMessages": 2,
        "VisibilityTimeout": 600,
        "WaitTimeSeconds": 1,
        "MessageAttributeNames": ["All"],
    }
    with answering(stack, "sqs", ("receive_message", received("a", "b"), asked)):
        assert [len(batch) for batch in Messages(stack.aws.sqs, URL).batches(2)] == [2]


def test_a_message_delivered_twice_is_replayed_once():
    stack = a_stack()
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a")),
        ("receive_message", received("a")),
        ("receive_message", received("a", "b")),
        ("receive_message", {}),
    ):
        received_ids = [[message.id for message in batch] for batch in Messages(stack.aws.sqs, URL).batches(None)]

    assert received_ids == [["a"], ["b"]]


def test_a_message_delivered_twice_is_made_visible_by_its_newest_receipt():
    stack = a_stack()
    newest = {"Messages": [{"MessageId": "a", "ReceiptHandle": "a-newest", "Body": "{}"}]}
    back = {"QueueUrl": URL, "Entries": [{"Id": "0", "ReceiptHandle": "a-newest", "VisibilityTimeout": 0}]}
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a")),
        ("receive_message", newest),
        ("receive_message", {}),
        ("change_message_visibility_batch", given_back(), back),
    ):
        messages = Messages(stack.aws.sqs, URL)
        assert len(list(messages.batches(None))) == 1
        messages.release()


def test_messages_that_were_not_deleted_are_visible_again_at_once():
    stack = a_stack()
    back = {"QueueUrl": URL, "Entries": [{"Id": "0", "ReceiptHandle": "b-r", "VisibilityTimeout": 0}]}
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a", "b")),
        ("delete_message", {}, {"QueueUrl": URL, "ReceiptHandle": "a-r"}),
        ("change_message_visibility_batch", given_back(), back),
    ):
        messages = Messages(stack.aws.sqs, URL)
        first, _ = next(messages.batches(None))
        messages.delete(first)
        messages.release()


def given_back(*codes):
    failed = [{"Id": str(number), "SenderFault": True, "Code": code} for number, code in enumerate(codes)]
    return {"Successful": [], "Failed": failed}


def test_after_a_dry_run_messages_are_visible_at_once(monkeypatch):
    stack = a_stack()
    monkeypatch.setattr("ops.command.choose", lambda **_: stack)
    back = {
        "QueueUrl": stack["failedEventsQueueUrl"],
        "Entries": [{"Id": "0", "ReceiptHandle": "a-r", "VisibilityTimeout": 0}],
    }
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a")),
        ("receive_message", {}),
        ("change_message_visibility_batch", given_back(), back),
    ):
        answer = ops("replay", "--stack", "dev", "--queue", "failed-events", "--dry-run")

    assert (answer.exit_code, "1 would be replayed" in answer.stdout) == (0, True), answer.output


def test_a_message_that_is_visible_already_is_no_error():
    stack = a_stack()
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a")),
        ("change_message_visibility_batch", given_back("AWS.SimpleQueueService.MessageNotInflight")),
    ):
        messages = Messages(stack.aws.sqs, URL)
        next(messages.batches(None))
        messages.release()


def test_a_message_that_stays_invisible_is_reported():
    stack = a_stack()
    with answering(
        stack,
        "sqs",
        ("receive_message", received("a")),
        ("change_message_visibility_batch", given_back("InternalError")),
    ):
        messages = Messages(stack.aws.sqs, URL)
        next(messages.batches(None))
        with pytest.raises(OpsError, match=r"invisible for 10 minutes.*\(InternalError\)"):
            messages.release()


def test_a_refusal_in_the_first_batch_does_not_keep_the_rest_invisible():
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
        messages = Messages(stack.aws.sqs, URL)
        list(messages.batches(None))
        with pytest.raises(OpsError):
            messages.release()


def test_a_replayed_message_that_cannot_be_deleted_is_reported_as_remaining():
    stack = a_stack()
    with answering(
        stack, "sqs", ("receive_message", received("a")), ("delete_message", "AccessDenied"), ("receive_message", {})
    ):
        outcome = _replayed(stack, lambda _: None)

    assert outcome.remaining == 1
    assert "replayed, but still in the queue" in outcome.failed[0]


def _replayed(stack, again):
    return command._replay(FAILED_EVENTS, Messages(stack.aws.sqs, URL), again, None, lambda: None)


def test_a_call_that_aws_refuses_is_one_failed_message():
    stack = a_stack()

    def again(message):
        if message.id == "a":
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slower"}}, "Publish")

    with answering(
        stack, "sqs", ("receive_message", received("a", "b")), ("delete_message", {}), ("receive_message", {})
    ):
        outcome = _replayed(stack, again)

    assert (outcome.replayed, outcome.remaining) == (1, 1)
    assert "Throttling" in outcome.failed[0]


def test_an_interruption_leaves_no_replayed_message_in_the_queue():
    """A replay that has started is finished: replayed, and deleted."""
    stack = a_stack()
    replayed = []

    def interrupted():
        raise KeyboardInterrupt

    with answering(stack, "sqs", ("receive_message", received("a", "b")), *[("delete_message", {})] * 2):
        messages = Messages(stack.aws.sqs, URL)
        with pytest.raises(KeyboardInterrupt):
            command._replay(FAILED_EVENTS, messages, replayed.append, None, interrupted)

    assert len(replayed) == 2


def test_after_failures_in_a_row_no_further_message_is_received():
    stack = a_stack()

    def again(_message):
        raise ReplayFailedError("down")

    with answering(stack, "sqs", ("receive_message", received(*(f"{n}" for n in range(FAILURES_IN_A_ROW))))):
        outcome = _replayed(stack, again)

    assert (outcome.gave_up, outcome.remaining) == (True, FAILURES_IN_A_ROW)


def test_messages_that_hold_nothing_to_replay_keep_no_other_one_from_being_replayed():
    stack = a_stack()
    poison = [f"{n}" for n in range(FAILURES_IN_A_ROW)]

    def again(message):
        if message.id != "event":
            raise NothingToReplayError("no event")

    calls = [("receive_message", received(*poison)), ("receive_message", received("event"))]
    with answering(stack, "sqs", *calls, ("delete_message", {}), ("receive_message", {})):
        outcome = _replayed(stack, again)

    assert (outcome.gave_up, outcome.replayed, outcome.remaining) == (False, 1, FAILURES_IN_A_ROW)
    assert outcome.failed == ["no event"] * FAILURES_IN_A_ROW


def test_failures_in_a_row_mean_that_the_cause_is_not_fixed():
    outcome = Outcome("failed-events")
    for _ in range(FAILURES_IN_A_ROW - 1):
        outcome.failure("x")
    outcome.success()
    outcome.failure("x")

    assert not outcome.gave_up
    for _ in range(FAILURES_IN_A_ROW):
        outcome.failure("x")
    assert outcome.gave_up


def test_an_event_that_lambda_throttles_has_failed_again():
    stack = a_stack()
    with (
        answering(stack, "lambda", *[("invoke", "TooManyRequestsException")]),
        pytest.raises(ReplayFailedError, match="Lambda throttles it: TooManyRequestsException!"),
    ):
        failed_events.EventReplayer(stack).replay(message(EVENT))


def test_copies_of_one_event_are_replayed_one_after_another(monkeypatch):
    """Notify refuses an event that another invocation has claimed."""
    both = threading.Barrier(2, timeout=0.5)
    alone = []

    def invoke_notify(_, event):
        try:
            both.wait()
        except threading.BrokenBarrierError:
            alone.append(event)
        return ""

    monkeypatch.setattr(failed_events, "invoke_notify", invoke_notify)
    replayer = failed_events.EventReplayer(a_stack())
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(replayer.replay, [message(EVENT), message({"requestPayload": EVENT})]))

    assert alone == [EVENT, EVENT]
