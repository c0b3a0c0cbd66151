"""Checks that events of existing buckets reach the notify function, once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from ops.aws import if_there, is_denied
from ops.doctor.finding import Finding
from ops.doctor.policies import allows
from ops.doctor.uploads import configuration, notify_policy, region_of
from ops.reading.deployed import Deployed
from ops.stack import ExistingBucket, Stack

_NOBODY = "Nobody is notified of its files."


def buckets(deployed: Deployed) -> Iterator[Finding]:
    """Each existing bucket is there, in the stack's region, and sends its events to EventBridge."""
    for bucket in deployed.stack.existing:
        yield from _bucket(deployed.stack, bucket)


def rules(deployed: Deployed) -> Iterator[Finding]:
    """Each rule on an existing bucket is on, and invokes notify."""
    for bucket in deployed.stack.existing:
        yield from _rule(deployed, bucket)


def once(deployed: Deployed) -> Iterator[Finding]:
    """No event of an existing bucket comes to notify by a second way."""
    stack, notify = deployed.stack, deployed.notify
    if notify is None or not stack.existing:
        return
    events = stack.aws.events
    others = sorted(
        set(events.list_rule_names_by_target(TargetArn=notify.arn)["RuleNames"]) - {one.rule for one in stack.existing}
    )
    patterns = {name: json.loads(events.describe_rule(Name=name).get("EventPattern") or "{}") for name in others}
    for bucket in stack.existing:
        ways = [f"the rule {name}" for name, pattern in patterns.items() if _takes(pattern, bucket.name)]
        entries = (configuration(stack, bucket.name) or {}).get("LambdaFunctionConfigurations", [])
        ways += [
            f"its notification {entry.get('Id', '')}" for entry in entries if entry["LambdaFunctionArn"] == notify.arn
        ]
        if ways:
            means = "In mode basic, people are notified of each file twice. In mode advanced the copies are duplicates."
            yield Finding(
                id="existing-twice",
                what=f"Events of {bucket.name} come to notify by a second way: {', '.join(ways)}.",
                means=means,
                fix=stack.aws_command("s3api", "get-bucket-notification-configuration", "--bucket", bucket.name),
                level="attention",
            )


def _bucket(stack: Stack, bucket: ExistingBucket) -> Iterator[Finding]:
    name = bucket.name
    try:
        region = region_of(stack, name, ExpectedBucketOwner=stack.account)
    except ClientError as error:
        if not is_denied(error):
            raise
        region = None
    if region != stack.region:
        where = (
            f"is in {region}, the stack is in {stack.region}" if region else "does not exist, or not in this account"
        )
        yield Finding(
            id="existing-region" if region else "existing-missing",
            what=f"The existing bucket {name} {where}.",
            means=_NOBODY,
            fix=f"{stack.ops_command('watch', name)}   (then take it out of existingBuckets, or make it again)",
        )
        return
    if "EventBridgeConfiguration" not in (configuration(stack, name) or {}):
        yield Finding(
            id="existing-switched-off",
            what=f"The existing bucket {name} does not send its events to EventBridge.",
            means=f"{_NOBODY} Who owns its notification configuration has removed the switch, or never set it.",
            fix=stack.ops_command("watch", name, "--yes"),
        )


def _rule(deployed: Deployed, bucket: ExistingBucket) -> Iterator[Finding]:
    stack, events = deployed.stack, deployed.stack.aws.events
    rule = if_there(events.describe_rule, Name=bucket.rule)
    if rule is None:
        yield _broken(stack, "existing-rule-missing", f"The rule {bucket.rule} on {bucket.name} does not exist.")
        return
    if rule["State"] == "DISABLED":
        yield Finding(
            id="existing-rule-disabled",
            what=f"The rule {bucket.rule} on {bucket.name} is disabled.",
            means=f"{_NOBODY} What happens meanwhile is lost; `reconcile` finds the files (mode advanced).",
            fix=stack.aws_command("events", "enable-rule", "--name", bucket.rule),
        )
    if deployed.notify is None:
        return  # reported by its own check
    targets = [target["Arn"] for target in events.list_targets_by_rule(Rule=bucket.rule)["Targets"]]
    if deployed.notify.arn not in targets:
        yield _broken(stack, "existing-target-missing", f"The rule on {bucket.name} does not invoke notify.")
    if not allows(
        notify_policy(stack, deployed.notify),
        service="events.amazonaws.com",
        action="lambda:InvokeFunction",
        source_arn=rule["Arn"],
    ):
        yield Finding(
            id="existing-permission-missing",
            what=f"EventBridge is not permitted to invoke notify for the rule on {bucket.name}.",
            means=f"{_NOBODY} Its events go to failed-events.",
            fix=stack.repair_command,
        )


def _broken(stack: Stack, finding_id: str, what: str) -> Finding:
    return Finding(id=finding_id, what=what, means=_NOBODY, fix=stack.repair_command)


def _takes(pattern: Mapping[str, Any], bucket: str) -> bool:
    """Whether a rule's pattern is about the bucket, or names none and takes S3's events of all."""
    if "aws.s3" not in pattern.get("source", ["aws.s3"]):
        return False
    names = pattern.get("detail", {}).get("bucket", {}).get("name")
    return names is None or bucket in names
