"""The queue in which files wait for the next digest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from domain.events import FileEvent
from domain.messages import event_of, waits_for

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef

BATCH = 10  # SQS: the most messages in one call


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
    logger: Logger

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
                    self.logger.exception("not a notification", message_id=message["MessageId"])

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
