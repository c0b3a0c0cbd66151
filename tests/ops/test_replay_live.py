"""`replay` on a running stack: what failed is told once, and only once, and is deleted only then."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager

import pytest

from ops.reading.subscriptions import own_address
from tests.e2e.stack import EVERYONE, wait_until
from tests.ops.breakages import BROKEN_TOPIC, SWITCHED_OFF, everyones
from tests.ops.live import unique


@pytest.fixture
def mended(healthy):
    """After the test notify has worked again, so that nobody calls it failing."""
    yield healthy
    healthy.settle()


@pytest.fixture
def failed(mended):
    """failed(count) makes so many uploads fail for good by a broken topic, repairs it, and returns their keys."""

    def fail(count: int) -> list[str]:
        with BROKEN_TOPIC.on(mended), at_the_first_attempt(mended):
            keys = mended.upload_many(f"failed/{unique()}", count)
            wait_until(lambda: mended.kept("failedEventsQueueUrl") >= count, f"no {count} failed events", seconds=120)
        return keys

    return fail


@contextmanager
def at_the_first_attempt(live):
    """Lambda gives up at once: what comes of a failure is the same after one attempt as after three."""
    lambda_, name = live.aws.lambda_, live.outputs["notifyFunctionName"]
    found = lambda_.get_function_event_invoke_config(FunctionName=name)
    before = {key: found[key] for key in ("MaximumRetryAttempts", "DestinationConfig") if key in found}
    lambda_.put_function_event_invoke_config(FunctionName=name, **{**before, "MaximumRetryAttempts": 0})
    try:
        yield
    finally:
        lambda_.put_function_event_invoke_config(FunctionName=name, **before)


def test_failed_events_are_told_exactly_once_however_often_they_are_replayed(healthy, failed, size):
    """200 of them at full size."""
    keys = failed(size(200))
    folder = keys[0].rpartition("/")[0]

    first = healthy.told("replay")
    once = Counter(healthy.mailed(folder))
    second = healthy.told("replay")
    healthy.settle()

    assert [(one["queue"], one["replayed"], one["failed"]) for one in first["queues"] if one["found"]] == [
        ("failed-events", len(keys), [])
    ]
    assert once == dict.fromkeys(keys, 1)
    assert [one["found"] for one in second["queues"]] == [0, 0, 0, 0]
    assert Counter(healthy.mailed(folder)) == once
    assert healthy.kept("failedEventsQueueUrl") == 0
    healthy.processed(folder, len(keys))


def test_a_replay_of_an_event_that_was_told_meanwhile_tells_nobody_again(healthy, failed):
    (key,) = failed(1)
    url = healthy.outputs["failedEventsQueueUrl"]
    (message,) = healthy.messages(url, key)
    for _ in range(2):
        healthy.aws.sqs.send_message(QueueUrl=url, MessageBody=message)

    told = healthy.told("replay", "--queue", "failed-events")

    assert told["queues"][0]["replayed"] == 2, told
    healthy.settle()
    assert healthy.mailed(key) == [key]


def test_a_dry_run_says_what_it_would_do_and_does_nothing(healthy, failed):
    (key,) = failed(1)

    answer = healthy.ops("replay", "--queue", "failed-events", "--dry-run")

    assert answer.exit_code == 0
    assert f"failed-events  ObjectCreated:Put {key}" in answer.stdout
    assert "1 would be replayed" in answer.stdout
    assert healthy.kept("failedEventsQueueUrl") == 1
    assert healthy.mailed(key) == []


def test_a_limit_leaves_the_others_where_they_are(healthy, failed):
    failed(3)

    told = healthy.told("replay", "--queue", "failed-events", "--limit", "1")

    assert told["queues"][0]["replayed"] == 1
    assert healthy.kept("failedEventsQueueUrl") == 2


def test_what_fails_again_is_kept_with_the_reason(mended):
    url = mended.outputs["failedEventsQueueUrl"]
    event = {"Records": [{"eventName": "ObjectCreated:Put", "note": unique()}]}
    mended.aws.sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"requestPayload": event}))

    answer = mended.ops("replay", "--queue", "failed-events")

    assert answer.exit_code == 1
    assert "failed-events: 0 replayed, 1 kept" in answer.stdout
    assert "notify failed again: " in answer.stdout
    assert mended.kept("failedEventsQueueUrl") == 1


def test_a_cause_that_is_still_there_ends_the_replay_early(healthy, failed):
    failed(12)
    with SWITCHED_OFF.on(healthy):
        answer = healthy.ops("replay", "--queue", "failed-events")

    assert answer.exit_code == 1
    assert "10 failures in a row: the cause is not put right yet" in answer.stdout
    assert healthy.kept("failedEventsQueueUrl") == 12


def test_a_dead_letter_of_the_work_queue_is_looked_into_after_all(healthy):
    key = f"work/{unique()}.txt"
    healthy.upload(key)
    healthy.processed(key, 1)
    file_id = healthy.rows(key)[key]["id"]["S"]
    message = json.dumps({"schema": "file-notifications/reprocess/1", "id": file_id})
    healthy.aws.dynamodb.update_item(
        TableName=healthy.outputs["tableName"],
        Key={"id": {"S": file_id}},
        UpdateExpression="REMOVE sha256",
    )
    healthy.aws.sqs.send_message(QueueUrl=healthy.outputs["workDeadLettersUrl"], MessageBody=message)

    told = healthy.told("replay", "--queue", "work-dead-letters")

    assert told["queues"][0]["replayed"] == 1
    assert healthy.kept("workDeadLettersUrl") == 0
    wait_until(lambda: "sha256" in healthy.rows(key)[key], "the file was not processed again")


def test_a_dead_letter_of_the_digest_queue_comes_in_the_next_digest(healthy):
    key = f"digest/{unique()}.txt"
    document = {
        "schema": "file-notifications/upload/1",
        "event": "created",
        "eventName": "ObjectCreated:Put",
        "time": "2026-11-23T08:41:07.123Z",
        "by": None,
        "late": None,
        "rules": ["every file"],
        "digest": ["every file"],
        "file": {
            "id": "0" * 32,
            "bucket": healthy.bucket,
            "key": key,
            "region": "us-east-1",
            "size": 1,
            "etag": None,
            "versionId": None,
            "sequencer": None,
        },
        "availableUntil": None,
    }
    healthy.aws.sqs.send_message(QueueUrl=healthy.outputs["digestDeadLettersUrl"], MessageBody=json.dumps(document))

    told = healthy.told("replay", "--queue", "digest-dead-letters")
    healthy.aws.lambda_.invoke(FunctionName=healthy.outputs["digestFunctionName"])

    assert told["queues"][0]["replayed"] == 1
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

    undecided = healthy.ops("replay", "--queue", "undelivered")
    policy = {"deliver": ["every file", own_address(EVERYONE)]}
    healthy.aws.sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=json.dumps(policy)
    )
    try:
        decided = healthy.ops("replay", "--queue", "undelivered")
    finally:
        healthy.aws.sns.set_subscription_attributes(
            SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=json.dumps({"deliver": ["every file"]})
        )

    assert undecided.exit_code == 1
    assert "add --to-everyone" in undecided.stdout
    assert decided.exit_code == 0
    assert [mail.to for mail in healthy.mails(subject)] == [EVERYONE]


def test_nothing_kept_is_nothing_to_do(healthy):
    answer = healthy.ops("replay", "--queue", "failed-events")

    assert answer.exit_code == 0
    assert "nothing is kept: there is nothing to replay" in answer.stdout
