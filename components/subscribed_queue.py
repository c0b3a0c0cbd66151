"""A queue that hears about some of the notifications."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.dead_letter_queue import RETENTION_SECONDS, DeadLetterQueue
from components.notification_topic import NotificationTopic
from components.statements import Allow, allow_service, policy, refuse_plain_http

MAX_RECEIVES = 5  # AWS's advice for queues that Lambda reads; throttled receives count too


class SubscribedQueue(pulumi.ComponentResource):
    """A queue between the topic and one consumer.

    Makes: queue, queue policy, dead-letter queue, subscription.
    Guarantees: the consumer gets the notification's JSON document as the message's body; a message that is received five
    times and not deleted is kept in `dead_letters`; one that SNS cannot hand over in the topic's `undelivered`.
    """

    queue: aws.sqs.Queue
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    dead_letters: DeadLetterQueue

    def __init__(
        self,
        name: str,
        *,
        topic: NotificationTopic,
        filter_policy: Mapping[str, Sequence[Any]],
        visibility_timeout_seconds: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:SubscribedQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.dead_letters = DeadLetterQueue(f"{name}-dead-letters", opts=child)
        self.queue = aws.sqs.Queue(
            f"{name}-queue",
            visibility_timeout_seconds=visibility_timeout_seconds,
            message_retention_seconds=RETENTION_SECONDS,  # a digest a day: what fails needs six days to a dead letter
            sqs_managed_sse_enabled=True,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": self.dead_letters.arn, "maxReceiveCount": MAX_RECEIVES}
            ),
            opts=child,
        )
        self.arn, self.url = self.queue.arn, self.queue.url
        accept = aws.sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=self.url,
            policy=policy(
                refuse_plain_http("sqs:*", self.arn),
                allow_service("sns.amazonaws.com", "sqs:SendMessage", self.arn, source_arn=topic.arn),
            ),
            opts=child,
        )
        aws.sns.TopicSubscription(
            f"{name}-subscription",
            topic=topic.arn,
            protocol="sqs",
            endpoint=self.arn,
            filter_policy=json.dumps(filter_policy),
            redrive_policy=topic.redrive_policy,
            raw_message_delivery=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[accept, topic.undelivered.ready]),
        )
        self.register_outputs({"url": self.url})

    def allow_receive(self) -> Allow:
        return Allow(actions=["sqs:ReceiveMessage", "sqs:DeleteMessage"], resources=[self.arn])

    def allow_poll(self) -> Allow:
        """What Lambda wants of a function's role before it polls the queue in the function's name."""
        actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        return Allow(actions=actions, resources=[self.arn])

    def allow_change_visibility(self) -> Allow:
        return Allow(actions=["sqs:ChangeMessageVisibility"], resources=[self.arn])

    def allow_send(self) -> Allow:
        return Allow(actions=["sqs:SendMessage"], resources=[self.arn])
