"""Envelopes of S3's events: SNS, SQS and EventBridge. They are removed here, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from domain.events import UnreadableEventError


def raw_records(event: object) -> list[Mapping[str, Any]]:
    """Remove the envelopes of an event. Returns one mapping for each thing that happened, still as AWS wrote it.

    Raises UnreadableEventError for anything that is neither an S3 event nor one wrapped by SNS, SQS or EventBridge.
    """
    if not isinstance(event, Mapping):
        raise UnreadableEventError(f"the event is {type(event).__name__}, not a JSON object")
    if event.get("Event") == "s3:TestEvent" or event.get("source") == "aws.s3":
        return [event]
    if event.get("Type") == "Notification":  # an SNS envelope inside an SQS message
        return raw_records(_json(event.get("Message")))
    records = event.get("Records")
    if not isinstance(records, list):
        raise UnreadableEventError(f"the event has no list of Records; its keys are {sorted(map(str, event))[:10]}")
    return [unwrapped for record in records for unwrapped in _unwrap(record)]


def is_sqs_batch(event: object) -> bool:
    """Whether Lambda received the event from an SQS queue: failures can then be reported message by message."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    first = records[0] if isinstance(records, list) and records else None
    return isinstance(first, Mapping) and first.get("eventSource") == "aws:sqs"


def _json(text: object) -> object:
    if not isinstance(text, str):
        raise UnreadableEventError(f"the enclosed message is {type(text).__name__}, not JSON text")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableEventError(f"the enclosed message is not JSON: {error}") from error


def _unwrap(record: object) -> list[Mapping[str, Any]]:
    if not isinstance(record, Mapping):
        raise UnreadableEventError(f"a record is {type(record).__name__}, not a JSON object")
    if record.get("EventSource") == "aws:sns":
        envelope = record.get("Sns")
        return raw_records(_json(envelope.get("Message") if isinstance(envelope, Mapping) else envelope))
    if record.get("eventSource") == "aws:sqs":
        return raw_records(_json(record.get("body")))
    return [record]
