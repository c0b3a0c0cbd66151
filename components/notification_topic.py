"""The topic that every notification is published to, and who listens. Adding a consumer is adding a subscription."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

import pulumi
import pulumi_aws as aws

from components.dead_letter_queue import DeadLetterQueue
from components.regions import sns_between
from components.statements import Allow, allow_service, policy, refuse_plain_http
from domain.recipients import Recipient


class NotificationTopic(pulumi.ComponentResource):
    """One topic, one subscription a recipient.

    Makes: topic, topic policy, dead-letter queue for failed deliveries, a subscription for each recipient with its
    filter policy, and the permission that a Lambda function or a queue needs to be told.
    Guarantees: people get what is to be told at once in their rules, machines every event of theirs; what SNS cannot
    deliver is kept in `undelivered`.
    """

    topic: aws.sns.Topic
    arn: pulumi.Output[str]
    undelivered: DeadLetterQueue
    redrive_policy: pulumi.Output[str]
    """For every subscription of the topic; it depends on `undelivered.ready`."""
    accepting: dict[Recipient, aws.sqs.QueuePolicy]
    """The policies by which recipients' queues take notifications, from this topic and from those of other regions."""

    def __init__(
        self,
        name: str,
        *,
        recipients: Mapping[Recipient, Sequence[str]],
        region: pulumi.Input[str],
        home: NotificationTopic | None = None,
        elsewhere: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`recipients` maps each recipient to the names of the rules that tell it; `region` is the topic's own.

        With several regions the topic in the stack's own is the `home` of the others; it is told the others' names, by
        region, in `elsewhere`. A queue has one policy, so the home topic writes it for all.
        """
        super().__init__("file-notifications:components:NotificationTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._region = region
        self._elsewhere = elsewhere or {}
        self.accepting = {} if home is None else home.accepting
        self.topic = aws.sns.Topic(
            f"{name}-topic", display_name="File notifications", kms_master_key_id="alias/aws/sns", opts=child
        )
        self.arn = self.topic.arn
        aws.sns.TopicPolicy(
            f"{name}-policy", arn=self.arn, policy=policy(refuse_plain_http("sns:Publish", self.arn)), opts=child
        )
        self.undelivered = DeadLetterQueue(
            f"{name}-undelivered", service="sns.amazonaws.com", source_arn=self.arn, opts=child
        )
        self.redrive_policy = pulumi.Output.json_dumps({"deadLetterTargetArn": self.undelivered.arn})
        for recipient, rules in recipients.items():
            self._subscribe(f"{name}-{label(recipient.address)}", recipient, rules)
        self.register_outputs({"arn": self.arn})

    def allow_publish(self) -> Allow:
        return Allow(actions=["sns:Publish"], resources=[self.arn])

    def _subscribe(self, name: str, recipient: Recipient, rules: Sequence[str]) -> None:
        child = pulumi.ResourceOptions(parent=self)
        ready: list[pulumi.Resource] = [self.undelivered.ready]
        if recipient.protocol == "lambda":
            ready.append(
                aws.lambda_.Permission(
                    f"{name}-invoke",
                    action="lambda:InvokeFunction",
                    function=recipient.address,
                    principal=self._senders(recipient)[0],
                    source_arn=self.arn,
                    source_account=aws.get_caller_identity_output().account_id,
                    region=recipient.region,
                    opts=child,
                )
            )
        if recipient.protocol == "sqs":
            if recipient not in self.accepting:
                self.accepting[recipient] = self._accept(name, recipient)
            ready.append(self.accepting[recipient])
        aws.sns.TopicSubscription(
            name,
            topic=self.arn,
            protocol=recipient.protocol,
            endpoint=recipient.address,
            filter_policy=json.dumps(filter_policy(recipient, rules)),
            redrive_policy=self.redrive_policy,
            # A queue gets the document itself; a webhook the signed envelope, by which it can tell who calls.
            raw_message_delivery=recipient.protocol == "sqs",
            opts=pulumi.ResourceOptions(parent=self, depends_on=ready),
        )

    def _senders(self, recipient: Recipient, *others: str) -> pulumi.Output[list[str]]:
        """SNS as the recipient's policy has to name it, for this topic and those of other regions."""
        return pulumi.Output.from_input(self._region).apply(
            lambda region: sorted({sns_between(one, recipient.region) for one in (region, *others)})
        )

    def _accept(self, name: str, recipient: Recipient) -> aws.sqs.QueuePolicy:
        senders = self._senders(recipient, *self._elsewhere)
        others = [_topics_named(topic, region) for region, topic in self._elsewhere.items()]
        return aws.sqs.QueuePolicy(
            f"{name}-accept",
            # Looked up, so that a queue that does not exist is an error of the preview.
            queue_url=aws.sqs.get_queue_output(name=recipient.address.split(":")[-1], region=recipient.region).url,
            policy=policy(
                allow_service(
                    senders.apply(lambda names: names if len(names) > 1 else names[0]),
                    "sqs:SendMessage",
                    recipient.address,
                    source_arn=[self.arn, *others] if others else self.arn,
                )
            ),
            region=recipient.region,
            opts=pulumi.ResourceOptions(parent=self),
        )


def filter_policy(recipient: Recipient, rules: Sequence[str]) -> dict[str, list[str]]:
    """Which notifications reach a recipient, by their message attributes."""
    if recipient.is_person:
        return {"deliver": list(rules)}
    return {"kind": ["upload"], "rules": list(rules)}


def label(address: str) -> str:
    """A part for a resource's name: readable, legal everywhere, and different for every address."""
    without_account = re.sub(r"^arn:[^:]*:([a-z]+):[^:]*:[0-9]+:", r"\1-", address)
    readable = re.sub(r"[^A-Za-z0-9]+", "-", without_account).strip("-")[:40].strip("-")
    return f"{readable}-{sha256(address.encode()).hexdigest()[:6]}"


def _topics_named(name: str, region: str) -> pulumi.Output[str]:
    """The ARN of the topic that a component of this name makes in a region, but for the suffix of its own name.

    Naming it in full would have it wait for a queue's policy that waits for it.
    """
    partition, account = aws.get_partition_output().partition, aws.get_caller_identity_output().account_id
    return pulumi.Output.concat("arn:", partition, ":sns:", region, ":", account, f":{name}-topic-*")
