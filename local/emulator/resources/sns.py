"""Topics and who is subscribed to them."""

from __future__ import annotations

import json
from typing import ClassVar

from local.emulator.aws import ACCOUNT, Aws
from local.emulator.errors import LocalError
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, Setting

# Attribute: (property, AWS's default).
_TOPIC = {
    "DisplayName": ("displayName", ""),
    "KmsMasterKeyId": ("kmsMasterKeyId", ""),
    "DeliveryPolicy": ("deliveryPolicy", ""),
    "SignatureVersion": ("signatureVersion", "1"),
    "TracingConfig": ("tracingConfig", "PassThrough"),
}
_SUBSCRIPTION = {
    "DeliveryPolicy": ("deliveryPolicy", ""),
    "FilterPolicy": ("filterPolicy", ""),
    "FilterPolicyScope": ("filterPolicyScope", "MessageAttributes"),
    "RawMessageDelivery": ("rawMessageDelivery", False),
    "RedrivePolicy": ("redrivePolicy", ""),
}
_DELIVERED = frozenset({"email", "sms", "sqs", "lambda", "http", "https"})


class UndeliverableProtocolError(LocalError):
    """The embedded AWS would accept this subscription and never deliver to it."""


class Topic(Kind):
    pulumi_type = "aws:sns/topic:Topic"
    accepts = frozenset({"name", *(name for name, _ in _TOPIC.values())})
    replaces = frozenset({"name"})
    auto_name: ClassVar = AutoName("name", 256)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        given = {attribute: str(inputs[name]) for attribute, (name, _) in _TOPIC.items() if name in inputs}
        arn = aws.sns.create_topic(Name=inputs["name"], Attributes=given)["TopicArn"]
        return Made(arn, inputs, {"arn": arn, "owner": ACCOUNT})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        for attribute, (name, default) in _TOPIC.items():
            if made.inputs.get(name) != inputs.get(name):
                aws.sns.set_topic_attributes(
                    TopicArn=made.id, AttributeName=attribute, AttributeValue=str(inputs.get(name, default))
                )
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.sns.delete_topic(TopicArn=made.id)


class TopicPolicy(Setting):
    pulumi_type = "aws:sns/topicPolicy:TopicPolicy"
    accepts = frozenset({"arn", "policy"})
    replaces = frozenset({"arn"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        _write_policy(aws, inputs["arn"], inputs["policy"])
        return Made(inputs["arn"], inputs, {"owner": ACCOUNT})

    def delete(self, aws: Aws, made: Made) -> None:
        """A topic always has a policy; without ours it is AWS's default again: the owner's account, and nobody else."""
        owner = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes"],
            "Resource": made.id,
            "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
        }
        _write_policy(aws, made.id, json.dumps({"Version": "2008-10-17", "Statement": [owner]}))


class TopicSubscription(Kind):
    pulumi_type = "aws:sns/topicSubscription:TopicSubscription"
    accepts = frozenset({"topic", "protocol", "endpoint", *(name for name, _ in _SUBSCRIPTION.values())})
    replaces = frozenset({"topic", "protocol", "endpoint"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        if inputs["protocol"] not in _DELIVERED:
            raise UndeliverableProtocolError(
                f"protocol is {inputs['protocol']!r}; the embedded AWS delivers to {', '.join(sorted(_DELIVERED))}"
            )
        aws.sns.subscribe(TopicArn=inputs["topic"], Protocol=inputs["protocol"], Endpoint=inputs["endpoint"])
        made = Made(self._arn(aws, inputs), {}, {})
        _write_attributes(aws, made, inputs)
        pending = inputs["protocol"] in ("http", "https")
        return Made(made.id, inputs, {"arn": made.id, "ownerId": ACCOUNT, "pendingConfirmation": pending})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        _write_attributes(aws, made, inputs)
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.sns.unsubscribe(SubscriptionArn=made.id)

    def _arn(self, aws: Aws, inputs: Inputs) -> str:
        """Looked up, because the answer for a subscription that waits for its confirmation holds no ARN."""
        pages = aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=inputs["topic"])
        return next(
            found["SubscriptionArn"]
            for page in pages
            for found in page["Subscriptions"]
            if (found["Protocol"], found["Endpoint"]) == (inputs["protocol"], inputs["endpoint"])
        )


def _write_policy(aws: Aws, arn: str, policy: str) -> None:
    aws.sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _write_attributes(aws: Aws, made: Made, inputs: Inputs) -> None:
    for attribute, (name, default) in _SUBSCRIPTION.items():
        if made.inputs.get(name) != inputs.get(name):
            value = inputs.get(name, default)
            text = str(value).lower() if isinstance(value, bool) else str(value)
            aws.sns.set_subscription_attributes(SubscriptionArn=made.id, AttributeName=attribute, AttributeValue=text)


KINDS = (Topic(), TopicPolicy(), TopicSubscription())
