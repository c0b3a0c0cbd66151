"""Replays the dead-letter queues of the queues that functions read: messages return to their queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from domain import scans
from domain.wording import visible
from handlers.data.chat_queue import SINCE_ATTRIBUTE
from ops.replay.messages import ForeignMessageError, Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def describe(message: Message) -> str:
    """The file that the message is about, in a line: `created invoices/a.pdf`."""
    try:
        return _described(message)
    except ForeignMessageError as error:
        return str(error)


def _described(message: Message) -> str:
    """Raises ForeignMessageError."""
    try:
        payload: Any = json.loads(message.body)
        if payload.get("Type") == "Notification":  # SNS's envelope, in the chat queue
            channel = message.attributes.get("channel", {}).get("StringValue")
            return f"{visible(str(payload.get('Subject')))}{f' → channel {channel}' if channel else ''}"
        if payload.get("source") == scans.SOURCE:
            details = payload["detail"]
            status = visible(str(details["scanResultDetails"]["scanResultStatus"]))
            return f"scan result {status} of {visible(details['s3ObjectDetails']['objectKey'])}"
        if payload.get("schema") == scans.SCAN_CHECK_SCHEMA:
            return f"look for the scan result of file {payload['id']}"
        if "file" in payload:
            return f"{payload['event']} {visible(payload['file']['key'])}"
        return f"process file {payload['id']} again"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ForeignMessageError(f"not a message of this system: {visible(message.body[:80])}") from error


def replay(client: SQSClient, queue_url: str, message: Message) -> None:
    """Send the message to the queue it came from. Raises ForeignMessageError, or ClientError if SQS does not accept it.

    If deleting it afterwards fails, it exists twice: process and digest recognize what they have done already, and a
    chat channel gets it twice.
    """
    _described(message)
    attributes: Any = {
        name: {key: item for key, item in value.items() if not key.endswith("ListValues")}
        for name, value in message.attributes.items()
        if name != SINCE_ATTRIBUTE  # a chat message may be put off again
    }
    client.send_message(QueueUrl=queue_url, MessageBody=message.body, MessageAttributes=attributes)
