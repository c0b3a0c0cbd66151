"""Turns what waits for a digest into one notification a rule."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from domain.notifications import Notification, Routing, digest_notification, upload_notification
from domain.rules import Rule
from handlers.data.digest_queue import DigestQueue, Waiting

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

MOST_MESSAGES = 20_000  # in memory at once; the rest waits for the next digest
FILES_A_LINE = 1000  # of the log: CloudWatch takes lines of up to 256 KB
DRAIN_SHARE = 0.5  # of the time left: publishing and deleting need the other half
SECONDS_BETWEEN_NOTIFICATIONS = 0.2  # half of the rate for which SNS suspends an address


@dataclass(frozen=True, kw_only=True)
class Digester:
    """Publishes what waits, one notification a rule, and deletes only what was published."""

    queue: DigestQueue
    logger: Logger
    rules: Mapping[str, Rule]
    partition: str
    publish: Callable[[Notification], object]
    page: str = ""
    pause: Callable[[float], None] = time.sleep

    def run(self, seconds_left: Callable[[], float]) -> Counter[str]:
        """Send the digests that are due. Raises ExceptionGroup if some could not be sent; their messages are kept."""
        counts: Counter[str] = Counter()
        stop_draining_at = seconds_left() * (1 - DRAIN_SHARE)
        messages = list(self.queue.drain(lambda count: count >= MOST_MESSAGES or seconds_left() < stop_draining_at))
        failures: dict[str, Exception] = {}
        for number, rule in enumerate(sorted({name for message in messages for name in message.rules})):
            if number:
                self.pause(SECONDS_BETWEEN_NOTIFICATIONS)
            due = {message.event.identity: message for message in messages if rule in message.rules}
            events = list(due.values())
            try:
                self.publish(self._notification(events, rule))
            except Exception as failure:
                self.logger.exception("digest failed", rule=rule, files=len(events))
                failures[rule] = failure
            else:
                for start in range(0, len(events), FILES_A_LINE):
                    ids = [event.event.file_id for event in events[start : start + FILES_A_LINE]]
                    self.logger.info("digest", rule=rule, files=len(ids), file_ids=ids)
                counts["Digests"] += 1
                counts["Digested"] += len(events)
        unsettled = self._settle(messages, failures.keys())
        if failures:
            raise ExceptionGroup(f"{len(failures)} digests could not be sent", [*failures.values(), *unsettled])
        if unsettled:
            raise ExceptionGroup("what was told could not all be taken out of the queue", unsettled)
        return counts

    def _notification(self, due: Sequence[Waiting], name: str) -> Notification:
        # A rule that has been taken out of the config since still has a name, and nobody who listens to it.
        rule = self.rules.get(name, Rule(name=name, to=()))
        if len(due) == 1:
            late, routing = due[0].document["late"], Routing(deliver=(name,))
            notification = upload_notification(
                due[0].event, [rule], routing, partition=self.partition, page=self.page, late=late
            )
            # Machines were told at once, when it happened.
            return replace(notification, document=None, attributes={"kind": "digest", "deliver": (name,)})
        late_ones = {message.event.identity for message in due if message.document["late"]}
        return digest_notification([message.event for message in due], rule, page=self.page, late=late_ones)

    def _settle(self, messages: Sequence[Waiting], failed: Collection[str]) -> list[Exception]:
        """Delete what was told in all its rules; keep what was notified in some for the others; leave the rest to SQS.

        Returns what went wrong: those messages will be told again, the others must not be.
        """
        failures: list[Exception] = []
        done: list[Waiting] = []
        for message in messages:
            owed = message.rules.intersection(failed)
            if owed == message.rules:
                continue
            try:
                if owed:
                    self.queue.keep_for(message, owed)
            except (ClientError, BotoCoreError) as failure:
                failures.append(failure)
            else:
                done.append(message)
        return failures + self.queue.delete(done)
