"""Queues."""

from __future__ import annotations

from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.declared import ID, Call, Declared, setting
from local.emulator.resources.kind import AutoName, Inputs, Made

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


def _attributes(made: Made) -> dict[str, str]:
    return {attribute: _text(made.inputs.get(name, default)) for attribute, (name, default) in _ATTRIBUTES.items()}


def _initial(made: Made) -> dict[str, str]:
    return {name: value for name, value in _attributes(made).items() if value}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _address(aws: Aws, inputs: Inputs, answer: Any) -> dict[str, str]:
    return {"arn": aws.arn("sqs", inputs["name"])} | ({"url": answer["QueueUrl"]} if "QueueUrl" in answer else {})


_QUEUE = Declared(
    pulumi_type="aws:sqs/queue:Queue",
    service="sqs",
    also=frozenset(name for name, _ in _ATTRIBUTES.values()),
    replaces=frozenset({"name"}),
    auto_name=AutoName("name", 80),
    creating=Call("create_queue", QueueName="name", Attributes=_initial),
    changing=Call("set_queue_attributes", QueueUrl=ID, Attributes=_attributes),
    removing=Call("delete_queue", QueueUrl=ID),
    identity=lambda _, answer: answer["QueueUrl"],
    outputs=_address,
)
_POLICY = setting(
    "aws:sqs/queuePolicy:QueuePolicy",
    service="sqs",
    on="queueUrl",
    put=Call("set_queue_attributes", QueueUrl="queueUrl", Attributes=lambda made: {"Policy": made.inputs["policy"]}),
    remove=Call("set_queue_attributes", QueueUrl=ID, Attributes=lambda _: {"Policy": ""}),
    also=frozenset({"policy"}),
)

KINDS = (_QUEUE, _POLICY)
