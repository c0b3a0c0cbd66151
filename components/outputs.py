"""The outputs of a stack: where its parts are, by the names that the operator's commands read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import pulumi


class WatchedOutput(TypedDict):
    """An existing bucket: the prefixes that are watched (none: all of it), and the EventBridge rule on its events."""

    name: pulumi.Input[str]
    prefixes: Sequence[str]
    ruleName: pulumi.Input[str]


class MalwareScanOutput(TypedDict):
    """The malware scan of a region's bucket: GuardDuty's plan, the rule on its results, and when it was switched on."""

    setting: str
    planId: pulumi.Input[str]
    ruleName: pulumi.Input[str]
    since: pulumi.Input[str]


class Outputs(TypedDict, total=False):
    """Where the parts of a region are, and of the stack as a whole with those of the primary region.

    In `regions` are the additional ones by name, with the parts that each region has of its own.
    """

    mode: str
    region: pulumi.Input[str]
    regions: dict[str, Outputs]

    # In both modes.
    bucketName: pulumi.Input[str]  # unless uploadBucket is false
    existingBuckets: list[WatchedOutput]  # if there are any
    topicArn: pulumi.Input[str]
    notifyFunctionName: pulumi.Input[str]
    alarmTopicArn: pulumi.Input[str]
    failedEventsQueueUrl: pulumi.Input[str]
    undeliveredQueueUrl: pulumi.Input[str]
    chatQueueUrl: pulumi.Input[str]  # the three of chat if a rule or the alarms name a channel
    chatDeadLettersUrl: pulumi.Input[str]
    chatFunctionName: pulumi.Input[str]
    expectFunctionName: pulumi.Input[str]  # if a rule expects files; of the primary region

    # In mode advanced, each region's own.
    workQueueUrl: pulumi.Input[str]
    workDeadLettersUrl: pulumi.Input[str]
    digestQueueUrl: pulumi.Input[str]
    digestDeadLettersUrl: pulumi.Input[str]
    digestFunctionName: pulumi.Input[str]
    dashboardUrl: pulumi.Input[str]
    malwareScan: MalwareScanOutput  # unless scan is off

    # In mode advanced, of the stack as a whole.
    tableName: pulumi.Input[str]
    apiUrl: pulumi.Input[str]
    auditLogGroupName: pulumi.Input[str]
    webUrl: pulumi.Input[str]
    webDomainTarget: pulumi.Input[str]  # with webDomain: what its DNS record points to
    userPoolId: pulumi.Input[str]
    userPoolClientId: pulumi.Input[str]
    signInUrl: pulumi.Input[str]
    access: dict[str, str]  # what members of each group may do, for people
