"""Alarms every stack gets, and the topic they notify."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.alarms import MESSAGES_VISIBLE, AlarmArgs, alarm, counter, lambda_metric, max_of, queue_metric
from components.dead_letter_queue import DeadLetterQueue
from components.handler_function import HandlerFunction
from components.labels import label
from components.statements import allow_service, policy, refuse_plain_http
from domain.topology import FailureQueue

NOTIFICATIONS_PER_MINUTE = 300
"""SNS suspends an email address above 10 messages a second. More than five, all minute long, comes too close."""


@dataclass(frozen=True, kw_only=True)
class FailureAlarmsArgs:
    """What can fail in a region, and who receives its alarms. `more` are those on what only some stacks have."""

    emails: Sequence[str]
    failure_queues: Mapping[FailureQueue, DeadLetterQueue]
    notify: HandlerFunction
    more: Sequence[AlarmArgs]


class FailureAlarms(pulumi.ComponentResource):
    """The alarms on what can fail, and who receives them.

    Makes: alarm topic with its policy and subscriptions; alarms on every queue that keeps failures, one for each
    heading of the runbook, on notify's errors, and on a send rate at which SNS suspends subscriptions.
    Guarantees: an alarm notifies a minute or two after its cause, and again when all is well. SQS sends no metrics of a
    queue that was idle for six hours, and needs up to 15 minutes to start again, so the first failure may take that
    long: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
    """

    arn: pulumi.Output[str]
    alarms: list[aws.cloudwatch.MetricAlarm]

    def __init__(self, name: str, args: FailureAlarmsArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:FailureAlarms", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Not encrypted with alias/aws/sns: CloudWatch may not use that key, and its alarms would go nowhere.
        self.arn = aws.sns.Topic(f"{name}-topic", display_name="File notifications: alarms", opts=child).arn
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=self.arn,
            policy=policy(
                refuse_plain_http("sns:Publish", self.arn),
                allow_service("cloudwatch.amazonaws.com", "sns:Publish", self.arn, source_arn=self._alarms_here()),
            ),
            opts=child,
        )
        for address in args.emails:
            aws.sns.TopicSubscription(
                f"{name}-{label(address)}", topic=self.arn, protocol="email", endpoint=address, opts=child
            )
        self.alarms = [
            alarm(name, one, topic_arn=self.arn, parent=self)
            for one in (*_on_failure_queues(args.failure_queues), _notify_errors(args.notify), _mail_rate(), *args.more)
        ]
        self.register_outputs({"arn": self.arn})

    def _alarms_here(self) -> pulumi.Output[str]:
        """The account's alarms in the region of this component's provider."""
        partition, account = aws.get_partition_output().partition, aws.get_caller_identity_output().account_id
        region = aws.get_region_output(opts=pulumi.InvokeOptions(parent=self)).region
        return pulumi.Output.concat("arn:", partition, ":cloudwatch:", region, ":", account, ":alarm:*")


def _on_failure_queues(queues: Mapping[FailureQueue, DeadLetterQueue]) -> list[AlarmArgs]:
    """An alarm for each heading, on all queues that have it."""
    by_heading: dict[str, list[FailureQueue]] = {}
    for failed in queues:
        by_heading.setdefault(failed.heading, []).append(failed)
    return [_not_empty(heading, {failed: queues[failed] for failed in named}) for heading, named in by_heading.items()]


def _not_empty(heading: str, queues: Mapping[FailureQueue, DeadLetterQueue]) -> AlarmArgs:
    messages = {
        failed.name.replace("-", "_"): queue_metric(MESSAGES_VISIBLE, queue.name) for failed, queue in queues.items()
    }
    several = len(messages) > 1
    return AlarmArgs(
        heading=heading,
        meaning=" ".join([*(failed.meaning for failed in queues), "They are kept for 14 days."]),
        run=f"replay {' '.join(f'--queue {failed.name}' for failed in queues)} --dry-run",
        watched=max_of(messages) if several else next(iter(messages.values())),
        minutes=5 if several else 1,  # in an expression a value that SQS reports late counts as zero until then
    )


def _notify_errors(notify: HandlerFunction) -> AlarmArgs:
    return AlarmArgs(
        heading="notify-errors",
        meaning="The notify function fails. Lambda tries each event three times.",
        run="doctor",
        watched=lambda_metric("Errors", notify.name),
    )


def _mail_rate() -> AlarmArgs:
    return AlarmArgs(
        heading="mail-rate",
        meaning="So many notifications a minute that SNS may suspend email addresses (above 10 a second). Narrow the "
        "rules, or use mode advanced, which turns storms into digests.",
        run="status",
        # Each notification to people at once is one sample, however many of them it reaches.
        watched=replace(counter("MailsAtOnce", "notify"), statistic="SampleCount"),
        threshold=NOTIFICATIONS_PER_MINUTE + 1,
    )
