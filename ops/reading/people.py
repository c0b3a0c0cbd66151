"""Who ought to hear, and whether SNS would tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.recipients import Recipient
from domain.rules import Rule
from ops.reading.subscriptions import Subscription, expected_filter, recipients, without_own_address

State = Literal["confirmed", "pending", "gone"]


@dataclass(frozen=True, kw_only=True)
class Listener:
    """One recipient of the deployed rules, and the subscription that reaches it; `gone` has none."""

    recipient: Recipient
    rules: tuple[str, ...]
    subscription: Subscription | None

    @property
    def state(self) -> State:
        if self.subscription is None:
            return "gone"
        return "pending" if self.subscription.is_pending else "confirmed"

    @property
    def hears_its_rules(self) -> bool:
        """Whether the subscription's filter policy is what its rules ask for. Nobody can tell of one that waits."""
        if self.subscription is None or self.subscription.is_pending:
            return True
        found = without_own_address(self.subscription.filter_policy, self.recipient.address)
        expected = expected_filter(self.recipient, self.rules)
        return found.keys() == expected.keys() and all(set(found[name]) == set(expected[name]) for name in expected)


def listeners(rules: Sequence[Rule], found: Sequence[Subscription]) -> list[Listener]:
    """Everybody who is named in the rules."""
    by_endpoint = {(one.protocol, one.endpoint): one for one in found}
    return [
        Listener(
            recipient=recipient,
            rules=names,
            subscription=by_endpoint.get((recipient.protocol, recipient.address)),
        )
        for recipient, names in recipients(rules).items()
    ]


def strangers(rules: Sequence[Rule], found: Sequence[Subscription], ours: Sequence[str]) -> list[Subscription]:
    """Subscriptions that no rule asks for: made by hand. `ours` are the endpoints of the stack's own queues."""
    known = {(one.protocol, one.address) for one in recipients(rules)} | {("sqs", arn) for arn in ours}
    return [one for one in found if (one.protocol, one.endpoint) not in known]
