"""Notifications that SNS could not deliver: to the one recipient that missed it, where that is possible.

SNS cannot be told to deliver again. A queue or a phone is reached directly. Everybody else only listens to the topic;
there a notification can be addressed to one subscription alone if its filter policy has a value of its own. Otherwise all
recipients of the same rules would get it again: that needs --to-everyone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from domain.notifications import SCHEMA
from domain.recipients import PROTOCOLS
from domain.wording import visible
from ops.aws import Aws
from ops.reading.subscriptions import Subscription, own_address
from ops.replay.letters import FailedAgainError, Letter, UndecidedError
from ops.stack import Stack

_ROUTING = {"people": "deliver", "machines": "rules"}


@dataclass(frozen=True, kw_only=True)
class Resender:
    """Sends undelivered notifications again. `listening` are the topic's subscriptions as they are now."""

    stack: Stack
    listening: Sequence[Subscription]
    to_everyone: bool
    _published: dict[tuple[str, str], str] = field(default_factory=dict)
    """By subscription and text: the id of the notification that missed it and was published again."""

    def describe(self, letter: Letter) -> str:
        """What the notification is, and whom it missed."""
        try:
            missed = ", ".join(one.endpoint for one in self._missed(letter))
        except (FailedAgainError, UndecidedError) as error:
            missed = f"? ({error})"
        envelope = _envelope(letter)
        subject = envelope.get("Subject") if envelope else _document(letter).get("file", {}).get("key")
        return f"{visible(str(subject or 'a notification'))} → {missed}"

    def replay(self, letter: Letter) -> None:
        """Reach whoever missed it. Raises FailedAgainError or UndecidedError, with the letter unsent."""
        for one in self._missed(letter):
            if one.is_pending:
                raise FailedAgainError(f"{one.endpoint} has not confirmed its subscription")
            self._send(letter, one)

    def _missed(self, letter: Letter) -> list[Subscription]:
        """Whom the notification missed. SNS's envelope names the subscription; a raw message only fits some queues."""
        envelope = _envelope(letter)
        if envelope:
            arn = parse_qs(urlsplit(envelope.get("UnsubscribeURL", "")).query).get("SubscriptionArn", [""])[0]
            found = [one for one in self.listening if one.arn == arn]
            if not found:
                raise FailedAgainError("the subscription that missed it is gone")
            return found
        attributes = _attributes(letter)
        fitting = [one for one in self.listening if one.protocol == "sqs" and matches(one.filter_policy, attributes)]
        if not fitting:
            raise FailedAgainError("no queue is subscribed that takes such a message")
        if len(fitting) > 1 and not self.to_everyone:
            queues = ", ".join(one.endpoint.rpartition(":")[2] for one in fitting)
            raise UndecidedError(f"SNS does not say which of these queues missed it: {queues}")
        return fitting

    def _send(self, letter: Letter, one: Subscription) -> None:
        envelope = _envelope(letter)
        if one.protocol == "sqs":
            self._to_queue(letter, one.endpoint)
        elif one.protocol == "sms":
            self.stack.aws.sns.publish(PhoneNumber=one.endpoint, Message=envelope["Message"])
        elif own_address(one.endpoint) in self._addresses(one):
            self._publish(envelope, one, [own_address(one.endpoint)])
        elif self.to_everyone:
            self._publish(envelope, one, [name for name in self._addresses(one) if not name.startswith("to:")])
        else:
            raise UndecidedError(
                f"{one.endpoint} can only be reached together with everybody else of its rules "
                f"({', '.join(self._addresses(one))})"
            )

    def _to_queue(self, letter: Letter, arn: str) -> None:
        _, _, _, region, account, name = arn.split(":")
        aws = self.stack.aws if region == self.stack.region else Aws(region, self.stack.endpoint)
        url = aws.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        aws.sqs.send_message(QueueUrl=url, MessageBody=letter.body)

    def _publish(self, envelope: Mapping[str, Any], one: Subscription, values: Sequence[str]) -> None:
        """Through the topic, past the stack's own queues: these want to know which event it was.

        Raises FailedAgainError if what was published is back: each turn would tell everybody else once more.
        """
        missed, key = envelope.get("MessageId", ""), (one.arn, envelope["Message"])
        before = self._published.setdefault(key, missed)
        if before != missed:
            raise FailedAgainError(f"SNS could not deliver it to {one.endpoint} this time either")
        person = _is_person(one)
        attributes: dict[str, Any] = {
            _ROUTING["people" if person else "machines"]: {
                "DataType": "String.Array",
                "StringValue": json.dumps(list(values)),
            }
        }
        if not person:
            attributes["kind"] = {"DataType": "String", "StringValue": "upload"}
        request: dict[str, Any] = {
            "TopicArn": self.stack["topicArn"],
            "Message": envelope["Message"],
            "MessageAttributes": attributes,
        }
        if envelope.get("Subject"):
            request["Subject"] = envelope["Subject"]
        try:
            self.stack.aws.sns.publish(**request)
        except BaseException:
            self._published.pop(key, None)  # a copy of it may still be sent
            raise

    def _addresses(self, one: Subscription) -> list[str]:
        """What the subscription listens to: names of rules, and its own address if it has one."""
        routing = _ROUTING["people" if _is_person(one) else "machines"]
        found: Any = one.filter_policy.get(routing, [])
        return [str(value) for value in found]


def matches(policy: Mapping[str, Any], attributes: Mapping[str, Sequence[str]]) -> bool:
    """Whether a filter policy of this program lets attributes through: equal values, or that there are any."""
    return all(
        any(
            name in attributes if isinstance(wanted, Mapping) else wanted in attributes.get(name, ())
            for wanted in values
        )
        for name, values in policy.items()
    )


def _envelope(letter: Letter) -> dict[str, Any]:
    """SNS's envelope; empty for a message that was delivered raw."""
    found = _object(letter)
    return found if found.get("Type") == "Notification" and "Message" in found else {}


def _document(letter: Letter) -> dict[str, Any]:
    found = _object(letter)
    return found if found.get("schema") == SCHEMA else {}


def _object(letter: Letter) -> dict[str, Any]:
    try:
        found: Any = json.loads(letter.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _attributes(letter: Letter) -> dict[str, list[str]]:
    """The attributes that the notification was published with, which a raw document repeats."""
    document = _document(letter)
    if not document:
        raise FailedAgainError("the message is neither SNS's envelope nor a notification of this system")
    found = {
        "kind": ["upload"],
        "event": [document["event"]],
        "rules": document["rules"],
        "digest": document["digest"],
    }
    return {name: values for name, values in found.items() if values}


def _is_person(subscription: Subscription) -> bool:
    return any(name == subscription.protocol and kind.is_person for name, kind in PROTOCOLS.items())
