"""Checks that an upload reaches the notify function."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from domain.rules import Rule
from domain.topology import S3_EVENTS
from ops.aws import if_there, is_absent
from ops.doctor.finding import Finding
from ops.doctor.policies import allows, is_open
from ops.errors import OpsError
from ops.reading.deployed import Deployed
from ops.reading.functions import Function
from ops.stack import Stack


def bucket(deployed: Deployed) -> Iterator[Finding]:
    """The bucket exists, in the stack's region: S3 invokes functions of its own region only."""
    stack, name = deployed.stack, deployed.stack.get("bucketName")
    if name is None:
        return  # it only watches existing buckets
    region = region_of(stack, name)
    if region is None:
        yield Finding(
            id="bucket-missing",
            what=f"The upload bucket {name} does not exist.",
            means="Nothing can be uploaded, and nobody is notified.",
            fix=stack.repair_command,
        )
    elif region != stack.region:
        yield Finding(
            id="bucket-region",
            what=f"The upload bucket {name} is in {region}, the stack is in {stack.region}.",
            means="S3 invokes functions of its own region only: nobody is notified of any upload.",
            fix=stack.setting_command("aws:region", region),
        )


def notification(deployed: Deployed) -> Iterator[Finding]:
    """The bucket's one notification configuration sends every event to notify, and to nothing else."""
    stack = deployed.stack
    if stack.get("bucketName") is None:
        return
    written = configuration(stack, stack["bucketName"])
    if written is None or deployed.notify is None:
        return  # reported by its own check
    configured = {kind: entries for kind, entries in written.items() if isinstance(entries, list)}
    entries = configured.get("LambdaFunctionConfigurations", [])
    own = [entry for entry in entries if entry["LambdaFunctionArn"] == deployed.notify.arn]
    others = [f"{kind.removesuffix('s')} {entry.get('Id', '')}".strip() for kind, entry in _others(configured, own)]
    if not own:
        overwritten = f"it sends events to others ({', '.join(others)})" if others else "it is empty"
        yield Finding(
            id="notification-foreign" if others else "notification-missing",
            what=f"The bucket's notification configuration does not name the notify function: {overwritten}.",
            means="Nobody is notified of any upload. A bucket has one configuration, and writing it replaces all of "
            "it: another tool or stack has done so. It should subscribe to the topic instead.",
            fix=stack.repair_command,
        )
        return
    missing = sorted(_wanted(deployed) - {event for entry in own for event in entry["Events"]})
    filtered = [entry for entry in own if entry.get("Filter")]
    if missing or filtered:
        what = f"leaves out {', '.join(missing)}" if missing else "includes only some keys (it has a filter)"
        yield Finding(
            id="notification-altered",
            what=f"The bucket's notification configuration for notify {what}.",
            means="Nobody is notified of the files that it leaves out. Rules choose files, not the bucket.",
            fix=stack.repair_command,
        )
    if others:
        yield Finding(
            id="notification-shared",
            what=f"The bucket's notification configuration also serves others: {', '.join(others)}.",
            means="Both work now. The next deployment of this stack removes the others' part, or theirs removes "
            "this stack's. They should subscribe to the topic instead.",
            fix=stack.aws_command("s3api", "get-bucket-notification-configuration", "--bucket", stack["bucketName"]),
            level="attention",
        )


def permission(deployed: Deployed) -> Iterator[Finding]:
    """Notify's resource policy lets S3 invoke it for this bucket."""
    stack, notify = deployed.stack, deployed.notify
    if notify is None or stack.get("bucketName") is None:
        return
    policy = notify_policy(stack, notify)
    source = f"arn:{stack.partition}:s3:::{stack['bucketName']}"
    if not allows(policy, service="s3.amazonaws.com", action="lambda:InvokeFunction", source_arn=source):
        yield Finding(
            id="permission-missing",
            what=f"S3 is not permitted to invoke {notify.name} for the upload bucket.",
            means="S3 drops every event: nobody is notified of any upload, and the failed-events queue stays empty.",
            fix=stack.repair_command,
        )
    elif is_open(policy):
        yield Finding(
            id="permission-open",
            what=f"{notify.name} may be invoked for any source: a permission names none.",
            means="Events of another account's bucket would be published as if they were this bucket's.",
            fix=stack.repair_command,
            level="attention",
        )


def notify_policy(stack: Stack, notify: Function) -> Mapping[str, Any]:
    """Notify's resource policy; empty if it has none."""
    answer = if_there(stack.aws.lambda_.get_policy, FunctionName=notify.name)
    policy: Mapping[str, Any] = json.loads(answer["Policy"]) if answer else {}
    return policy


def region_of(stack: Stack, bucket: str, **owner: str) -> str | None:
    """A bucket's region; None if the bucket does not exist. `owner` may be ExpectedBucketOwner, an account."""
    from botocore.exceptions import ClientError

    try:
        answer = stack.aws.s3.head_bucket(Bucket=bucket, **owner)
    except ClientError as error:
        if is_absent(error):
            return None
        elsewhere = error.response["ResponseMetadata"].get("HTTPHeaders", {}).get("x-amz-bucket-region")
        if elsewhere and elsewhere != stack.region:  # S3 answers 301 or 400 in another region
            return str(elsewhere)
        raise
    return answer.get("BucketRegion") or stack.region


def configuration(stack: Stack, bucket: str) -> Mapping[str, Any] | None:
    """A bucket's notification configuration; None if the bucket does not exist."""
    return if_there(stack.aws.s3.get_bucket_notification_configuration, Bucket=bucket)


def _others(configured: Mapping[str, list[Any]], own: list[Any]) -> Iterator[tuple[str, Any]]:
    for kind, entries in configured.items():
        for entry in entries:
            if not any(entry is ours for ours in own):
                yield kind, entry


def _wanted(deployed: Deployed) -> set[str]:
    """The events that the program configures: those of rules, and in advanced mode those that the catalogue needs."""
    try:
        rules: tuple[Rule, ...] = deployed.rules
    except OpsError:  # reported by the check of the rules
        rules = ()
    wanted = {S3_EVENTS[action] for action in S3_EVENTS for rule in rules if action in rule.events}
    if deployed.stack.is_advanced:
        wanted |= {S3_EVENTS["created"], S3_EVENTS["removed"]}
    return wanted
