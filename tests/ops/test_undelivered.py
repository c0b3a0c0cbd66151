"""Which recipient missed an undelivered notification, and how it alone is reached."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from domain.topology import DIGEST_FILTER, WORK_FILTER, own_address
from ops.replay.messages import AmbiguousError, Message, NothingToReplayError, ReplayFailedError
from ops.replay.undelivered import Resender, matches
from tests.ops.parts import ACCOUNT, REGION, TOPIC, a_stack, a_subscription, answering

WORK = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
AUDIT = f"arn:aws:sqs:{REGION}:{ACCOUNT}:audit"
HOOK = "https://hooks.example.com/"
ANN = own_address("ann@example.com")
PAYLOAD = {
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


def message(body: Any) -> Message:
    return Message(id="1", receipt="r", body=body if isinstance(body, str) else json.dumps(body))


def a_queue_subscription(endpoint=WORK, **changes):
    return a_subscription(endpoint, "sqs", **{"filter_policy": WORK_FILTER, **changes})


def resender(stack, *subscriptions, queue=None):
    return Resender(stack=stack, subscriptions=subscriptions, queue=queue)


def published(**address):
    return {
        "TopicArn": TOPIC,
        "Subject": "a.pdf arrived",
        "Message": "a.pdf arrived.",
        "MessageAttributes": {
            name: {"DataType": "String.Array", "StringValue": json.dumps(values)} for name, values in address.items()
        },
    }


def sent_to(queue, payload=PAYLOAD):
    name = queue.rpartition(":")[2]
    return (
        ("get_queue_url", {"QueueUrl": f"https://{name}"}, {"QueueName": name, "QueueOwnerAWSAccountId": ACCOUNT}),
        ("send_message", {}, {"QueueUrl": f"https://{name}", "MessageBody": json.dumps(payload)}),
    )


def test_a_queue_that_missed_a_notification_gets_it_directly():
    stack = a_stack()
    with answering(stack, "sqs", *sent_to(WORK)):
        resender(stack, a_subscription(), a_queue_subscription()).replay(message(PAYLOAD))


def test_a_phone_that_missed_a_notification_gets_it_directly():
    stack = a_stack()
    sent = {"PhoneNumber": "+84901234567", "Message": "a.pdf arrived."}
    with answering(stack, "sns", ("publish", {}, sent)):
        resender(stack, a_subscription("+84901234567", "sms")).replay(message(ENVELOPE))


def test_a_mailbox_is_reached_alone_by_its_own_address():
    stack = a_stack()
    with answering(stack, "sns", ("publish", {}, published(deliver=[ANN]))):
        resender(stack, a_subscription()).replay(message(ENVELOPE))


@pytest.mark.parametrize(
    ("endpoint", "protocol"), [(HOOK, "https"), (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", "lambda")]
)
def test_a_system_is_reached_alone_by_its_own_address(endpoint, protocol):
    stack = a_stack()
    address = {"kind": ["upload"], "rules": [own_address(endpoint)]}
    policy = {"kind": ["upload"], "rules": ["every file", own_address(endpoint)]}
    with answering(stack, "sns", ("publish", {}, published(**address))):
        resender(stack, a_subscription(endpoint, protocol, filter_policy=policy)).replay(message(ENVELOPE))

    assert [matches(own, address) for own in (WORK_FILTER, DIGEST_FILTER)] == [False, False]


@pytest.mark.parametrize(
    "policy", [{"deliver": ["every file"]}, {"deliver": ["every file", own_address("b@example.com")]}]
)
def test_a_subscription_without_its_own_address_is_refused_with_the_update(policy):
    stack = a_stack()
    with (
        answering(stack, "sns"),
        pytest.raises(ReplayFailedError, match=r"lacks its own address.*pulumi up --refresh --stack dev"),
    ):
        resender(stack, a_subscription(filter_policy=policy)).replay(message(ENVELOPE))


def test_a_recipient_of_a_protocol_that_no_rule_can_name_is_refused():
    stack = a_stack()
    with answering(stack, "sns"), pytest.raises(NothingToReplayError, match="was subscribed by hand, by firehose"):
        resender(stack, a_subscription("arn:aws:firehose:…", "firehose")).replay(message(ENVELOPE))


def test_nothing_is_sent_to_a_pending_subscription():
    stack = a_stack()
    with answering(stack, "sns"), pytest.raises(NothingToReplayError, match="has not confirmed"):
        resender(stack, a_subscription(is_pending=True)).replay(message(ENVELOPE))


def test_a_notification_of_a_deleted_subscription_stays():
    with pytest.raises(NothingToReplayError, match="no longer exists"):
        resender(a_stack(), a_subscription(arn=f"{TOPIC}:2")).replay(message(ENVELOPE))


def test_a_finding_is_sent_to_the_queue_of_its_rule_and_not_to_the_work_queue():
    stack = a_stack()
    finding = {**PAYLOAD, "schema": "file-notifications/upload/2", "event": "broken", "rules": ["broken"]}
    audit = a_queue_subscription(AUDIT, filter_policy={"kind": ["upload"], "rules": ["broken", own_address(AUDIT)]})
    with answering(stack, "sqs", *sent_to(AUDIT, finding)):
        resender(stack, a_queue_subscription(), audit).replay(message(finding))


def test_a_raw_message_that_fits_two_queues_is_ambiguous():
    with pytest.raises(AmbiguousError, match=f"{WORK}, {AUDIT}"):
        resender(a_stack(), a_queue_subscription(), a_queue_subscription(AUDIT)).replay(message(PAYLOAD))


def test_a_raw_message_that_fits_two_queues_is_sent_to_the_one_that_missed_it():
    stack = a_stack()
    both = a_queue_subscription(), a_queue_subscription(AUDIT)
    with answering(stack, "sqs", *sent_to(AUDIT)):
        resender(stack, *both, queue=AUDIT).replay(message(PAYLOAD))


def test_a_raw_message_is_not_sent_to_a_named_queue_that_it_does_not_fit():
    with pytest.raises(NothingToReplayError, match=f"no queue is subscribed to such notifications as {AUDIT}"):
        resender(a_stack(), a_queue_subscription(), queue=AUDIT).replay(message(PAYLOAD))


@pytest.mark.parametrize(
    "body", ["no JSON", "[]", '{"schema": "another"}', '{"schema": "file-notifications/upload/1"}']
)
def test_a_message_of_another_system_stays(body):
    with pytest.raises(NothingToReplayError):
        resender(a_stack(), a_queue_subscription()).replay(message(body))


def test_a_raw_message_that_fits_no_queue_stays():
    with pytest.raises(NothingToReplayError, match="no queue is subscribed"):
        resender(a_stack(), a_subscription()).replay(message(PAYLOAD))


def test_a_notification_is_described_with_the_recipient_that_missed_it():
    described = resender(a_stack(), a_subscription(), a_queue_subscription(WORK, arn=f"{TOPIC}:2")).describe

    assert described(message(ENVELOPE)) == "a.pdf arrived → ann@example.com"
    assert described(message(PAYLOAD)) == f"a.pdf → {WORK}"
    assert "? (" in described(message("no JSON"))


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
def test_a_filter_policy_lets_attributes_through_or_not(policy, fits):
    attributes = {"kind": ["upload"], "event": ["created"], "rules": ["every file"]}

    assert matches(policy, attributes) is fits


def test_a_repetition_that_is_undelivered_again_is_not_sent_in_circles():
    stack = a_stack()
    again = resender(stack, a_subscription())
    with answering(stack, "sns", ("publish", {}, published(deliver=[ANN]))):
        again.replay(message({**ENVELOPE, "MessageId": "the first"}))
        with pytest.raises(ReplayFailedError, match="this time either"):
            again.replay(message({**ENVELOPE, "MessageId": "its repetition"}))


def test_a_copy_of_a_notification_that_sns_refused_is_sent():
    stack = a_stack()
    again = resender(stack, a_subscription())
    with answering(stack, "sns", ("publish", "Throttled"), ("publish", {}, published(deliver=[ANN]))):
        with pytest.raises(ClientError):
            again.replay(message({**ENVELOPE, "MessageId": "the first"}))
        again.replay(message({**ENVELOPE, "MessageId": "its repetition"}))
