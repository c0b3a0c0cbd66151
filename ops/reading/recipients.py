"""The recipients that the deployed rules name, and the subscriptions that reach them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from domain import topology
from domain.recipients import Recipient
from domain.rules import Rule
from ops.reading.subscriptions import Subscription

State = Literal["confirmed", "pending", "gone"]


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """A recipient of the deployed rules, and the subscription that reaches it; None if it has none."""

    recipient: Recipient
    rules: tuple[str, ...]
    subscription: Subscription | None

    @property
    def state(self) -> State:
        """`gone` if it has no subscription."""
        if self.subscription is None:
            return "gone"
        return "pending" if self.subscription.is_pending else "confirmed"

    @property
    def has_expected_filter(self) -> bool:
        """Whether its filter policy is the one its rules need. SNS does not show that of a pending subscription.

        A subscription that it shares has the filter policy of the queue, which is checked with the queue.
        """
        if self.subscription is None or self.subscription.is_pending or self.recipient.kind.shares_subscription:
            return True
        return self.subscription.has_filter(topology.filter_policy(self.recipient, self.rules))


def subscribers(rules: Iterable[Rule], subscriptions: Iterable[Subscription], chat_queue: str = "") -> list[Subscriber]:
    """Every recipient that the rules name, once. `chat_queue` is the ARN of the queue that chat channels share."""
    by_endpoint = {(subscription.protocol, subscription.endpoint): subscription for subscription in subscriptions}
    return [
        Subscriber(
            recipient=recipient,
            rules=names,
            subscription=by_endpoint.get(
                ("sqs", chat_queue) if recipient.kind.shares_subscription else (recipient.protocol, recipient.address)
            ),
        )
        for recipient, names in topology.recipients(rules).items()
    ]


def unknown_subscriptions(
    rules: Iterable[Rule], subscriptions: Iterable[Subscription], own_queues: Sequence[str]
) -> list[Subscription]:
    """Subscriptions that no rule asks for: created by hand. `own_queues` are the ARNs of the stack's own queues."""
    known = {(recipient.protocol, recipient.address) for recipient in topology.recipients(rules)}
    known |= {("sqs", arn) for arn in own_queues}
    return [
        subscription for subscription in subscriptions if (subscription.protocol, subscription.endpoint) not in known
    ]
