"""`watch`: whether a bucket's events reach EventBridge, and the one switch that makes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
from botocore.exceptions import ClientError

from ops.aws import is_absent, is_denied
from ops.command import on_a_stack
from ops.errors import ATTENTION, OpsError
from ops.screen import Screen
from ops.stack import Stack

_GET = "before-parse.s3.GetBucketNotificationConfiguration"
_PUT = "before-call.s3.PutBucketNotificationConfiguration"
_SWITCH = b"<EventBridgeConfiguration/>"
_SWITCHED = re.compile(rb"<EventBridgeConfiguration\s*/>|<EventBridgeConfiguration>\s*</EventBridgeConfiguration>")
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>\s*")
_EMPTY = re.compile(rb"(<NotificationConfiguration[^>]*?)\s*/>\s*$")
_END = b"</NotificationConfiguration>"
_KINDS = ("LambdaFunctionConfigurations", "QueueConfigurations", "TopicConfigurations")
_TARGETS = ("LambdaFunctionArn", "QueueArn", "TopicArn")


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """A bucket's notification configuration: the XML as S3 wrote it, and what boto3 reads in it."""

    xml: bytes
    parsed: Mapping[str, Any]

    @property
    def is_on(self) -> bool:
        """Whether the bucket sends its events to EventBridge."""
        return "EventBridgeConfiguration" in self.parsed

    @property
    def others(self) -> list[str]:
        """What else is configured, a line for each: `Queue their-id → arn: s3:ObjectCreated:*`."""
        lines = []
        for kind in _KINDS:
            for entry in self.parsed.get(kind, []):
                target = next(entry[name] for name in _TARGETS if name in entry)
                events = ", ".join(entry["Events"])
                lines.append(f"{kind.removesuffix('Configurations')} {entry.get('Id', '')} → {target}: {events}")
        return lines

    def switched_on(self) -> bytes:
        """The XML with the switch, and every other byte as it is. Raises OpsError for XML of another form."""
        opened = _EMPTY.sub(rb"\1>" + _END, self.xml)
        before, end, after = opened.rpartition(_END)
        if not end:
            raise OpsError(
                "S3's notification configuration has another form than the documented one; nothing is written"
            )
        return before + _SWITCH + end + after

    def without_switch(self) -> bytes:
        """What has to be the same before and after; XML's declaration configures nothing."""
        return _EMPTY.sub(rb"\1>" + _END, _SWITCHED.sub(b"", _DECLARATION.sub(b"", self.xml)))


@on_a_stack()
@click.argument("bucket", metavar="BUCKET")
@click.option("--yes", is_flag=True, help="Make the bucket send its events to EventBridge, and change nothing else.")
def watch(stack: Stack, screen: Screen, bucket: str, yes: bool) -> int:
    """Show whether another program's bucket can be watched.

    A bucket has one notification configuration. Shows whether it sends events to EventBridge, and what else is in it.
    With --yes it is read, completed by that one switch and written back, and every other entry stays as it is. Writes
    nothing if it changed in between. Exit code 0 if the bucket's events reach EventBridge.
    """
    before = read_configuration(stack, bucket)
    for line in before.others:
        screen.say("  also configured, and left as it is: ", line)
    written = False
    if before.is_on:
        screen.mark("fine", (bucket, "bold"), " sends its events to EventBridge")
    else:
        screen.mark("attention", (bucket, "bold"), " does not send its events to EventBridge")
        screen.say("  would be added, and nothing else: ", _SWITCH.decode())
        if yes:
            _switch_on(stack, bucket, before)
            written = True
            screen.mark("fine", (bucket, "bold"), " sends its events to EventBridge now")
        else:
            screen.say("  → ", (stack.ops_command("watch", bucket, "--yes"), "cyan"))
    is_on, is_watched = before.is_on or written, any(one.name == bucket for one in stack.existing)
    if is_on and not is_watched:
        screen.say("  this stack does not watch it yet; name it in existingBuckets:")
        screen.say("  → ", (_name_it(stack, bucket), "cyan"))
    screen.result(
        "watch",
        {"bucket": bucket, "sendsEvents": is_on, "written": written, "watched": is_watched, "others": before.others},
    )
    return 0 if is_on else ATTENTION


def read_configuration(stack: Stack, bucket: str) -> Configuration:
    """The bucket's notification configuration. Raises OpsError if it cannot be read."""
    s3, bodies = stack.aws.s3, list[bytes]()

    def remember(response_dict: Mapping[str, Any], **_: object) -> None:
        bodies.append(response_dict["body"])

    s3.meta.events.register(_GET, remember)
    try:
        parsed = s3.get_bucket_notification_configuration(Bucket=bucket, ExpectedBucketOwner=stack.account)
    except ClientError as error:
        if is_absent(error):
            raise OpsError(
                f"there is no bucket {bucket}; the names of yours:", stack.aws_command("s3", "ls")
            ) from error
        if is_denied(error):
            raise OpsError(
                f"the notification configuration of {bucket} cannot be read: it belongs to another account, or you "
                f"lack s3:GetBucketNotification on it ({error})",
                "aws sts get-caller-identity",
            ) from error
        raise
    finally:
        s3.meta.events.unregister(_GET, remember)
    return Configuration(xml=bodies[-1], parsed=dict(parsed))


def _switch_on(stack: Stack, bucket: str, before: Configuration) -> None:
    """Write the configuration with the switch. Raises OpsError if it is not what was shown, before or afterwards."""
    if read_configuration(stack, bucket).xml != before.xml:
        raise OpsError(
            f"the notification configuration of {bucket} changed in between: nothing was written; look again:",
            stack.ops_command("watch", bucket),
        )
    body, s3 = before.switched_on(), stack.aws.s3

    def as_it_was(params: dict[str, Any], **_: object) -> None:
        params["body"] = body

    s3.meta.events.register(_PUT, as_it_was)
    try:
        s3.put_bucket_notification_configuration(
            Bucket=bucket,
            ExpectedBucketOwner=stack.account,
            NotificationConfiguration={"EventBridgeConfiguration": {}},
            SkipDestinationValidation=True,  # of others' destinations, to which S3 would also send test events
        )
    finally:
        s3.meta.events.unregister(_PUT, as_it_was)
    after = read_configuration(stack, bucket)
    if not after.is_on or after.without_switch() != before.without_switch():
        raise OpsError(
            f"the notification configuration of {bucket} is not what was written: someone else wrote it at the same "
            f"time. It was:\n{before.xml.decode(errors='replace')}",
            stack.ops_command("watch", bucket),
        )


def _name_it(stack: Stack, bucket: str) -> str:
    watched = [{"name": one.name, "prefix": prefix} for one in stack.existing for prefix in one.prefixes]
    if stack.is_local:
        return stack.setting_command("existingBuckets", json.dumps([*watched, bucket]))
    return stack.setting_command(f"existingBuckets[{len(watched)}]", bucket, path=True)
