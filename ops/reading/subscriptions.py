"""The subscriptions of a topic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.aws import if_there, is_absent

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

PENDING = "PendingConfirmation"  # what SNS lists in place of an ARN until the subscription is confirmed
DELETED = "Deleted"  # and for a while after it has ended; SNS then refuses to return its attributes


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One subscription as SNS shows it. A pending one has no attributes that SNS would return."""

    arn: str
    protocol: str
    endpoint: str
    is_pending: bool
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def filter_policy(self) -> Mapping[str, Any]:
        """Empty if it has none: it then receives every notification."""
        return self._json("FilterPolicy")

    @property
    def filters_attributes(self) -> bool:
        """Whether its filter policy applies to message attributes, which is SNS's default, and not to the body."""
        return self.attributes.get("FilterPolicyScope", "MessageAttributes") == "MessageAttributes"

    @property
    def redrive(self) -> Mapping[str, Any]:
        """Empty if it has no dead-letter queue."""
        return self._json("RedrivePolicy")

    @property
    def is_unguarded(self) -> bool:
        """Whether the unsubscribe link in each mail ends it without credentials."""
        return not self.is_pending and self.attributes.get("ConfirmationWasAuthenticated") == "false"

    @property
    def filter_text(self) -> str:
        """The filter policy for people, with its scope where that is not the default."""
        policy = self.attributes.get("FilterPolicy") or "none"
        return policy if self.filters_attributes else f"{policy}, applied to the message's body"

    def has_filter(self, expected: Mapping[str, Any]) -> bool:
        """Whether it has this filter policy, in whatever order, on message attributes."""
        policy = self.filter_policy
        if not self.filters_attributes or policy.keys() != expected.keys():
            return False
        return all(_unordered(policy[name]) == _unordered(expected[name]) for name in expected)

    def _json(self, name: str) -> Mapping[str, Any]:
        value: Any = json.loads(self.attributes.get(name) or "{}")
        return value if isinstance(value, Mapping) else {}


def _unordered(values: Any) -> list[str]:
    return sorted(map(json.dumps, values)) if isinstance(values, list | tuple) else [json.dumps(values)]


def subscriptions(sns: SNSClient, topic_arn: str) -> list[Subscription] | None:
    """Every subscription of a topic, pending ones included; None if the topic does not exist."""
    from botocore.exceptions import ClientError

    listed: list[Any] = []
    try:
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
            listed += page["Subscriptions"]
    except ClientError as error:
        if is_absent(error):
            return None
        raise
    read = [_subscription(sns, entry) for entry in listed if entry["SubscriptionArn"] != DELETED]
    return [subscription for subscription in read if subscription is not None]


def _subscription(sns: SNSClient, listed: Mapping[str, str]) -> Subscription | None:
    """None if it has ended since it was listed."""
    arn = listed["SubscriptionArn"]
    attributes: Mapping[str, str] = {"PendingConfirmation": "true"}
    if arn != PENDING:
        answer = if_there(sns.get_subscription_attributes, SubscriptionArn=arn)
        if answer is None:
            return None
        attributes = answer["Attributes"]
    return Subscription(
        arn=arn,
        protocol=listed["Protocol"],
        endpoint=listed["Endpoint"],
        is_pending=attributes.get("PendingConfirmation") == "true",
        attributes=attributes,
    )
