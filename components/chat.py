"""Chat queue, function and the channels' secret webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import OLDEST_MESSAGE_AGE, AlarmArgs, queue_metric
from components.channel_settings import Channel
from components.dead_letter_queue import DeadLetterQueue
from components.handler_function import FunctionArgs, HandlerFunction
from components.intake import Intake
from components.settings import Settings
from components.statements import Allow, allow_service, policy, refuse_plain_http
from components.subscribed_queue import working_queue
from domain.rules import Rule
from domain.topology import (
    CHANNELS_VARIABLE,
    CHAT_DEAD_LETTERS,
    CHAT_MAX_RECEIVES,
    FailureQueue,
    chat_filter,
)

TIMEOUT_SECONDS = 150
"""Of a batch: each message waits for the channel's turn, and a service that does not answer is asked once for each
channel: MOST channels, 13 s each."""
VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS
BATCH_SIZE = 10
CONCURRENCY = 2
"""The least that Lambda accepts for a queue. Each function keeps to its half of a channel's pace.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""
MAY_WAIT_SECONDS = 90 * 60  # a message is retried for an hour
RECURSION = "Allow"
"""A message that is put off is a copy in the function's own queue. That ends after an hour, and may take more copies
than the 16 after which Lambda invokes a function no more for what it takes for a loop.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""


@dataclass(frozen=True, kw_only=True)
class ChatArgs:
    """The channels of a region, and the rules and alarms that name them."""

    intake: Intake
    channels: Sequence[Channel]
    rules: Sequence[Rule]
    alarm_channels: Sequence[str]


class Chat(pulumi.ComponentResource):
    """Posts to chat channels what their rules notify people about, and alarms.

    Makes: a parameter with the secret webhook of each channel, the chat queue with its dead-letter queue, the chat
    function, the event source mapping; when `subscribe` is called the queue's policy and its subscriptions.
    Guarantees: a webhook's URL is in the state and in the parameter store, encrypted, and nowhere else; a new one
    changes that parameter and nothing more. What a service does not accept within CHAT_MAX_RECEIVES is dead-lettered.
    """

    url: pulumi.Output[str]
    function: HandlerFunction
    failure_queues: Mapping[FailureQueue, DeadLetterQueue]
    queue_name: pulumi.Output[str]

    def __init__(self, name: str, args: ChatArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:Chat", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._prefix, self._args = name, args
        parameters = {channel.name: self._parameter(channel) for channel in args.channels}
        dead_letters = DeadLetterQueue(f"{name}-dead-letters", opts=child)
        self.failure_queues = {CHAT_DEAD_LETTERS: dead_letters}
        queue = working_queue(
            name, dead_letters, visibility_seconds=VISIBILITY_SECONDS, receives=CHAT_MAX_RECEIVES, opts=child
        )
        self.url, self.queue_name, self._queue_arn = queue.url, queue.name, queue.arn
        self.function = HandlerFunction(
            name,
            FunctionArgs(
                handler="handlers.chat.handler",
                description="Posts notifications and alarms to chat channels",
                defaults=args.intake.function_defaults,
                environment={
                    CHANNELS_VARIABLE: pulumi.Output.json_dumps(
                        {channel: parameter.name for channel, parameter in parameters.items()}
                    ),
                    "ALARM_CHANNELS": json.dumps(list(args.alarm_channels)),
                    "QUEUE_URL": queue.url,
                },
                files=args.intake.rules,
                allow=[
                    # The parameter store's own key decrypts for everyone in the account who may read the parameter:
                    # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
                    Allow(actions=["ssm:GetParameters"], resources=[one.arn for one in parameters.values()]),
                    Allow(
                        actions=[
                            "sqs:ReceiveMessage",
                            "sqs:DeleteMessage",
                            "sqs:GetQueueAttributes",
                            "sqs:ChangeMessageVisibility",
                            "sqs:SendMessage",
                        ],
                        resources=[queue.arn],
                    ),
                ],
                timeout_seconds=TIMEOUT_SECONDS,
            ),
            opts=child,
        )
        recursion = aws.lambda_.FunctionRecursionConfig(
            f"{name}-recursion", function_name=self.function.name, recursive_loop=RECURSION, opts=child
        )
        self._mapping = aws.lambda_.EventSourceMapping(
            f"{name}-mapping",
            event_source_arn=queue.arn,
            function_name=self.function.name,
            batch_size=BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": CONCURRENCY},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recursion]),
        )
        self.register_outputs({"queue_url": queue.url})

    def subscribe(self, alarms_arn: pulumi.Input[str]) -> None:
        """Subscribe the queue to the topic of its region and, where channels receive alarms, to the alarm topic.

        With SNS's envelope, which has the subject and the attributes: a digest and an alarm have no other form.
        """
        topic = self._args.intake.topic
        sources = [topic.arn, *([alarms_arn] if self._args.alarm_channels else [])]
        accept = aws.sqs.QueuePolicy(
            f"{self._prefix}-policy",
            queue_url=self.url,
            policy=policy(
                refuse_plain_http("sqs:*", self._queue_arn),
                allow_service(
                    "sns.amazonaws.com",
                    "sqs:SendMessage",
                    self._queue_arn,
                    source_arn=sources if len(sources) > 1 else sources[0],
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        # After the function: it looks up the channels of a rule in those that it was deployed with.
        needed = [accept, topic.undelivered.ready, self._mapping]
        ready = pulumi.ResourceOptions(parent=self, depends_on=needed)
        if wanted := chat_filter(self._args.rules)["deliver"]:
            aws.sns.TopicSubscription(
                f"{self._prefix}-subscription",
                topic=topic.arn,
                protocol="sqs",
                endpoint=self._queue_arn,
                filter_policy=json.dumps({"deliver": wanted}),
                redrive_policy=topic.redrive_policy,
                opts=ready,
            )
        if self._args.alarm_channels:
            aws.sns.TopicSubscription(
                f"{self._prefix}-alarms", topic=alarms_arn, protocol="sqs", endpoint=self._queue_arn, opts=ready
            )

    @property
    def alarms(self) -> list[AlarmArgs]:
        """An alarm on messages that wait though the function retries them for an hour: it does not run."""
        return [
            AlarmArgs(
                heading="chat-waits",
                meaning="Messages wait for a chat channel longer than the hour in which they are retried.",
                run="doctor",
                watched=queue_metric(OLDEST_MESSAGE_AGE, self.queue_name),
                threshold=MAY_WAIT_SECONDS,
                minutes=5,
                breaching=2,
            )
        ]

    def _parameter(self, channel: Channel) -> aws.ssm.Parameter:
        return aws.ssm.Parameter(
            f"{self._prefix}-{channel.name}",
            description=f"Webhook of the chat channel {channel.name}",
            type="SecureString",
            value=pulumi.Output.secret(channel.webhook.as_parameter()),
            opts=pulumi.ResourceOptions(parent=self),
        )


def chat_of(name: str, settings: Settings, intake: Intake, *, opts: pulumi.ResourceOptions) -> Chat | None:
    """What posts to chat channels in a region; None if no rule and no alarm names one."""
    if not settings.used_channels:
        return None
    args = ChatArgs(
        intake=intake,
        channels=settings.used_channels,
        rules=settings.all_rules,
        alarm_channels=settings.alarm_channels,
    )
    return Chat(f"{name}-chat", args, opts=opts)
