"""The messages of a queue that keeps failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH = 10  # SQS: the most messages in one call
HOLD_SECONDS = 600  # longer than a batch can take, each invocation at its slowest

_SHOWN_ALREADY = {"MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"}


class FailedAgainError(Exception):
    """The message could not be replayed, and is kept; the text says why."""


class UndecidedError(Exception):
    """The message could be replayed if somebody decided so, and is kept; the text says what is to be decided."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One kept message."""

    id: str
    receipt: str
    body: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Letters:
    """Hands out each message of a queue once. What is handed out stays hidden until it is deleted or given back."""

    client: SQSClient
    url: str
    _out: dict[str, Letter] = field(default_factory=dict)

    def batches(self, most: int | None) -> Iterator[list[Letter]]:
        """Up to `most` messages, ten at a time, until the queue is empty."""
        taken = 0
        while most is None or taken < most:
            found = self._receive(BATCH if most is None else min(BATCH, most - taken))
            if not found:
                return
            new = [letter for letter in found if letter.id not in self._out]
            self._out |= {letter.id: letter for letter in found}  # SQS may hand one out twice: the newer receipt counts
            taken += len(new)
            if new:
                yield new

    def delete(self, letter: Letter) -> None:
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=letter.receipt)
        del self._out[letter.id]

    def give_back(self) -> None:
        """Show everything that was not deleted again at once. Raises OpsError if SQS refuses some."""
        left, self._out = list(self._out.values()), {}
        refused: set[str] = set()
        for start in range(0, len(left), BATCH):
            reply = self.client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
                    for number, letter in enumerate(left[start : start + BATCH])
                ],
            )
            refused |= {one["Code"] for one in reply.get("Failed", [])} - _SHOWN_ALREADY
        if refused:
            raise OpsError(
                f"what was not replayed is kept, and hidden for {HOLD_SECONDS // 60} minutes: SQS does not show it "
                f"again at once ({', '.join(sorted(refused))})"
            )

    def _receive(self, most: int) -> list[Letter]:
        # Waiting asks every server of the queue; without it "no messages" may not mean empty.
        reply: Any = self.client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=most,
            VisibilityTimeout=HOLD_SECONDS,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
        )
        return [
            Letter(
                id=message["MessageId"],
                receipt=message["ReceiptHandle"],
                body=message["Body"],
                attributes=message.get("MessageAttributes", {}),
            )
            for message in reply.get("Messages", [])
        ]
