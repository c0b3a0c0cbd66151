"""Publishing to the topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.notifications import Notification
from domain.rules import Rule, mails

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """Publishes notifications to one topic. `count_mails` is called with how many mails a notification is at once."""

    sns: SNSClient
    topic_arn: str
    rules: Sequence[Rule]
    count_mails: Callable[[int], object]

    def __call__(self, notification: Notification) -> None:
        """Publish one notification. Raises botocore's errors."""
        self.sns.publish(**notification.publish_request(self.topic_arn))
        sent = mails(rule for rule in self.rules if rule.name in notification.attributes["deliver"])
        if sent:
            self.count_mails(sent)
