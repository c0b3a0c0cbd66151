"""The subscriptions of a topic, as SNS lists them."""

from __future__ import annotations

from ops.reading.subscriptions import subscriptions
from tests.ops.parts import TOPIC, a_stack, answering

ANN = {"PendingConfirmation": "false", "Endpoint": "ann@example.com"}


def listed(*arns):
    return {
        "Subscriptions": [
            {"SubscriptionArn": arn, "Protocol": "email", "Endpoint": "ann@example.com", "TopicArn": TOPIC}
            for arn in arns
        ]
    }


def asked(arn):
    return {"SubscriptionArn": arn}


def read(*answers):
    stack = a_stack()
    with answering(stack, "sns", *answers):
        return [(subscription.arn, subscription.is_pending) for subscription in subscriptions(stack.aws.sns, TOPIC)]


def test_a_pending_subscription_has_no_attributes():
    assert read(("list_subscriptions_by_topic", listed("PendingConfirmation"))) == [("PendingConfirmation", True)]


def test_a_subscription_that_ended_is_left_out_though_sns_still_lists_it():
    attributes = ("get_subscription_attributes", {"Attributes": ANN}, asked(f"{TOPIC}:1"))

    listing = read(("list_subscriptions_by_topic", listed("Deleted", f"{TOPIC}:1")), attributes)

    assert listing == [(f"{TOPIC}:1", False)]


def test_a_subscription_that_ends_while_it_is_read_is_left_out():
    gone = ("get_subscription_attributes", "NotFound", asked(f"{TOPIC}:1"))

    assert read(("list_subscriptions_by_topic", listed(f"{TOPIC}:1")), gone) == []
