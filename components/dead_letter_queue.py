"""A queue for what could not be delivered."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.statements import Allow, allow_service, policy, refuse_plain_http

RETENTION_SECONDS = 14 * 86_400  # SQS: the longest; also longer than any queue in front of it


class DeadLetterQueue(pulumi.ComponentResource):
    """Keeps what could not be delivered until somebody has looked at it.

    Makes: queue, queue policy.
    Guarantees: kept 14 days, encrypted, TLS only; nobody writes but the one service and source it is given.
    """

    queue: aws.sqs.Queue
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    ready: aws.sqs.QueuePolicy
    """What a sender has to depend on: AWS checks the permission when the sender is made."""

    def __init__(
        self,
        name: str,
        *,
        service: str | None = None,
        source_arn: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:DeadLetterQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.queue = aws.sqs.Queue(
            f"{name}-queue", message_retention_seconds=RETENTION_SECONDS, sqs_managed_sse_enabled=True, opts=child
        )
        self.arn, self.url = self.queue.arn, self.queue.url
        statements = [refuse_plain_http("sqs:*", self.arn)]
        if service is not None and source_arn is not None:
            statements.append(allow_service(service, "sqs:SendMessage", self.arn, source_arn=source_arn))
        self.ready = aws.sqs.QueuePolicy(
            f"{name}-policy", queue_url=self.queue.url, policy=policy(*statements), opts=child
        )
        self.register_outputs({"url": self.url})

    def allow_send(self) -> Allow:
        return Allow(actions=["sqs:SendMessage"], resources=[self.arn])
