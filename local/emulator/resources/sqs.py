"""Queues."""

from __future__ import annotations

from typing import Any, ClassVar

from local.emulator.aws import Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, Setting

# Attribute: (property, AWS's default).
_ATTRIBUTES = {
    "DelaySeconds": ("delaySeconds", 0),
    "MaximumMessageSize": ("maxMessageSize", 262_144),
    "MessageRetentionPeriod": ("messageRetentionSeconds", 345_600),
    "ReceiveMessageWaitTimeSeconds": ("receiveWaitTimeSeconds", 0),
    "VisibilityTimeout": ("visibilityTimeoutSeconds", 30),
    "RedrivePolicy": ("redrivePolicy", ""),
    "RedriveAllowPolicy": ("redriveAllowPolicy", ""),
    "KmsMasterKeyId": ("kmsMasterKeyId", ""),
    "SqsManagedSseEnabled": ("sqsManagedSseEnabled", True),
}


class Queue(Kind):
    pulumi_type = "aws:sqs/queue:Queue"
    accepts = frozenset({"name", *(name for name, _ in _ATTRIBUTES.values())})
    replaces = frozenset({"name"})
    auto_name: ClassVar = AutoName("name", 80)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        given = {name: value for name, value in _attributes(inputs).items() if value != ""}
        url = aws.sqs.create_queue(QueueName=inputs["name"], Attributes=given)["QueueUrl"]
        return Made(url, inputs, {"url": url, "arn": aws.arn("sqs", inputs["name"])})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        aws.sqs.set_queue_attributes(QueueUrl=made.id, Attributes=_attributes(inputs))
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.sqs.delete_queue(QueueUrl=made.id)


class QueuePolicy(Setting):
    pulumi_type = "aws:sqs/queuePolicy:QueuePolicy"
    accepts = frozenset({"queueUrl", "policy"})
    replaces = frozenset({"queueUrl"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        aws.sqs.set_queue_attributes(QueueUrl=inputs["queueUrl"], Attributes={"Policy": inputs["policy"]})
        return Made(inputs["queueUrl"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.sqs.set_queue_attributes(QueueUrl=made.id, Attributes={"Policy": ""})


def _attributes(inputs: Inputs) -> dict[Any, str]:
    return {attribute: _text(inputs.get(name, default)) for attribute, (name, default) in _ATTRIBUTES.items()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


KINDS = (Queue(), QueuePolicy())
