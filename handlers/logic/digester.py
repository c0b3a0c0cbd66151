"""Publishes the messages that wait for a digest: one notification for each rule."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from domain.digests import digest_notification
from domain.expectation_notices import digest_expected_earlier
from domain.notifications import Notification, Routing, upload_notification
from domain.rules import Rule
from handlers.data.digest_queue import DigestQueue, Waiting

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

MAX_MESSAGES = 20_000  # in memory at once; the rest waits for the next digest
MAX_BYTES = 40_000_000
"""Of messages in memory at once. With what they decode to this is about 120 MB of the function's 256."""
FILES_PER_LOG_LINE = 1000
"""A line of about 40 KB; CloudWatch Logs takes at least 256 KB.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
"""
DRAIN_SHARE = 0.5  # of the time left: publishing and deleting need the other half
SECONDS_BETWEEN_NOTIFICATIONS = 0.2
"""SNS suspends an address at 10 messages a second: this is half of that.

https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
"""


@dataclass(frozen=True, kw_only=True)
class Digester:
    """Publishes one notification for each rule, and deletes only messages that were published for all their rules."""

    queue: DigestQueue
    logger: Logger
    rules: Mapping[str, Rule]
    partition: str
    publish: Callable[[Notification], object]
    page: str = ""
    pause: Callable[[float], None] = time.sleep

    def run(self, seconds_left: Callable[[], float]) -> Counter[str]:
        """Publish the digests that are due. Returns the counts `Digests` and `Digested` (files in them).

        Raises ExceptionGroup if a digest could not be published or a message not be deleted: those stay in the queue.
        """
        counts: Counter[str] = Counter()
        stop_draining_at = seconds_left() * (1 - DRAIN_SHARE)
        messages = list(
            self.queue.drain(
                lambda count, size: count >= MAX_MESSAGES or size >= MAX_BYTES or seconds_left() < stop_draining_at
            )
        )
        failures: dict[str, Exception] = {}
        for number, rule in enumerate(sorted({name for message in messages for name in message.rules})):
            if number:
                self.pause(SECONDS_BETWEEN_NOTIFICATIONS)
            due = list({message.event.identity: message for message in messages if rule in message.rules}.values())
            if rule not in self.rules:
                self.logger.warning("the rule of this digest is gone: nobody receives it", rule=rule, files=len(due))
            try:
                self.publish(self._notification(due, rule))
            except Exception as failure:
                self.logger.exception("digest failed", rule=rule, files=len(due))
                failures[rule] = failure
            else:
                self._log(rule, due)
                counts["Digests"] += 1
                counts["Digested"] += len(due)
        unsettled = self._settle(messages, failures.keys())
        if failures:
            raise ExceptionGroup(f"{len(failures)} digests could not be published", [*failures.values(), *unsettled])
        if unsettled:
            raise ExceptionGroup("published messages could not all be deleted from the queue", unsettled)
        return counts

    def _log(self, rule: str, due: Sequence[Waiting]) -> None:
        for start in range(0, len(due), FILES_PER_LOG_LINE):
            ids = [message.event.file_id for message in due[start : start + FILES_PER_LOG_LINE]]
            self.logger.info("digest", rule=rule, files=len(ids), file_ids=ids)

    def _notification(self, due: Sequence[Waiting], name: str) -> Notification:
        # A rule that was removed from the config since has a name, but no recipients any more.
        rule = self.rules.get(name, Rule(name=name, to=()))
        if len(due) == 1:
            notification = upload_notification(
                due[0].event,
                [rule],
                Routing(deliver=(name,)),
                partition=self.partition,
                page=self.page,
                late=due[0].late,
            )
            # Systems were notified at once, when it happened, and do not get what is of this kind.
            digest = replace(notification, attributes={"kind": "digest", "deliver": (name,)})
        else:
            late = {message.event.identity for message in due if message.late}
            digest = digest_notification([message.event for message in due], rule, page=self.page, late=late)
        expected = [one for message in due for one in message.expected if one["rule"] == name]
        return digest_expected_earlier(digest, expected) if expected else digest

    def _settle(self, messages: Sequence[Waiting], failed: Collection[str]) -> list[Exception]:
        """Delete messages published for all their rules. Those published for some are sent again for the others.

        Returns the failures. A message whose copy could not be sent stays as it is: all its rules are notified again.
        """
        failures: list[Exception] = []
        done: list[Waiting] = []
        for message in messages:
            owed = message.rules.intersection(failed)
            if owed == message.rules:
                continue
            try:
                if owed:
                    self.queue.requeue(message, owed)
            except (ClientError, BotoCoreError) as failure:
                failures.append(failure)
            else:
                done.append(message)
        return failures + self.queue.delete(done)
