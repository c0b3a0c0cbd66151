"""Queues."""

from __future__ import annotations

from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.declared import Call, Declared, setting
from local.emulator.resources.kind import AutoName, Inputs

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


def _attributes(inputs: Inputs) -> dict[str, str]:
    return {attribute: _text(inputs.get(name, default)) for attribute, (name, default) in _ATTRIBUTES.items()}


def _initial(inputs: Inputs) -> dict[str, Any]:
    attributes = {name: value for name, value in _attributes(inputs).items() if value}
    return {"QueueName": inputs["name"], "Attributes": attributes}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _address(aws: Aws, inputs: Inputs, answer: Any) -> dict[str, str]:
    return {"arn": aws.arn("sqs", inputs["name"])} | ({"url": answer["QueueUrl"]} if "QueueUrl" in answer else {})


_QUEUE = Declared(
    pulumi_type="aws:sqs/queue:Queue",
    service="sqs",
    accepts=frozenset({"name", *(name for name, _ in _ATTRIBUTES.values())}),
    replaces=frozenset({"name"}),
    auto_name=AutoName("name", 80),
    creating=Call("create_queue", lambda inputs, _: _initial(inputs)),
    changing=Call("set_queue_attributes", lambda inputs, url: {"QueueUrl": url, "Attributes": _attributes(inputs)}),
    removing=Call("delete_queue", lambda _, url: {"QueueUrl": url}),
    identity=lambda _, answer: answer["QueueUrl"],
    outputs=_address,
)
_POLICY = setting(
    "aws:sqs/queuePolicy:QueuePolicy",
    "policy",
    service="sqs",
    on="queueUrl",
    put=(
        "set_queue_attributes",
        lambda inputs: {"QueueUrl": inputs["queueUrl"], "Attributes": {"Policy": inputs["policy"]}},
    ),
    remove=("set_queue_attributes", lambda inputs: {"QueueUrl": inputs["queueUrl"], "Attributes": {"Policy": ""}}),
)

KINDS = (_QUEUE, _POLICY)
