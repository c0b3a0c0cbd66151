"""A bucket that another program made: its events, and reading it. Nothing here writes to the bucket."""

from __future__ import annotations

import json
from collections.abc import Collection

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmArgs, Metric, alarm
from components.dead_letter_queue import DeadLetterQueue
from components.existing_bucket_settings import KEY, WatchedBucket, keys_below
from components.handler_function import HandlerFunction
from components.labels import label
from components.statements import Allow
from domain.events import Action
from domain.topology import EVENTBRIDGE_TYPES

RETRY_SECONDS = 6 * 3600  # as long as Lambda keeps a throttled event of our own bucket
RETRIES = 185  # EventBridge: the most; the age ends it sooner
READABLE = 12
"""Characters of the bucket's name: EventBridge's names of rules have at most 64."""


class ExistingBucketError(pulumi.RunError):
    """A bucket cannot be watched. The CLI prints the text as it is, without a traceback."""


class ExistingBucket(pulumi.ComponentResource):
    """The events of a bucket that another program made, as EventBridge has them.

    Makes: the rule on the bucket's events; with `deliver` also its permission and target, with `watch_rule` an alarm.
    Guarantees: reads the bucket, and writes nothing to it: who owns it decides whether it sends events to EventBridge.
    A bucket that cannot be found in the stack's region is an error of the preview.
    """

    name: pulumi.Output[str]
    prefixes: tuple[str, ...]
    rule_arn: pulumi.Output[str]
    rule_name: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        watched: WatchedBucket,
        actions: Collection[Action],
        *,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`name` is what the component's own begins with; `actions` are the events that notify receives."""
        self._name = f"{name}-{label(watched.name, readable=READABLE)}"
        super().__init__("file-notifications:components:ExistingBucket", self._name, None, opts)
        self._keys = watched.kms_key_arns
        self.prefixes = watched.prefixes
        found = _found(watched.name, self)
        self.name, self._arn = found.bucket, found.arn
        types = [kind for action, kind in EVENTBRIDGE_TYPES.items() if action in actions]
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-rule",
            description=f"Events of {watched.name} for file notifications",
            event_pattern=self.name.apply(lambda bucket: _pattern(bucket, watched.prefixes, types)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.rule_arn, self.rule_name = rule.arn, rule.name
        self.register_outputs({"name": self.name})

    def deliver(self, function: HandlerFunction, failed_events: DeadLetterQueue) -> None:
        """Deliver the events to a function, for RETRY_SECONDS; those that could not be are in `failed_events`."""
        permission = aws.lambda_.Permission(
            f"{self._name}-invoke",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="events.amazonaws.com",
            source_arn=self.rule_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.cloudwatch.EventTarget(
            f"{self._name}-target",
            rule=self.rule_name,
            target_id="notify",
            arn=function.arn,
            retry_policy={"maximum_event_age_in_seconds": RETRY_SECONDS, "maximum_retry_attempts": RETRIES},
            dead_letter_config={"arn": failed_events.arn},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, failed_events.ready, *function.ready]),
        )

    def watch_rule(self, topic_arn: pulumi.Input[str]) -> None:
        """Alarm when the rule fails to invoke the function."""
        args = AlarmArgs(
            heading="failed-invocations",
            meaning="EventBridge could not deliver events of an existing bucket to notify. What it gave up on is in "
            "failed-events.",
            run="doctor",
            watched=Metric(namespace="AWS/Events", name="FailedInvocations", dimensions={"RuleName": self.rule_name}),
        )
        alarm(self._name, args, topic_arn=topic_arn, parent=self)

    def allow_read(self) -> list[Allow]:
        """To read every version below the prefixes. Without ListBucket S3 answers "denied" for what is gone.

        A condition on the listed prefix would be one on that answer as well, so listing is for the whole bucket.
        """
        objects = [pulumi.Output.concat(self._arn, f"/{_literally(prefix)}*") for prefix in self.prefixes]
        allowed = [
            Allow(actions=["s3:GetObject", "s3:GetObjectVersion"], resources=objects),
            Allow(actions=["s3:ListBucket"], resources=[self._arn]),
        ]
        return allowed + ([Allow(actions=["kms:Decrypt"], resources=list(self._keys))] if self._keys else [])

    def allow_list_versions(self) -> Allow:
        """To see which versions there are, not to read any."""
        return Allow(actions=["s3:ListBucketVersions"], resources=[self._arn])


def _literally(prefix: str) -> str:
    """The prefix in an ARN of a policy, where `*`, `?` and `$` mean something unless they are escaped.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    return "".join(f"${{{char}}}" if char in "*?$" else char for char in prefix)


def _pattern(bucket: str, prefixes: Collection[str], types: Collection[str]) -> str:
    """The rule's event pattern."""
    keys = {} if "" in prefixes else {"object": {"key": keys_below(prefixes)}}
    detail = {"bucket": {"name": [bucket]}, **keys}
    return json.dumps({"source": ["aws.s3"], "detail-type": list(types), "detail": detail}, ensure_ascii=False)


def _found(name: str, parent: pulumi.Resource) -> pulumi.Output[aws.s3.GetBucketResult]:
    """The bucket, looked up so that a missing one is an error of the preview."""
    here = aws.get_region_output(opts=pulumi.InvokeOptions(parent=parent)).region

    def missing(error: Exception) -> pulumi.Output[aws.s3.GetBucketResult]:
        raise ExistingBucketError(
            f"{KEY} names {name}, which cannot be looked up: {error}\n"
            "  it may not exist, belong to another account, or be closed to these credentials:\n"
            f"    aws s3api head-bucket --bucket {name}\n"
            f"  or take it out of {KEY}"
        ) from error

    def in_this_region(bucket: aws.s3.GetBucketResult, region: str) -> aws.s3.GetBucketResult:
        if bucket.bucket_region != region:
            raise ExistingBucketError(
                f"{KEY} names {name}, which is in {bucket.bucket_region}; this stack is in {region}, and EventBridge "
                "has a bucket's events in the bucket's region\n"
                f"  watch it with a stack there, or take it out of {KEY}"
            )
        return bucket

    bucket = aws.s3.get_bucket_output(bucket=name, opts=pulumi.InvokeOutputOptions(parent=parent)).recover(missing)
    return pulumi.Output.all(bucket, here).apply(lambda found: in_this_region(*found))
