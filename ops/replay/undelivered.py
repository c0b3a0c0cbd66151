"""Replays notifications that SNS could not deliver, to the one recipient that missed each.

SNS has no call that delivers again. PROTOCOLS says how a recipient is reached: directly, or by the topic with the
recipient's own address, which the filter policy of no other subscription has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from domain.messages import UPLOAD_SCHEMAS
from domain.recipients import PROTOCOLS, Recipient
from domain.topology import filter_policy
from domain.wording import visible
from ops.aws import Aws
from ops.reading.subscriptions import Subscription
from ops.replay.messages import AmbiguousError, Message, NothingToReplayError, ReplayFailedError
from ops.stack import Stack


@dataclass(kw_only=True)
class Resender:
    """Sends undelivered notifications again. `subscriptions` are those of the topic now.

    A queue's notifications have no envelope that names the subscription, and may fit several queues: `queue` is the ARN
    of the one that missed them.
    """

    stack: Stack
    subscriptions: Sequence[Subscription]
    queue: str | None
    _published: dict[tuple[str, str], str] = field(default_factory=dict)
    """By subscription and text: the id of the undelivered notification that was published again."""

    def describe(self, message: Message) -> str:
        """The notification and the recipient that missed it, in a line."""
        try:
            missed_by = self._missed_by(message).endpoint
        except (ReplayFailedError, AmbiguousError) as error:
            missed_by = f"? ({error})"
        envelope = _envelope(message)
        subject = envelope.get("Subject") if envelope else _payload(message).get("file", {}).get("key")
        return f"{visible(str(subject or 'a notification'))} → {missed_by}"

    def replay(self, message: Message) -> None:
        """Send it to the recipient that missed it. Raises ReplayFailedError or AmbiguousError, with nothing sent."""
        subscription, envelope = self._missed_by(message), _envelope(message)
        if subscription.is_pending:
            raise NothingToReplayError(f"{subscription.endpoint} has not confirmed its subscription")
        recipient = _recipient(subscription)
        match recipient.kind.resend:
            case "queue":
                self._to_queue(message, subscription.endpoint)
            case "phone":
                self.stack.aws.sns.publish(PhoneNumber=subscription.endpoint, Message=envelope["Message"])
            case "topic":
                self._publish(envelope, subscription, filter_policy(recipient, ()))

    def _missed_by(self, message: Message) -> Subscription:
        """SNS's envelope names the subscription; a raw message only fits some queues."""
        envelope = _envelope(message)
        if not envelope:
            return self._queue_that_missed(_attributes(message))
        arn = parse_qs(urlsplit(envelope.get("UnsubscribeURL", "")).query).get("SubscriptionArn", [""])[0]
        named = [subscription for subscription in self.subscriptions if subscription.arn == arn]
        if not named:
            raise NothingToReplayError("the subscription that missed it no longer exists")
        return named[0]

    def _queue_that_missed(self, attributes: Mapping[str, Sequence[str]]) -> Subscription:
        fitting = [
            subscription
            for subscription in self.subscriptions
            if subscription.protocol == "sqs"
            and self.queue in (None, subscription.endpoint)
            and matches(subscription.filter_policy, attributes)
        ]
        if not fitting:
            raise NothingToReplayError(
                f"no queue is subscribed to such notifications{f' as {self.queue}' if self.queue else ''}"
            )
        if len(fitting) > 1:
            queues = ", ".join(subscription.endpoint for subscription in fitting)
            raise AmbiguousError(f"SNS does not record which of these queues missed it: {queues}")
        return fitting[0]

    def _to_queue(self, message: Message, arn: str) -> None:
        _, _, _, region, account, name = arn.split(":")
        aws = self.stack.aws if region == self.stack.region else Aws(region, self.stack.endpoint)
        url = aws.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        aws.sqs.send_message(QueueUrl=url, MessageBody=message.body)

    def _publish(
        self, envelope: Mapping[str, Any], subscription: Subscription, address: Mapping[str, Sequence[str]]
    ) -> None:
        """Publish it with attributes that the filter policy of this subscription alone lets through.

        Raises ReplayFailedError if the policy does not, or if SNS has failed to deliver the repetition too.
        """
        if not matches(subscription.filter_policy, address):
            raise ReplayFailedError(
                f"the filter policy of {subscription.endpoint} lacks its own address, as an older version deployed it; "
                f"first run: {self.stack.repair_command}"
            )
        missed, key = envelope.get("MessageId", ""), (subscription.arn, envelope["Message"])
        if self._published.setdefault(key, missed) != missed:
            raise ReplayFailedError(f"SNS could not deliver it to {subscription.endpoint} this time either")
        request: dict[str, Any] = {
            "TopicArn": self.stack["topicArn"],
            "Message": envelope["Message"],
            "MessageAttributes": {
                name: {"DataType": "String.Array", "StringValue": json.dumps(list(values))}
                for name, values in address.items()
            },
        }
        if envelope.get("Subject"):
            request["Subject"] = envelope["Subject"]
        try:
            self.stack.aws.sns.publish(**request)
        except BaseException:
            self._published.pop(key, None)  # a copy of it may still be sent
            raise


def matches(policy: Mapping[str, Any], attributes: Mapping[str, Sequence[str]]) -> bool:
    """Whether a filter policy of this program lets attributes through: equal values, or that there are any."""
    return all(
        any(
            name in attributes if isinstance(wanted, Mapping) else wanted in attributes.get(name, ())
            for wanted in values
        )
        for name, values in policy.items()
    )


def _recipient(subscription: Subscription) -> Recipient:
    for protocol in PROTOCOLS:
        if protocol == subscription.protocol:
            return Recipient(subscription.endpoint, protocol)
    raise NothingToReplayError(
        f"{subscription.endpoint} was subscribed by hand, by {subscription.protocol}; rules can name recipients of "
        f"{', '.join(PROTOCOLS)}"
    )


def _envelope(message: Message) -> dict[str, Any]:
    """SNS's envelope; empty for a message that was delivered raw."""
    body = _object(message)
    return body if body.get("Type") == "Notification" and "Message" in body else {}


def _payload(message: Message) -> dict[str, Any]:
    """The payload of a raw message; empty if it is none of this system."""
    body = _object(message)
    return body if body.get("schema") in UPLOAD_SCHEMAS and {"event", "rules", "digest"} <= body.keys() else {}


def _object(message: Message) -> dict[str, Any]:
    try:
        body: Any = json.loads(message.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _attributes(message: Message) -> dict[str, list[str]]:
    """The attributes that the notification was published with, which a raw payload repeats."""
    payload = _payload(message)
    if not payload:
        raise NothingToReplayError("the message is neither SNS's envelope nor a notification of this system")
    attributes = {
        "kind": ["upload"],
        "event": [payload["event"]],
        "rules": payload["rules"],
        "digest": payload["digest"],
    }
    return {name: values for name, values in attributes.items() if values}
