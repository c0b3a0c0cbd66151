"""Dead letters of the work queue and the digest queue go back to where they came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from domain.wording import visible
from ops.replay.letters import Letter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def describe(letter: Letter) -> str:
    """Which file the message is about, as far as it says."""
    try:
        document: Any = json.loads(letter.body)
        if "file" in document:
            return f"{document['event']} {visible(document['file']['key'])}"
        return f"file {document['id']} once more"
    except (ValueError, KeyError, TypeError):
        return f"not a message of this system: {visible(letter.body[:80])}"


def replay(client: SQSClient, queue_url: str, letter: Letter) -> None:
    """Put the message back, as it was. Raises ClientError if SQS does not take it.

    Should the deletion after it fail, the message is there twice: both readers know what they have done already.
    """
    attributes: Any = {
        name: {key: item for key, item in value.items() if not key.endswith("ListValues")}
        for name, value in letter.attributes.items()
    }
    client.send_message(QueueUrl=queue_url, MessageBody=letter.body, MessageAttributes=attributes)
