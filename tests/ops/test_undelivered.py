"""Whom an undelivered notification missed, and how just that one is reached."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.reading.subscriptions import own_address
from ops.replay.letters import FailedAgainError, Letter, UndecidedError
from ops.replay.undelivered import Resender, matches
from tests.ops.parts import ACCOUNT, REGION, TOPIC, a_stack, a_subscription, answering

WORK = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
DOCUMENT = {
    "schema": "file-notifications/upload/1",
    "event": "created",
    "rules": ["every file"],
    "digest": [],
    "file": {"key": "a.pdf"},
}
ENVELOPE = {
    "Type": "Notification",
    "TopicArn": TOPIC,
    "Subject": "a.pdf arrived",
    "Message": "a.pdf arrived.",
    "UnsubscribeURL": f"https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={TOPIC}:1",
}


def letter(body: Any) -> Letter:
    return Letter(id="1", receipt="r", body=body if isinstance(body, str) else json.dumps(body))


def a_queue_subscription(name="work", **changes):
    policy = {"kind": ["upload"], "event": ["created"]}
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    return a_subscription(arn, "sqs", **{"filter_policy": policy, **changes})


def resender(stack, *listening, to_everyone=False):
    return Resender(stack=stack, listening=listening, to_everyone=to_everyone)


def published(values, routing="deliver", **more):
    return {
        "TopicArn": TOPIC,
        "Subject": "a.pdf arrived",
        "Message": "a.pdf arrived.",
        "MessageAttributes": {
            routing: {"DataType": "String.Array", "StringValue": json.dumps(values)},
            **more,
        },
    }


def test_a_queue_that_missed_a_notification_gets_it_directly():
    stack = a_stack()
    asked = {"QueueName": "work", "QueueOwnerAWSAccountId": ACCOUNT}
    sent = {"QueueUrl": "https://work", "MessageBody": json.dumps(DOCUMENT)}
    with answering(stack, "sqs", ("get_queue_url", {"QueueUrl": "https://work"}, asked), ("send_message", {}, sent)):
        resender(stack, a_subscription(), a_queue_subscription()).replay(letter(DOCUMENT))


def test_a_phone_that_missed_a_notification_gets_it_directly():
    stack = a_stack()
    sent = {"PhoneNumber": "+84901234567", "Message": "a.pdf arrived."}
    with answering(stack, "sns", ("publish", {}, sent)):
        resender(stack, a_subscription("+84901234567", "sms")).replay(letter(ENVELOPE))


def test_a_mailbox_with_an_address_of_its_own_is_reached_alone():
    stack, own = a_stack(), own_address("ann@example.com")
    ann = a_subscription(filter_policy={"deliver": ["every file", own]})
    with answering(stack, "sns", ("publish", {}, published([own]))):
        resender(stack, ann).replay(letter(ENVELOPE))


def test_a_webhook_with_an_address_of_its_own_is_reached_alone_and_past_the_stacks_queues():
    stack, own = a_stack(), own_address("https://hooks.example.com/")
    hook = a_subscription(
        "https://hooks.example.com/", "https", filter_policy={"kind": ["upload"], "rules": [own, "x"]}
    )
    sent = published([own], "rules", kind={"DataType": "String", "StringValue": "upload"})
    with answering(stack, "sns", ("publish", {}, sent)):
        resender(stack, hook).replay(letter(ENVELOPE))

    attributes = {"rules": [own], "kind": ["upload"]}
    assert matches(hook.filter_policy, attributes)
    assert not matches(a_queue_subscription().filter_policy, attributes)


def test_a_mailbox_without_one_is_left_to_a_decision():
    stack = a_stack()
    with answering(stack, "sns"), pytest.raises(UndecidedError, match="everybody else of its rules"):
        resender(stack, a_subscription()).replay(letter(ENVELOPE))


def test_everybody_of_the_rules_gets_it_if_that_was_decided():
    stack = a_stack()
    with answering(stack, "sns", ("publish", {}, published(["every file"]))):
        resender(stack, a_subscription(), to_everyone=True).replay(letter(ENVELOPE))


def test_nothing_is_sent_to_somebody_who_has_not_confirmed():
    stack = a_stack()
    with answering(stack, "sns"), pytest.raises(FailedAgainError, match="has not confirmed"):
        resender(stack, a_subscription(is_pending=True), to_everyone=True).replay(letter(ENVELOPE))


def test_a_notification_of_a_subscription_that_is_gone_is_kept():
    with pytest.raises(FailedAgainError, match="is gone"):
        resender(a_stack(), a_subscription(arn=f"{TOPIC}:2")).replay(letter(ENVELOPE))


def test_a_raw_message_that_fits_two_queues_is_left_to_a_decision():
    with pytest.raises(UndecidedError, match="work, audit"):
        resender(a_stack(), a_queue_subscription(), a_queue_subscription("audit")).replay(letter(DOCUMENT))


@pytest.mark.parametrize("body", ["no JSON", "[]", '{"schema": "another"}'])
def test_a_message_of_somebody_else_is_kept(body):
    with pytest.raises(FailedAgainError):
        resender(a_stack(), a_queue_subscription()).replay(letter(body))


def test_a_raw_message_that_nobody_takes_any_more_is_kept():
    with pytest.raises(FailedAgainError, match="no queue is subscribed"):
        resender(a_stack(), a_subscription()).replay(letter(DOCUMENT))


def test_a_notification_is_described_with_whom_it_missed():
    one = resender(a_stack(), a_subscription(), a_queue_subscription(arn=f"{TOPIC}:2"))

    assert one.describe(letter(ENVELOPE)) == "a.pdf arrived → ann@example.com"
    assert one.describe(letter(DOCUMENT)) == f"a.pdf → {WORK}"
    assert "? (" in one.describe(letter("no JSON"))


@pytest.mark.parametrize(
    ("policy", "fits"),
    [
        ({}, True),
        ({"event": ["created"]}, True),
        ({"event": ["removed"]}, False),
        ({"digest": [{"exists": True}]}, False),
        ({"kind": ["upload"], "rules": ["a", "every file"]}, True),
    ],
)
def test_a_filter_policy_lets_a_document_through_or_not(policy, fits):
    attributes = {"kind": ["upload"], "event": ["created"], "rules": ["every file"]}

    assert matches(policy, attributes) is fits


def test_what_comes_back_after_everybody_got_it_is_not_sent_in_circles():
    stack = a_stack()
    again = resender(stack, a_subscription(), to_everyone=True)
    with answering(stack, "sns", ("publish", {}, published(["every file"]))):
        again.replay(letter({**ENVELOPE, "MessageId": "the first"}))
        with pytest.raises(FailedAgainError, match="this time either"):
            again.replay(letter({**ENVELOPE, "MessageId": "its repetition"}))


def test_a_notification_that_sns_refused_was_not_sent_and_its_copy_is():
    stack = a_stack()
    again = resender(stack, a_subscription(), to_everyone=True)
    with answering(stack, "sns", ("publish", "Throttled"), ("publish", {}, published(["every file"]))):
        with pytest.raises(ClientError):
            again.replay(letter({**ENVELOPE, "MessageId": "the first"}))
        again.replay(letter({**ENVELOPE, "MessageId": "its repetition"}))
