"""A queue that keeps what could not be delivered or processed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.statements import Allow, allow_service, policy, refuse_plain_http

RETENTION_SECONDS = 14 * 86_400  # SQS: the longest; also longer than any queue in front of it


@dataclass(frozen=True, kw_only=True)
class Sender:
    """A service that sends by the queue's policy, on behalf of these sources. Roles send by their own."""

    service: str
    source_arn: pulumi.Input[str] | Sequence[pulumi.Input[str]]


def allow_sender(sender: Sender, queue_arn: pulumi.Input[str]) -> dict[str, Any]:
    """The statement of a queue's policy that lets a service send."""
    return allow_service(sender.service, "sqs:SendMessage", queue_arn, source_arn=sender.source_arn)


class DeadLetterQueue(pulumi.ComponentResource):
    """A queue without a consumer: its messages wait for an operator to inspect and replay them.

    Makes: queue, queue policy.
    Guarantees: messages are kept for RETENTION_SECONDS, encrypted, TLS only; no service but the one sender may write.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    ready: aws.sqs.QueuePolicy
    """What a sender has to depend on: AWS checks the permission when the sender is made."""

    def __init__(self, name: str, *, sender: Sender | None = None, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:DeadLetterQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        queue = aws.sqs.Queue(
            f"{name}-queue", message_retention_seconds=RETENTION_SECONDS, sqs_managed_sse_enabled=True, opts=child
        )
        self.name, self.arn, self.url = queue.name, queue.arn, queue.url
        statements = [refuse_plain_http("sqs:*", self.arn)]
        if sender is not None:
            statements.append(allow_sender(sender, self.arn))
        self.ready = aws.sqs.QueuePolicy(f"{name}-policy", queue_url=self.url, policy=policy(*statements), opts=child)
        self.register_outputs({"url": self.url})

    def allow_send(self) -> Allow:
        """For a role that sends by its own policy."""
        return Allow(actions=["sqs:SendMessage"], resources=[self.arn])
