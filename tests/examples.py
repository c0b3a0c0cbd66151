"""A file event, a rule, and the events that AWS documents, for tests."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from domain.events import FileEvent
from domain.findings import Finding
from domain.notifications import Notification
from domain.rules import Rule
from handlers.logic.person import Person

EVENTS = Path(__file__).resolve().parent / "events"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:file-notifications-notifications-topic-1a2b3c4"


def golden(name: str) -> dict[str, Any]:
    """An event as AWS writes it, from tests/events."""
    return json.loads((EVENTS / f"{name}.json").read_text())


def a_file(**changes: Any) -> FileEvent:
    """An uploaded file, but for the changes."""
    invoice = {
        "action": "created",
        "name": "ObjectCreated:Put",
        "bucket": "file-notifications-uploads-1a2b3c4",
        "key": "invoices/2026/invoice-0423.pdf",
        "region": "eu-west-1",
        "time": "2026-11-23T08:41:07.123Z",
        "size": 186_368,
        "etag": "d41d8cd98f00b204e9800998ecf8427e",
        "version_id": "3sL4kqtJlcpXroDTDmJ",
        "sequencer": "0055AED6DCD90281E5",
        "by": "maria",
    }
    return FileEvent(**{**invoice, **changes})


def a_finding(**changes: Any) -> Finding:
    """A photo that was inspected and is as it should be, but for the changes."""
    photo = {
        "kind": "processed",
        "time": "2026-11-23T08:41:12Z",
        "sha256": "0123456789abcdef" * 4,
        "content_type": "image/jpeg",
        "facts": (("Camera", "Acme 12"), ("Taken", "2026-11-22 16:03:11")),
    }
    return Finding(**{**photo, **changes})


def a_rule(**changes: Any) -> Rule:
    """A rule about every created file, but for the changes."""
    return Rule(**{"name": "every file", "to": ("ann@example.com",), **changes})


def a_person(*groups: str, name: str = "maria") -> Person:
    """Someone who signed in, in these groups."""
    return Person(name=name, groups=frozenset(groups), address="203.0.113.7")


def as_cursor(value: object) -> str:
    """Any value in the form of the API's cursors."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def as_config(value: object) -> str:
    """A setting as the engine hands it over, or as it is written in a command: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def enveloped(notification: Notification) -> str:
    """A notification as SNS delivers it to a queue without raw delivery, in its envelope."""
    request = notification.publish_request(TOPIC)
    texts = json.loads(request["Message"])
    attributes = {
        name: {"Type": value["DataType"], "Value": value["StringValue"]}
        for name, value in request["MessageAttributes"].items()
    }
    return json.dumps(
        {
            "Type": "Notification",
            "Subject": request["Subject"],
            "Message": texts.get("sqs", texts["default"]),
            "MessageAttributes": attributes,
        }
    )
