"""Storms become one mail."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.handler_function import FunctionArgs, HandlerFunction
from components.handlers_layer import HandlersLayer
from components.notification_topic import NotificationTopic
from components.statements import policy
from components.subscribed_queue import SubscribedQueue

TIMEOUT_SECONDS = 120
VISIBILITY_SECONDS = 2 * TIMEOUT_SECONDS  # longer than a digest can take: no message is in two of them


class Digest(pulumi.ComponentResource):
    """What waits for a digest, and the function that sends it.

    Makes: digest queue with its dead-letter queue and subscription, the digest function, its schedule and the
    schedule's role.
    Guarantees: nothing leaves the queue before it was published.
    """

    waiting: SubscribedQueue
    function: HandlerFunction

    def __init__(
        self,
        name: str,
        *,
        topic: NotificationTopic,
        minutes: int,
        page_url: pulumi.Input[str],
        rules_json: str,
        layer: HandlersLayer,
        log_retention_days: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`minutes` is the time from one digest to the next, `page_url` where the web interface is.

        `rules_json` are the rules as notify has them.
        """
        super().__init__("file-notifications:components:Digest", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.waiting = SubscribedQueue(
            f"{name}-waiting",
            topic=topic,
            filter_policy={"digest": [{"exists": True}]},
            visibility_timeout_seconds=VISIBILITY_SECONDS,
            opts=child,
        )
        self.function = HandlerFunction(
            f"{name}-send",
            FunctionArgs(
                handler="handlers.digest.handler",
                description="Sends what waits as one notification a rule",
                layer=layer,
                log_retention_days=log_retention_days,
                environment={"TOPIC_ARN": topic.arn, "QUEUE_URL": self.waiting.url, "PAGE_URL": page_url},
                files={"rules.json": rules_json},
                allow=[topic.allow_publish(), self.waiting.allow_receive(), self.waiting.allow_send()],
                timeout_seconds=TIMEOUT_SECONDS,
            ),
            opts=child,
        )
        # The schedule invokes it asynchronously. What waits is in the queue: the next turn sends it, and one that is
        # repeated by Lambda would only be beside it.
        once = aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-once", function_name=self.function.function_name, maximum_retry_attempts=0, opts=child
        )
        role = aws.iam.Role(
            f"{name}-schedule-role",
            assume_role_policy=policy(
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "scheduler.amazonaws.com"},
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": aws.get_caller_identity_output().account_id},
                    },
                }
            ),
            opts=child,
        )
        invoke = aws.iam.RolePolicy(
            f"{name}-schedule-policy",
            role=role.name,
            policy=policy({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": self.function.arn}),
            opts=child,
        )
        aws.scheduler.Schedule(
            f"{name}-schedule",
            description="Sends the digests that are due",
            schedule_expression=f"rate({minutes} minute{'' if minutes == 1 else 's'})",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": self.function.arn,
                "role_arn": role.arn,
                "retry_policy": {"maximum_retry_attempts": 0},
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[invoke, once, *self.function.ready]),
        )
        self.register_outputs({"queue_url": self.waiting.url})
