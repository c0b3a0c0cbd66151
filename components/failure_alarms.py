"""Somebody hears about every failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.dead_letter_queue import DeadLetterQueue
from components.handler_function import HandlerFunction
from components.notice_topic import NoticeTopic, label
from components.statements import allow_service, policy, refuse_plain_http

NOTICES_PER_MINUTE = 300
"""SNS suspends an email address above 10 messages a second. Five a second, all minute long, comes too close."""


class FailureAlarms(pulumi.ComponentResource):
    """The alarms that no stack should be without, and who is told.

    Makes: alarm topic with its policy and subscriptions; alarms on every queue that keeps failures, on notify's errors,
    and on a rate of notices that SNS would punish.
    Guarantees: an alarm speaks within about a minute of the metric, and again when all is well.
    """

    topic: aws.sns.Topic
    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        emails: Sequence[str],
        dead_letters: Mapping[str, tuple[DeadLetterQueue, str]],
        topic: NoticeTopic,
        notify: HandlerFunction,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`dead_letters` are the queues that keep failures: by alarm name, with what a message in it means."""
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
                allow_service("cloudwatch.amazonaws.com", "sns:Publish", self.arn, source_arn=_alarms_of_this_region()),
            ),
            opts=child,
        )
        for address in emails:
            aws.sns.TopicSubscription(
                f"{name}-{label(address)}", topic=self.arn, protocol="email", endpoint=address, opts=child
            )
        for kept, (queue, meaning) in dead_letters.items():
            self._alarm(
                f"{name}-{kept}",
                f"{meaning} They are kept for 14 days in this queue.",
                namespace="AWS/SQS",
                metric_name="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": queue.queue.name},
                statistic="Maximum",
                threshold=1,
            )
        self._alarm(
            f"{name}-notify-errors",
            "The notify function fails. Lambda tries each event three times; look at the function's log.",
            metric_name="Errors",
            namespace="AWS/Lambda",
            dimensions={"FunctionName": notify.function_name},
            statistic="Sum",
            threshold=1,
        )
        self._alarm(
            f"{name}-mail-rate",
            "So many notices a minute that SNS may suspend email addresses (above 10 a second). "
            "Narrow the rules, or use mode advanced, which turns storms into digests.",
            metric_name="NumberOfMessagesPublished",
            namespace="AWS/SNS",
            dimensions={"TopicName": topic.topic.name},
            statistic="Sum",
            threshold=NOTICES_PER_MINUTE,
        )
        self.register_outputs({"arn": self.arn})

    def _alarm(
        self,
        name: str,
        description: str,
        *,
        namespace: str,
        metric_name: str,
        dimensions: dict[str, pulumi.Input[str]],
        statistic: str,
        threshold: int,
    ) -> None:
        aws.cloudwatch.MetricAlarm(
            name,
            alarm_description=description,
            namespace=namespace,
            metric_name=metric_name,
            dimensions=dimensions,
            statistic=statistic,
            period=60,
            evaluation_periods=1,
            threshold=threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[self.arn],
            ok_actions=[self.arn],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _alarms_of_this_region() -> pulumi.Output[str]:
    partition, region = aws.get_partition_output().partition, aws.get_region_output().region
    account = aws.get_caller_identity_output().account_id
    return pulumi.Output.concat("arn:", partition, ":cloudwatch:", region, ":", account, ":alarm:*")
