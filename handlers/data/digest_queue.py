"""The digest queue: files that wait for the next digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from domain.events import FileEvent
from domain.messages import Late, MalformedMessageError, UploadPayload, as_json, event_of, upload_payload_in
from domain.shortfalls import ExpectedPayload, expected_in

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef

BATCH = 10
"""The most messages in one call.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""


@dataclass(frozen=True)
class Waiting:
    """One message of the queue: an event, and the rules whose next digest it belongs to.

    `body` is what was received, for a message that has to go back; it is a third of the size of what it decodes to.
    """

    receipt: str
    body: str
    event: FileEvent
    late: Late | None
    rules: frozenset[str]
    expected: tuple[ExpectedPayload, ...]


@dataclass(frozen=True, kw_only=True)
class DigestQueue:
    """Receives, returns and deletes messages. A received one stays hidden for the visibility timeout unless deleted."""

    client: SQSClient
    url: str
    logger: Logger

    def drain(self, enough: Callable[[int, int], bool]) -> Iterator[Waiting]:
        """Receive until the queue is empty or `enough(messages, their bytes)` have been received.

        Malformed messages are logged and left to SQS.
        """
        received = received_bytes = 0
        while not enough(received, received_bytes):
            # Long polling asks every server of the queue; without it "no messages" may not mean empty. See
            # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
            reply = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=1)
            messages = reply.get("Messages", [])
            if not messages:
                return
            received += len(messages)
            # Measured before it is read: half of a surrogate pair must not hold up the messages beside it.
            received_bytes += sum(len(message["Body"].encode(errors="surrogatepass")) for message in messages)
            for message in messages:
                try:
                    yield _waiting(message["ReceiptHandle"], message["Body"])
                except (ValueError, RecursionError):
                    # After MAX_RECEIVES digests SQS moves it to the dead-letter queue, which has an alarm.
                    self.logger.exception("malformed message", message_id=message["MessageId"])

    def requeue(self, message: Waiting, rules: frozenset[str]) -> None:
        """Send a copy of the message for these rules only: the digests of its other rules were published."""
        payload: UploadPayload = {**upload_payload_in(message.body), "digest": sorted(rules)}
        self.client.send_message(QueueUrl=self.url, MessageBody=as_json(payload))

    def delete(self, messages: Sequence[Waiting]) -> list[Exception]:
        """Delete every message it can. Returns the failures: those messages will be published again."""
        failures: list[Exception] = []
        for start in range(0, len(messages), BATCH):
            entries: list[DeleteMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "ReceiptHandle": message.receipt}
                for number, message in enumerate(messages[start : start + BATCH])
            ]
            try:
                refused = self.client.delete_message_batch(QueueUrl=self.url, Entries=entries).get("Failed", [])
            except (ClientError, BotoCoreError) as failure:
                failures.append(failure)
            else:
                failures += [RuntimeError(f"SQS did not delete a published message: {one['Code']}") for one in refused]
        return failures


def _waiting(receipt: str, body: str) -> Waiting:
    """Decode one message. Raises ValueError, as MalformedMessageError or UnreadableEventError."""
    payload = upload_payload_in(body)
    if not payload["digest"]:
        raise MalformedMessageError("digest is empty: the message waits for no rule")
    return Waiting(
        receipt=receipt,
        body=body,
        event=event_of(payload),
        late=payload["late"],
        rules=frozenset(payload["digest"]),
        expected=expected_in(payload),
    )
