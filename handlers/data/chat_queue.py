"""The chat queue: when a message is received again, and copies for the channels that missed it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.data.visibility import receive_again

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

CHANNEL_ATTRIBUTE = "channel"
"""Of a message that is for one channel only: the others have it."""
SINCE_ATTRIBUTE = "since"
"""Of a message that was put off: since when, in seconds since 1970."""
MOST_DELAY_SECONDS = 900
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


@dataclass(frozen=True, kw_only=True)
class ChatQueue:
    """Sends copies, and says when failed messages are received again."""

    client: SQSClient
    url: str

    def send_copy(self, body: str, channel: str, *, delay: float, since: int | None = None) -> None:
        """A copy of a message for one channel, in `delay` seconds. It is a new message with receives of its own."""
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            CHANNEL_ATTRIBUTE: {"DataType": "String", "StringValue": channel}
        }
        if since is not None:
            attributes[SINCE_ATTRIBUTE] = {"DataType": "Number", "StringValue": str(since)}
        self.client.send_message(
            QueueUrl=self.url,
            MessageBody=body,
            DelaySeconds=min(math.ceil(delay), MOST_DELAY_SECONDS),
            MessageAttributes=attributes,
        )

    def delete(self, receipt: str) -> None:
        """Delete a message that is done. Lambda does so with its batch, unless the function ends before."""
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)

    def retry(self, seconds: Mapping[str, float]) -> list[str]:
        """Messages, by their receipt, are received again after so many seconds. Returns SQS's codes for refusals."""
        return sorted(set(receive_again(self.client, self.url, seconds)))
