"""The messages of a failure queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH = 10  # SQS: the most messages in one call
HOLD_SECONDS = 600  # longer than a batch can take, each invocation at its slowest

_VISIBLE_ALREADY = {"MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"}


class ReplayFailedError(Exception):
    """The message could not be replayed, and stays in its queue; the text says why."""


class NothingToReplayError(ReplayFailedError):
    """No attempt was made: the message has no event, or its recipient is no more. It says nothing about the others."""


class AmbiguousError(Exception):
    """The message can be replayed once a person has decided where to; the text says what to decide."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a failure queue. `receipt` is SQS's receipt handle."""

    id: str
    receipt: str
    body: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Messages:
    """Receives each message of a queue once. A received message stays invisible until it is deleted or released."""

    client: SQSClient
    url: str
    _received: dict[str, Message] = field(default_factory=dict)

    def batches(self, most: int | None) -> Iterator[list[Message]]:
        """Up to `most` messages, ten at a time, until the queue is empty."""
        count = 0
        while most is None or count < most:
            received = self._receive(BATCH if most is None else min(BATCH, most - count))
            if not received:
                return
            new = [message for message in received if message.id not in self._received]
            self._received |= {message.id: message for message in received}  # SQS may deliver one twice: newest receipt
            count += len(new)
            if new:
                yield new

    def delete(self, message: Message) -> None:
        """Delete a message that was replayed. Raises ClientError."""
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message.receipt)
        del self._received[message.id]

    def release(self) -> None:
        """Make every message that was not deleted visible again. Raises OpsError if SQS refuses some."""
        remaining, self._received = list(self._received.values()), {}
        refused: set[str] = set()
        for start in range(0, len(remaining), BATCH):
            reply = self.client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message.receipt, "VisibilityTimeout": 0}
                    for number, message in enumerate(remaining[start : start + BATCH])
                ],
            )
            refused |= {failure["Code"] for failure in reply.get("Failed", [])} - _VISIBLE_ALREADY
        if refused:
            raise OpsError(
                f"messages that were not replayed stay invisible for {HOLD_SECONDS // 60} minutes: SQS did not make "
                f"them visible again ({', '.join(sorted(refused))})"
            )

    def _receive(self, most: int) -> list[Message]:
        # Waiting asks every server of the queue; without it "no messages" may not mean empty.
        reply: Any = self.client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=most,
            VisibilityTimeout=HOLD_SECONDS,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
        )
        return [
            Message(
                id=message["MessageId"],
                receipt=message["ReceiptHandle"],
                body=message["Body"],
                attributes=message.get("MessageAttributes", {}),
            )
            for message in reply.get("Messages", [])
        ]
