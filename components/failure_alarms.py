"""Somebody hears about every failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi
import pulumi_aws as aws

from components.alarms import MESSAGES, AlarmArgs, alarm, counter, of_function, of_queue
from components.dead_letter_queue import DeadLetterQueue
from components.handler_function import HandlerFunction
from components.notification_topic import label
from components.statements import allow_service, policy, refuse_plain_http

NOTIFICATIONS_PER_MINUTE = 300
"""SNS suspends an email address above 10 messages a second. More than five, all minute long, comes too close."""


class FailureAlarms(pulumi.ComponentResource):
    """The alarms that no stack should be without, and who is told.

    Makes: alarm topic with its policy and subscriptions; alarms on every queue that keeps failures, on notify's errors,
    and on a rate of notifications that SNS would punish.
    Guarantees: an alarm speaks within about a minute of the metric, and again when all is well.
    """

    topic: aws.sns.Topic
    arn: pulumi.Output[str]
    alarms: list[aws.cloudwatch.MetricAlarm]

    def __init__(
        self,
        name: str,
        *,
        emails: Sequence[str],
        dead_letters: Mapping[str, tuple[DeadLetterQueue, str]],
        notify: HandlerFunction,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`dead_letters` are the queues that keep failures: by the alarm's heading, which is their name in
        the operator's commands, with what a message in it means."""
        super().__init__("file-notifications:components:FailureAlarms", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Not encrypted with alias/aws/sns: CloudWatch may not use that key, and its alarms would go nowhere.
        self.topic = aws.sns.Topic(f"{name}-topic", display_name="File notifications: alarms", opts=child)
        self.arn = self.topic.arn
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=self.arn,
            policy=policy(
                refuse_plain_http("sns:Publish", self.arn),
                allow_service("cloudwatch.amazonaws.com", "sns:Publish", self.arn, source_arn=self._alarms_here()),
            ),
            opts=child,
        )
        for address in emails:
            aws.sns.TopicSubscription(
                f"{name}-{label(address)}", topic=self.arn, protocol="email", endpoint=address, opts=child
            )
        self.alarms = [
            alarm(name, args, topic_arn=self.arn, parent=self)
            for args in (
                *(_kept(heading, queue, meaning) for heading, (queue, meaning) in dead_letters.items()),
                AlarmArgs(
                    heading="notify-errors",
                    meaning="The notify function fails. Lambda tries each event three times.",
                    run="doctor",
                    watched=of_function("Errors", notify.function_name),
                ),
                AlarmArgs(
                    heading="mail-rate",
                    meaning="So many notifications a minute that SNS may suspend email addresses (above 10 a second). "
                    "Narrow the rules, or use mode advanced, which turns storms into digests.",
                    run="status",
                    # Each notification to people at once is one sample, however many of them it tells.
                    watched=replace(counter("MailsAtOnce", "notify"), statistic="SampleCount"),
                    threshold=NOTIFICATIONS_PER_MINUTE + 1,
                ),
            )
        ]
        self.register_outputs({"arn": self.arn})

    def _alarms_here(self) -> pulumi.Output[str]:
        """The account's alarms in the region of this component's provider."""
        partition, account = aws.get_partition_output().partition, aws.get_caller_identity_output().account_id
        region = aws.get_region_output(opts=pulumi.InvokeOptions(parent=self)).region
        return pulumi.Output.concat("arn:", partition, ":cloudwatch:", region, ":", account, ":alarm:*")


def _kept(heading: str, queue: DeadLetterQueue, meaning: str) -> AlarmArgs:
    return AlarmArgs(
        heading=heading,
        meaning=f"{meaning} They are kept for 14 days.",
        run=f"replay --queue {heading} --dry-run",
        watched=of_queue(MESSAGES, queue.queue.name),
    )
