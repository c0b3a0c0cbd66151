"""A queue that receives some of the notifications."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.dead_letter_queue import RETENTION_SECONDS, DeadLetterQueue, Sender, allow_sender
from components.notification_topic import NotificationTopic
from components.statements import Allow, allow_service, policy, refuse_plain_http
from domain.topology import MAX_RECEIVES


def working_queue(
    name: str,
    dead_letters: DeadLetterQueue,
    *,
    visibility_seconds: int,
    receives: int,
    opts: pulumi.ResourceOptions,
) -> aws.sqs.Queue:
    """A queue that a function reads, encrypted. What is received so often and not deleted goes to `dead_letters`."""
    return aws.sqs.Queue(
        f"{name}-queue",
        visibility_timeout_seconds=visibility_seconds,
        message_retention_seconds=RETENTION_SECONDS,  # a digest a day: what fails is dead-lettered after six days
        sqs_managed_sse_enabled=True,
        redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": receives}),
        opts=opts,
    )


@dataclass(frozen=True, kw_only=True)
class SubscribedQueueArgs:
    """`filter_policy` says which of the topic's notifications are received, by their message attributes.

    `sender` is who else sends to the queue, and to its dead letters what cannot be delivered.
    """

    topic: NotificationTopic
    filter_policy: Mapping[str, Sequence[Any]]
    visibility_timeout_seconds: int
    sender: Sender | None = None


class SubscribedQueue(pulumi.ComponentResource):
    """A queue between the topic and one consumer.

    Makes: queue, queue policy, dead-letter queue, subscription.
    Guarantees: a message's body is the notification's JSON payload; one that is received MAX_RECEIVES times and not
    deleted is kept in `dead_letters`; one that SNS cannot deliver in the topic's `undelivered`.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    dead_letters: DeadLetterQueue
    accepts: aws.sqs.QueuePolicy
    """What senders have to depend on: AWS checks the permission when they are made."""

    def __init__(self, name: str, args: SubscribedQueueArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:SubscribedQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.dead_letters = DeadLetterQueue(f"{name}-dead-letters", sender=args.sender, opts=child)
        queue = working_queue(
            name,
            self.dead_letters,
            visibility_seconds=args.visibility_timeout_seconds,
            receives=MAX_RECEIVES,
            opts=child,
        )
        self.name, self.arn, self.url = queue.name, queue.arn, queue.url
        statements = [
            refuse_plain_http("sqs:*", self.arn),
            allow_service("sns.amazonaws.com", "sqs:SendMessage", self.arn, source_arn=args.topic.arn),
        ]
        if args.sender:
            statements.append({**allow_sender(args.sender, self.arn), "Sid": "AllowSender"})  # a second of its kind
        self.accepts = aws.sqs.QueuePolicy(f"{name}-policy", queue_url=self.url, policy=policy(*statements), opts=child)
        aws.sns.TopicSubscription(
            f"{name}-subscription",
            topic=args.topic.arn,
            protocol="sqs",
            endpoint=self.arn,
            filter_policy=json.dumps(args.filter_policy),
            redrive_policy=args.topic.redrive_policy,
            raw_message_delivery=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.accepts, args.topic.undelivered.ready]),
        )
        self.register_outputs({"url": self.url})

    def allow_receive(self) -> Allow:
        """For a function that reads the queue itself."""
        return Allow(actions=["sqs:ReceiveMessage", "sqs:DeleteMessage"], resources=[self.arn])

    def allow_poll(self) -> Allow:
        """For a function whose event source mapping reads the queue: Lambda does so by the function's role."""
        actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        return Allow(actions=actions, resources=[self.arn])

    def allow_change_visibility(self) -> Allow:
        """For a function that decides when a message is retried."""
        return Allow(actions=["sqs:ChangeMessageVisibility"], resources=[self.arn])

    def allow_send(self) -> Allow:
        """For a function that puts messages into the queue past the topic."""
        return Allow(actions=["sqs:SendMessage"], resources=[self.arn])
