"""`replay` on a running stack: what failed is notified exactly once, and deleted only then."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager

import pytest

from domain.events import FileEvent
from domain.messages import upload_payload
from tests.e2e.stack import EVERYONE, wait_until
from tests.ops.breakages import BROKEN_TOPIC, SWITCHED_OFF, everyones
from tests.ops.live import unique


@pytest.fixture
def repaired(healthy):
    """After the test notify has succeeded again, so that doctor does not report it as failing."""
    yield healthy
    healthy.settle()


@pytest.fixture
def failed(repaired):
    """failed(count) makes so many uploads fail for good by a broken topic, repairs it, and returns their keys."""

    def fail(count: int) -> list[str]:
        with BROKEN_TOPIC.on(repaired), at_the_first_attempt(repaired):
            keys = repaired.upload_many(f"failed/{unique()}", count)
            wait_until(lambda: repaired.messages_in("failedEventsQueueUrl") >= count, f"no {count} failed events")
        return keys

    return fail


@contextmanager
def at_the_first_attempt(live):
    """Lambda gives up at once: the outcome is the same after one attempt as after three."""
    lambda_, name = live.aws.lambda_, live.outputs["notifyFunctionName"]
    config = lambda_.get_function_event_invoke_config(FunctionName=name)
    before = {key: config[key] for key in ("MaximumRetryAttempts", "DestinationConfig") if key in config}
    lambda_.put_function_event_invoke_config(FunctionName=name, **{**before, "MaximumRetryAttempts": 0})
    try:
        yield
    finally:
        lambda_.put_function_event_invoke_config(FunctionName=name, **before)


def test_failed_events_are_notified_exactly_once_in_any_number_of_replays(healthy, failed, size):
    """200 of them at full size."""
    keys = failed(size(200))
    folder = keys[0].rpartition("/")[0]

    first = healthy.document("replay")
    once = Counter(healthy.mailed(folder))
    second = healthy.document("replay")
    healthy.settle()

    assert [(queue["queue"], queue["replayed"], queue["failed"]) for queue in first["queues"] if queue["found"]] == [
        ("failed-events", len(keys), [])
    ]
    assert once == dict.fromkeys(keys, 1)
    assert [queue["found"] for queue in second["queues"]] == [0, 0, 0, 0]
    assert Counter(healthy.mailed(folder)) == once
    assert healthy.messages_in("failedEventsQueueUrl") == 0
    healthy.processed(folder, len(keys))


def test_copies_of_a_replayed_event_notify_nobody_again(healthy, failed):
    (key,) = failed(1)
    url = healthy.outputs["failedEventsQueueUrl"]
    (message,) = healthy.messages(url, key)
    for _ in range(2):
        healthy.aws.sqs.send_message(QueueUrl=url, MessageBody=message)

    result = healthy.document("replay", "--queue", "failed-events")

    assert result["queues"][0]["replayed"] == 2, result
    healthy.settle()
    assert healthy.mailed(key) == [key]


def test_a_dry_run_lists_and_changes_nothing(healthy, failed):
    (key,) = failed(1)

    answer = healthy.ops("replay", "--queue", "failed-events", "--dry-run")

    assert answer.exit_code == 0
    assert f"failed-events  ObjectCreated:Put {key}" in answer.stdout
    assert "1 would be replayed" in answer.stdout
    assert healthy.messages_in("failedEventsQueueUrl") == 1
    assert healthy.mailed(key) == []


def test_a_limit_leaves_the_rest_in_the_queue(healthy, failed):
    failed(3)

    result = healthy.document("replay", "--queue", "failed-events", "--limit", "1")

    assert result["queues"][0]["replayed"] == 1
    assert healthy.messages_in("failedEventsQueueUrl") == 2


def test_a_message_that_fails_again_stays_with_its_reason_shown(repaired):
    url = repaired.outputs["failedEventsQueueUrl"]
    event = {"Records": [{"eventName": "ObjectCreated:Put", "note": unique()}]}
    repaired.aws.sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"requestPayload": event}))

    answer = repaired.ops("replay", "--queue", "failed-events")

    assert answer.exit_code == 1
    assert "failed-events: 0 replayed, 1 remaining" in answer.stdout
    assert "notify failed again: " in answer.stdout
    assert repaired.messages_in("failedEventsQueueUrl") == 1


def test_a_cause_that_is_not_fixed_ends_the_replay_early(healthy, failed):
    failed(12)
    with SWITCHED_OFF.on(healthy):
        answer = healthy.ops("replay", "--queue", "failed-events")

    assert answer.exit_code == 1
    assert "10 failures in a row: the cause is not fixed yet" in answer.stdout
    assert healthy.messages_in("failedEventsQueueUrl") == 12


def test_a_dead_letter_of_the_work_queue_is_processed(healthy):
    key = f"work/{unique()}.txt"
    healthy.upload(key)
    healthy.processed(key, 1)
    file_id = healthy.items(key)[key]["id"]["S"]
    message = json.dumps({"schema": "file-notifications/reprocess/1", "id": file_id})
    healthy.aws.dynamodb.update_item(
        TableName=healthy.outputs["tableName"],
        Key={"id": {"S": file_id}},
        UpdateExpression="REMOVE sha256",
    )
    healthy.aws.sqs.send_message(QueueUrl=healthy.outputs["workDeadLettersUrl"], MessageBody=message)

    result = healthy.document("replay", "--queue", "work-dead-letters")

    assert result["queues"][0]["replayed"] == 1
    assert healthy.messages_in("workDeadLettersUrl") == 0
    wait_until(lambda: "sha256" in healthy.items(key)[key], "the file was not processed again")


def test_a_dead_letter_of_the_digest_queue_is_in_the_next_digest(healthy):
    key = f"digest/{unique()}.txt"
    event = FileEvent(
        action="created",
        name="ObjectCreated:Put",
        bucket=healthy.bucket,
        key=key,
        region="us-east-1",
        time="2026-11-23T08:41:07.123Z",
        size=1,
    )
    payload = upload_payload(event, rules=["every file"], digest=["every file"], late=None, page=None, console="")
    healthy.aws.sqs.send_message(QueueUrl=healthy.outputs["digestDeadLettersUrl"], MessageBody=json.dumps(payload))

    result = healthy.document("replay", "--queue", "digest-dead-letters")
    healthy.aws.lambda_.invoke(FunctionName=healthy.outputs["digestFunctionName"])

    assert result["queues"][0]["replayed"] == 1
    assert len(healthy.wait_for_mails(key)) == 1


def test_an_undelivered_notification_reaches_the_one_mailbox_that_missed_it(healthy):
    subject = unique()
    arn = everyones(healthy)
    envelope = {
        "Type": "Notification",
        "Subject": subject,
        "Message": f"about {subject}",
        "UnsubscribeURL": f"https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={arn}",
    }
    healthy.aws.sqs.send_message(QueueUrl=healthy.outputs["undeliveredQueueUrl"], MessageBody=json.dumps(envelope))

    with another_recipient_of_the_rule(healthy):
        answer = healthy.ops("replay", "--queue", "undelivered")

    assert answer.exit_code == 0, answer.output
    assert [mail.to for mail in healthy.mails(subject)] == [EVERYONE]


@contextmanager
def another_recipient_of_the_rule(live):
    policy = {"FilterPolicy": json.dumps({"deliver": ["every file"]})}
    arn = live.aws.sns.subscribe(
        TopicArn=live.outputs["topicArn"],
        Protocol="email",
        Endpoint="neighbour@example.com",
        Attributes=policy,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    try:
        yield
    finally:
        live.aws.sns.unsubscribe(SubscriptionArn=arn)


def test_empty_queues_are_nothing_to_do(healthy):
    answer = healthy.ops("replay", "--queue", "failed-events")

    assert answer.exit_code == 0
    assert "the queues are empty: there is nothing to replay" in answer.stdout
