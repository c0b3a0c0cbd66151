"""When failed messages of a queue are received again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef

LONGEST_SECONDS = 12 * 3600 - 900
"""SQS hides a message for twelve hours after it was received, and by now a function may have run for 15 minutes.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""


def receive_again(client: SQSClient, queue_url: str, seconds: Mapping[str, float]) -> list[str]:
    """Have messages, by their receipt, received again after so many seconds, or after the most that SQS takes.

    Returns SQS's code for each refusal.
    """
    entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
        {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": int(min(wait, LONGEST_SECONDS))}
        for number, (receipt, wait) in enumerate(seconds.items())
    ]
    reply = client.change_message_visibility_batch(QueueUrl=queue_url, Entries=entries)
    return [failure["Code"] for failure in reply.get("Failed", [])]
