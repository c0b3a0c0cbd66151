"""Entry: on a schedule, everything that waits in the digest queue becomes one notice a rule.

Environment: TOPIC_ARN, QUEUE_URL, PAGE_URL. The rules lie beside the code, in rules.json.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.events import FileEvent
from domain.messages import event_of, waits_for
from domain.notifications import Notice, Routing, digest_notice, upload_notice
from domain.rules import RULES_FILE, Rule, load_rules, mails

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef

BATCH = 10  # SQS: the most messages in one call
MOST_MESSAGES = 20_000  # in memory at once; the rest waits for the next digest
FILES_A_LINE = 1000  # of the log: CloudWatch takes lines of up to 256 KB
DRAIN_SHARE = 0.5  # of the time left: publishing and deleting need the other half
SECONDS_BETWEEN_NOTICES = 0.2  # half of the rate for which SNS suspends an address

_CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})

logger = Logger()
metrics = Metrics()


@dataclass(frozen=True)
class Waiting:
    """One message of the queue: an event, and the rules whose next digest it belongs to."""

    receipt: str
    document: Mapping[str, Any]
    event: FileEvent
    rules: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class DigestQueue:
    """The messages that wait. What is received stays hidden until it is deleted, or until the visibility timeout."""

    client: SQSClient
    url: str

    def drain(self, enough: Callable[[int], bool]) -> Iterator[Waiting]:
        """Receive until the queue is empty or `enough(received)`. A message that is none of ours is left to SQS."""
        received = 0
        while not enough(received):
            # Waiting asks every server of the queue; without it "no messages" may not mean empty.
            reply = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=1)
            messages = reply.get("Messages", [])
            if not messages:
                return
            received += len(messages)
            for message in messages:
                try:
                    document = json.loads(message["Body"])
                    yield Waiting(
                        receipt=message["ReceiptHandle"],
                        document=document,
                        event=event_of(document),
                        rules=waits_for(document),
                    )
                except (ValueError, KeyError, TypeError, RecursionError):
                    # After some digests SQS moves it to the dead-letter queue, which has an alarm.
                    logger.exception("not a notice", message_id=message["MessageId"])

    def keep_for(self, message: Waiting, rules: frozenset[str]) -> None:
        """Put the message back for these rules only: its other rules' digests have gone out."""
        self.client.send_message(
            QueueUrl=self.url, MessageBody=json.dumps({**message.document, "digest": sorted(rules)}, ensure_ascii=False)
        )

    def delete(self, messages: Sequence[Waiting]) -> list[Exception]:
        """Tries every message. Returns what went wrong: what SQS keeps will be told again."""
        failures: list[Exception] = []
        for start in range(0, len(messages), BATCH):
            entries: list[DeleteMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "ReceiptHandle": message.receipt}
                for number, message in enumerate(messages[start : start + BATCH])
            ]
            try:
                kept = self.client.delete_message_batch(QueueUrl=self.url, Entries=entries).get("Failed", [])
            except (ClientError, BotoCoreError) as failure:
                failures.append(failure)
            else:
                failures += [RuntimeError(f"SQS did not delete a told message: {one['Code']}") for one in kept]
        return failures


@dataclass(frozen=True, kw_only=True)
class Digester:
    """Publishes what waits, one notice a rule, and deletes only what was published."""

    queue: DigestQueue
    rules: Mapping[str, Rule]
    partition: str
    publish: Callable[[Notice], object]
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
                self.pause(SECONDS_BETWEEN_NOTICES)
            due = {message.event.identity: message for message in messages if rule in message.rules}
            events = list(due.values())
            try:
                self.publish(self._notice(events, rule))
            except Exception as failure:
                logger.exception("digest failed", rule=rule, files=len(events))
                failures[rule] = failure
            else:
                for start in range(0, len(events), FILES_A_LINE):
                    ids = [event.event.file_id for event in events[start : start + FILES_A_LINE]]
                    logger.info("digest", rule=rule, files=len(ids), file_ids=ids)
                counts["Digests"] += 1
                counts["Digested"] += len(events)
        unsettled = self._settle(messages, failures.keys())
        if failures:
            raise ExceptionGroup(f"{len(failures)} digests could not be sent", [*failures.values(), *unsettled])
        if unsettled:
            raise ExceptionGroup("what was told could not all be taken out of the queue", unsettled)
        return counts

    def _notice(self, due: Sequence[Waiting], name: str) -> Notice:
        # A rule that has been taken out of the config since still has a name, and nobody who listens to it.
        rule = self.rules.get(name, Rule(name=name, to=()))
        if len(due) == 1:
            late, routing = due[0].document["late"], Routing(deliver=(name,))
            notice = upload_notice(due[0].event, [rule], routing, partition=self.partition, page=self.page, late=late)
            # Machines were told at once, when it happened.
            return replace(notice, document=None, attributes={"kind": "digest", "deliver": (name,)})
        late_ones = {message.event.identity for message in due if message.document["late"]}
        return digest_notice([message.event for message in due], rule, page=self.page, late=late_ones)

    def _settle(self, messages: Sequence[Waiting], failed: Collection[str]) -> list[Exception]:
        """Delete what was told in all its rules; keep what was told in some for the others; leave the rest to SQS.

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


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - the schedule says nothing
    """Returns how many digests went out, for whoever invokes it by hand."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    _count_mails(0)  # a turn without a digest leaves its mark as well
    try:
        counts = _digester().run(lambda: context.get_remaining_time_in_millis() / 1000)
    finally:
        metrics.flush_metrics()
    return {"digests": counts["Digests"], "files": counts["Digested"]}


@cache
def _digester() -> Digester:
    topic_arn = os.environ["TOPIC_ARN"]
    sns = boto3.client("sns", config=_CLIENT)
    rules = {rule.name: rule for rule in load_rules(json.loads(RULES_FILE.read_text()))}

    def publish(notice: Notice) -> None:
        sns.publish(**notice.publish_request(topic_arn))
        _count_mails(mails(rules[name] for name in notice.attributes["deliver"] if name in rules))

    return Digester(
        queue=DigestQueue(client=boto3.client("sqs", config=_CLIENT), url=os.environ["QUEUE_URL"]),
        rules=rules,
        partition=topic_arn.split(":")[1],
        page=os.environ["PAGE_URL"],
        publish=publish,
    )


def _count_mails(count: int) -> None:
    metrics.add_metric(name="MailsInDigests", unit=MetricUnit.Count, value=count)
