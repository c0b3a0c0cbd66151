"""The topic that every notification is published to. Adding a consumer is adding a subscription."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.dead_letter_queue import DeadLetterQueue, Sender
from components.labels import label
from components.regions import sns_between
from components.statements import Allow, policy, refuse_plain_http
from domain.recipients import Recipient
from domain.topology import filter_policy


class NotificationTopic(pulumi.ComponentResource):
    """The topic of a region and its subscriptions.

    Makes: topic, topic policy, dead-letter queue for failed deliveries; when `subscribe` is called a subscription for
    each recipient with its filter policy, and the permission that a function needs.
    Guarantees: encrypted, TLS only. People get what is to be delivered at once in their rules, systems every event of
    theirs. What SNS cannot deliver is kept in `undelivered`.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    region: pulumi.Output[str]
    undelivered: DeadLetterQueue
    redrive_policy: pulumi.Output[str]
    """Of every subscription of the topic, which has to depend on `undelivered.ready`."""

    def __init__(self, name: str, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:NotificationTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._prefix = name
        topic = aws.sns.Topic(
            f"{name}-topic", display_name="File notifications", kms_master_key_id="alias/aws/sns", opts=child
        )
        self.name, self.arn = topic.name, topic.arn
        self.region = aws.get_region_output(opts=pulumi.InvokeOptions(parent=self)).region
        aws.sns.TopicPolicy(
            f"{name}-policy", arn=self.arn, policy=policy(refuse_plain_http("sns:Publish", self.arn)), opts=child
        )
        self.undelivered = DeadLetterQueue(
            f"{name}-undelivered", sender=Sender(service="sns.amazonaws.com", source_arn=self.arn), opts=child
        )
        self.redrive_policy = pulumi.Output.json_dumps({"deadLetterTargetArn": self.undelivered.arn})
        self.register_outputs({"arn": self.arn})

    def allow_publish(self) -> Allow:
        """For the functions that notify."""
        return Allow(actions=["sns:Publish"], resources=[self.arn])

    def subscribe(
        self, recipients: Mapping[Recipient, Sequence[str]], accepting: Mapping[Recipient, aws.sqs.QueuePolicy]
    ) -> None:
        """Subscribe each recipient, given with the names of its rules, once SNS may deliver to it.

        `accepting` are the policies by which recipients' queues accept notifications.
        """
        for recipient, rules in recipients.items():
            name = f"{self._prefix}-{label(recipient.address)}"
            ready: list[pulumi.Resource] = [self.undelivered.ready]
            if recipient.kind.permission == "queue policy":
                ready.append(accepting[recipient])
            if recipient.kind.permission == "function policy":
                ready.append(self._allow_invoke(f"{name}-invoke", recipient))
            aws.sns.TopicSubscription(
                name,
                topic=self.arn,
                protocol=recipient.protocol,
                endpoint=recipient.address,
                filter_policy=json.dumps(filter_policy(recipient, rules)),
                redrive_policy=self.redrive_policy,
                raw_message_delivery=recipient.kind.is_raw,
                opts=pulumi.ResourceOptions(parent=self, depends_on=ready),
            )

    def _allow_invoke(self, name: str, recipient: Recipient) -> aws.lambda_.Permission:
        # An alias or a version is named apart: as a part of the ARN it would make every update replace the permission.
        # https://github.com/hashicorp/terraform-provider-aws/issues/38558
        *parts, qualifier = f"{recipient.address}:".split(":")[:8]
        return aws.lambda_.Permission(
            name,
            action="lambda:InvokeFunction",
            function=":".join(parts),
            qualifier=qualifier or None,
            principal=self.region.apply(lambda region: sns_between(region, recipient.region)),
            source_arn=self.arn,
            region=recipient.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
