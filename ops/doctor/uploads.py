"""Does an upload reach the notify function?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from domain.rules import Rule
from ops.aws import is_absent
from ops.doctor.finding import Finding
from ops.doctor.policies import allows, is_open
from ops.errors import OpsError
from ops.reading.deployed import Deployed
from ops.stack import Stack

EVENTS = {"created": "s3:ObjectCreated:*", "removed": "s3:ObjectRemoved:*", "restored": "s3:ObjectRestore:Completed"}
"""What S3 calls the events that the program asks for."""


def bucket(deployed: Deployed) -> Iterator[Finding]:
    """The bucket is there, and in the stack's region: S3 only invokes functions of its own."""
    stack, name = deployed.stack, deployed.stack["bucketName"]
    region = _region_of(stack)
    if region is None:
        yield Finding(
            id="bucket-missing",
            what=f"The upload bucket {name} does not exist.",
            means="Nothing can be uploaded, and nobody hears of anything.",
            fix=stack.repair_command,
        )
    elif region != stack.region:
        yield Finding(
            id="bucket-region",
            what=f"The upload bucket {name} is in {region}, the stack is in {stack.region}.",
            means="S3 invokes functions of its own region only: no upload is told to anybody.",
            fix=stack.setting_command("aws:region", region),
        )


def notification(deployed: Deployed) -> Iterator[Finding]:
    """The bucket's one notification configuration hands every event to notify, and nothing to anybody else."""
    stack = deployed.stack
    found = _configuration(stack)
    if found is None or deployed.notify is None:
        return  # what is missing is told by its own check
    configured = {kind: entries for kind, entries in found.items() if isinstance(entries, list)}
    entries = configured.get("LambdaFunctionConfigurations", [])
    ours = [one for one in entries if one["LambdaFunctionArn"] == deployed.notify.arn]
    others = [f"{kind.removesuffix('s')} {one.get('Id', '')}".strip() for kind, one in _others(configured, ours)]
    if not ours:
        overwritten = f"it hands events to others ({', '.join(others)})" if others else "it is empty"
        yield Finding(
            id="notification-foreign" if others else "notification-missing",
            what=f"The bucket's notification configuration does not name the notify function: {overwritten}.",
            means="No upload is told to anybody. S3 keeps one configuration a bucket, and whoever writes it replaces "
            "all of it: another tool or stack has done so. It should subscribe to the topic instead.",
            fix=stack.repair_command,
        )
        return
    missing = sorted(_wanted(deployed) - {event for one in ours for event in one["Events"]})
    filtered = [one for one in ours if one.get("Filter")]
    if missing or filtered:
        what = f"leaves out {', '.join(missing)}" if missing else "takes only some keys (it has a filter)"
        yield Finding(
            id="notification-altered",
            what=f"The bucket's notification configuration for notify {what}.",
            means="The files that it leaves out are not told to anybody. The rules choose files, not the bucket.",
            fix=stack.repair_command,
        )
    if others:
        yield Finding(
            id="notification-shared",
            what=f"The bucket's notification configuration also serves others: {', '.join(others)}.",
            means="Both work now. The next deployment of this stack removes the others' part, or theirs removes "
            "this one's. They should subscribe to the topic instead.",
            fix=stack.aws_command("s3api", "get-bucket-notification-configuration", "--bucket", stack["bucketName"]),
            level="attention",
        )


def permission(deployed: Deployed) -> Iterator[Finding]:
    """Notify's policy lets S3 invoke it for this bucket."""
    from botocore.exceptions import ClientError

    stack, notify = deployed.stack, deployed.notify
    if notify is None:
        return
    try:
        policy: Mapping[str, Any] = json.loads(stack.aws.lambda_.get_policy(FunctionName=notify.name)["Policy"])
    except ClientError as error:
        if not is_absent(error):
            raise
        policy = {}
    source = f"arn:{stack.partition}:s3:::{stack['bucketName']}"
    if not allows(policy, service="s3.amazonaws.com", action="lambda:InvokeFunction", source_arn=source):
        yield Finding(
            id="permission-missing",
            what=f"S3 is not permitted to invoke {notify.name} for the upload bucket.",
            means="S3 drops every event: no upload is told to anybody, and none is kept in the failed-events queue.",
            fix=stack.repair_command,
        )
    elif is_open(policy):
        yield Finding(
            id="permission-open",
            what=f"{notify.name} may be invoked on behalf of anybody: a permission names no source.",
            means="Events of somebody else's bucket would be told as if they were this one's.",
            fix=stack.repair_command,
            level="attention",
        )


def _region_of(stack: Stack) -> str | None:
    """The bucket's region; None if there is no such bucket."""
    from botocore.exceptions import ClientError

    try:
        answer = stack.aws.s3.head_bucket(Bucket=stack["bucketName"])
    except ClientError as error:
        if is_absent(error):
            return None
        elsewhere = error.response["ResponseMetadata"].get("HTTPHeaders", {}).get("x-amz-bucket-region")
        if elsewhere and elsewhere != stack.region:  # S3 answers 301 or 400 to whoever asks in another region
            return str(elsewhere)
        raise
    return answer.get("BucketRegion") or stack.region


def _configuration(stack: Stack) -> Mapping[str, Any] | None:
    from botocore.exceptions import ClientError

    try:
        return stack.aws.s3.get_bucket_notification_configuration(Bucket=stack["bucketName"])
    except ClientError as error:
        if is_absent(error):
            return None
        raise


def _others(configured: Mapping[str, list[Any]], ours: list[Any]) -> Iterator[tuple[str, Any]]:
    for kind, entries in configured.items():
        for one in entries:
            if not any(one is own for own in ours):
                yield kind, one


def _wanted(deployed: Deployed) -> set[str]:
    """The events that the program asks for: what rules want, and in advanced mode what the catalogue follows."""
    try:
        rules: tuple[Rule, ...] = deployed.rules
    except OpsError:  # told by the check of the rules
        rules = ()
    wanted = {EVENTS[action] for rule in rules for action in rule.events}
    if deployed.stack.is_advanced:
        wanted |= {EVENTS["created"], EVENTS["removed"]}
    return wanted
