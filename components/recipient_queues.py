"""The permission by which recipients' queues take notifications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pulumi
import pulumi_aws as aws

from components.labels import label
from components.notification_topic import NotificationTopic
from components.regions import sns_between
from components.statements import allow_service, policy
from domain.recipients import Recipient


class RecipientQueues(pulumi.ComponentResource):
    """Policies of the queues that rules name as recipients.

    Makes: for each such queue the one policy that it can have, which names the topics of all regions.
    Guarantees: a queue that does not exist is an error of the preview.
    """

    policies: dict[Recipient, aws.sqs.QueuePolicy]
    """What a subscription of the queue has to depend on: before, SNS could not deliver to it."""

    def __init__(
        self,
        name: str,
        *,
        topics: Sequence[NotificationTopic],
        recipients: Iterable[Recipient],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:RecipientQueues", name, None, opts)
        self.policies = {
            recipient: self._policy(f"{name}-{label(recipient.address)}-policy", recipient, topics)
            for recipient in recipients
            if recipient.kind.permission == "queue policy"
        }
        self.register_outputs({})

    def _policy(self, name: str, recipient: Recipient, topics: Sequence[NotificationTopic]) -> aws.sqs.QueuePolicy:
        senders = pulumi.Output.all(*(topic.region for topic in topics)).apply(
            lambda regions: sorted({sns_between(region, recipient.region) for region in regions})
        )
        sources = [topic.arn for topic in topics]
        return aws.sqs.QueuePolicy(
            name,
            queue_url=aws.sqs.get_queue_output(name=recipient.address.split(":")[-1], region=recipient.region).url,
            policy=policy(
                allow_service(
                    senders.apply(lambda names: names if len(names) > 1 else names[0]),
                    "sqs:SendMessage",
                    recipient.address,
                    source_arn=sources if len(sources) > 1 else sources[0],
                )
            ),
            region=recipient.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
