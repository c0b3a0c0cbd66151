"""Digest queue, function and schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.dead_letter_queue import DeadLetterQueue
from components.handler_function import FunctionArgs, HandlerFunction
from components.intake import Intake
from components.roles import role_policy, schedule_role
from components.statements import Allow
from components.subscribed_queue import SubscribedQueue, SubscribedQueueArgs
from domain.topology import DIGEST_DEAD_LETTERS, DIGEST_FILTER, FailureQueue

TIMEOUT_SECONDS = 120
MAX_AGE_SECONDS = 60
"""Of an invocation that waits; the shortest that Lambda and EventBridge Scheduler accept. The next turn sends it all.

https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
"""
VISIBILITY_SECONDS = 2 * TIMEOUT_SECONDS  # longer than a digest can take: no message is in two of them


@dataclass(frozen=True, kw_only=True)
class DigestArgs:
    """`minutes` is the time from one digest to the next, `page_url` where the web interface is."""

    intake: Intake
    minutes: int
    page_url: pulumi.Input[str]


class Digest(pulumi.ComponentResource):
    """Notifications that wait for a digest, and the function that sends it.

    Makes: digest queue with its dead-letter queue and subscription, the digest function, its schedule and the
    schedule's role.
    Guarantees: nothing leaves the queue before it was published.
    """

    queue: SubscribedQueue
    function: HandlerFunction
    failure_queues: Mapping[FailureQueue, DeadLetterQueue]

    def __init__(self, name: str, args: DigestArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:Digest", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = args.intake.topic
        self.queue = SubscribedQueue(
            name,
            SubscribedQueueArgs(
                topic=topic, filter_policy=DIGEST_FILTER, visibility_timeout_seconds=VISIBILITY_SECONDS
            ),
            opts=child,
        )
        self.failure_queues = {DIGEST_DEAD_LETTERS: self.queue.dead_letters}
        self.function = HandlerFunction(
            name,
            FunctionArgs(
                handler="handlers.digest.handler",
                description="Sends what waits for a digest as one notification a rule",
                defaults=args.intake.function_defaults,
                environment={"TOPIC_ARN": topic.arn, "QUEUE_URL": self.queue.url, "PAGE_URL": args.page_url},
                files=args.intake.rules,
                allow=[topic.allow_publish(), self.queue.allow_receive(), self.queue.allow_send()],
                timeout_seconds=TIMEOUT_SECONDS,
            ),
            opts=child,
        )
        self._schedule(name, args.minutes)
        self.register_outputs({"queue_url": self.queue.url})

    def _schedule(self, name: str, minutes: int) -> None:
        # The schedule invokes it asynchronously. What waits is in the queue and goes with the next digest: a retry by
        # Lambda would only run beside it.
        once = aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-once",
            function_name=self.function.name,
            maximum_retry_attempts=0,
            # Retries are only for errors: a throttled invocation would wait for up to six hours, and run beside others.
            maximum_event_age_in_seconds=MAX_AGE_SECONDS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        role = schedule_role(f"{name}-schedule-role", parent=self)
        invoke = Allow(actions=["lambda:InvokeFunction"], resources=[self.function.arn])
        may_invoke = role_policy(f"{name}-schedule-policy", role, [invoke], parent=self)
        aws.scheduler.Schedule(
            f"{name}-schedule",
            description="Sends the digests that are due",
            schedule_expression=f"rate({minutes} minute{'' if minutes == 1 else 's'})",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": self.function.arn,
                "role_arn": role.arn,
                "retry_policy": {"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": MAX_AGE_SECONDS},
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[may_invoke, once]),
        )
