"""Who is subscribed to a topic, and who ought to be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from domain.recipients import Recipient
from domain.rules import Rule
from ops.aws import is_absent

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

PENDING = "PendingConfirmation"  # what SNS shows in place of an ARN that there is not yet
DELETED = "Deleted"  # and of one that is no more: SNS lists what has ended for a while, and refuses to be asked of it


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One subscription as SNS shows it. A pending one has no attributes that could be asked for."""

    arn: str
    protocol: str
    endpoint: str
    is_pending: bool
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def filter_policy(self) -> Mapping[str, Any]:
        return self._json("FilterPolicy")

    @property
    def redrive(self) -> Mapping[str, Any]:
        return self._json("RedrivePolicy")

    @property
    def anybody_may_end_it(self) -> bool:
        """Whether the link in each mail ends it without asking who follows the link."""
        return not self.is_pending and self.attributes.get("ConfirmationWasAuthenticated") == "false"

    def _json(self, name: str) -> Mapping[str, Any]:
        found: Any = json.loads(self.attributes.get(name) or "{}")
        return found if isinstance(found, Mapping) else {}


def subscriptions(sns: SNSClient, topic_arn: str) -> list[Subscription] | None:
    """Everybody who is subscribed to a topic, pending or not; None if there is no such topic."""
    from botocore.exceptions import ClientError

    found: list[Any] = []
    try:
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
            found += page["Subscriptions"]
    except ClientError as error:
        if is_absent(error):
            return None
        raise
    read = [_subscription(sns, one) for one in found if one["SubscriptionArn"] != DELETED]
    return [one for one in read if one is not None]


def _subscription(sns: SNSClient, listed: Mapping[str, str]) -> Subscription | None:
    """None if it has ended since it was listed."""
    from botocore.exceptions import ClientError

    arn = listed["SubscriptionArn"]
    attributes: Mapping[str, str] = {"PendingConfirmation": "true"}
    if arn != PENDING:
        try:
            attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        except ClientError as error:
            if is_absent(error):
                return None
            raise
    return Subscription(
        arn=arn,
        protocol=listed["Protocol"],
        endpoint=listed["Endpoint"],
        is_pending=attributes.get("PendingConfirmation") == "true",
        attributes=attributes,
    )


def recipients(rules: Sequence[Rule]) -> dict[Recipient, tuple[str, ...]]:
    """Everybody who is named in the rules, with the names of the rules that tell them."""
    found: dict[Recipient, list[str]] = {}
    for rule in rules:
        for recipient in rule.recipients:
            found.setdefault(recipient, []).append(rule.name)
    return {recipient: tuple(names) for recipient, names in found.items()}


def expected_filter(recipient: Recipient, rules: Sequence[str]) -> dict[str, list[str]]:
    """The filter policy that the program gives a recipient's subscription, without its own address."""
    if recipient.is_person:
        return {"deliver": list(rules)}
    return {"kind": ["upload"], "rules": list(rules)}


OWN_FILTERS: Mapping[str, Mapping[str, Any]] = {
    "work": {"kind": ["upload"], "event": ["created"]},
    "digest": {"digest": [{"exists": True}]},
}
"""The filter policies that the program gives its own queues, by their names in WAITING."""


def own_address(endpoint: str) -> str:
    """A value that a filter policy may hold beside the names of rules: what is addressed to it reaches nobody else.

    No rule can have that name: names of rules have no colon.
    """
    return f"to:{sha256(endpoint.encode()).hexdigest()[:16]}"


def without_own_address(policy: Mapping[str, Any], endpoint: str) -> dict[str, Any]:
    """A filter policy as it would be without that value."""
    own = own_address(endpoint)
    return {
        name: [value for value in values if value != own] if isinstance(values, list) else values
        for name, values in policy.items()
    }
