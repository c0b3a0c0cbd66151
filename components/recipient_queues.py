"""The permission by which recipients' queues take notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.labels import label
from components.notification_topic import NotificationTopic
from components.regions import sns_between
from components.statements import allow_service, policy
from domain.recipients import Recipient


class MissingRecipientError(pulumi.RunError):
    """A rule names a queue that cannot be found. The CLI prints the text as it is, without a traceback."""


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
        recipients: Mapping[Recipient, Sequence[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`recipients` are all of them, with the names of their rules."""
        super().__init__("file-notifications:components:RecipientQueues", name, None, opts)
        self.policies = {
            recipient: self._policy(f"{name}-{label(recipient.address)}-policy", recipient, rules, topics)
            for recipient, rules in recipients.items()
            if recipient.kind.permission == "queue policy"
        }
        self.register_outputs({})

    def _policy(
        self, name: str, recipient: Recipient, rules: Sequence[str], topics: Sequence[NotificationTopic]
    ) -> aws.sqs.QueuePolicy:
        senders = pulumi.Output.all(*(topic.region for topic in topics)).apply(
            lambda regions: sorted({sns_between(region, recipient.region) for region in regions})
        )
        sources = [topic.arn for topic in topics]
        return aws.sqs.QueuePolicy(
            name,
            queue_url=_found(recipient, rules),
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


def _found(recipient: Recipient, rules: Sequence[str]) -> pulumi.Output[str]:
    """The URL of a recipient's queue, looked up so that a missing one, or another's, is an error of the preview."""
    name = recipient.address.split(":")[-1]
    names = ", ".join(map(repr, rules))
    named = f"rule {names} notifies" if len(rules) == 1 else f"rules {names} notify"

    def missing(error: Exception) -> pulumi.Output[aws.sqs.GetQueueResult]:
        raise MissingRecipientError(
            f"{named} {recipient.address}, which cannot be looked up: {error}\n"
            f"  aws sqs create-queue --region {recipient.region} --queue-name {name}\n"
            "  or take it out of the rule's `to`"
        ) from error

    def of_this_account(queue: aws.sqs.GetQueueResult) -> str:
        if queue.arn != recipient.address:  # it is looked up by its name: the policy would be written on our own queue
            raise MissingRecipientError(
                f"{named} {recipient.address}, which is a queue of another account; this one has {queue.arn}\n"
                "  let its owner subscribe it to the topic, or take it out of the rule's `to`"
            )
        return queue.url

    return aws.sqs.get_queue_output(name=name, region=recipient.region).recover(missing).apply(of_this_account)
