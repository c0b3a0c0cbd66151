"""Replays events that notify failed on, or never received: notify gets them again. Likewise the expect function's.

Lambda's destination records contain them whole; what EventBridge could not deliver is the event itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from threading import Lock
from typing import Any

from domain.envelopes import raw_records
from domain.events import OtherEvent, UnreadableEventError
from domain.s3_events import file_event
from domain.wording import visible
from ops.invocation import invoke_notify, invoke_watcher
from ops.replay.messages import Message, NothingToReplayError, ReplayFailedError
from ops.stack import Stack
from ops.words import counted


def event_of(message: Message) -> Mapping[str, Any]:
    """The event that Lambda or EventBridge gave up on. Raises NothingToReplayError if the message contains none."""
    try:
        record: Any = json.loads(message.body)
    except ValueError as error:
        raise NothingToReplayError(f"the message is not JSON: {error}") from error
    if isinstance(record, Mapping):
        is_event = "Records" in record or record.get("source") == "aws.s3" or _is_of_watcher(record)
        event = record.get("requestPayload", record if is_event else None)
        if isinstance(event, Mapping):
            return event
    raise NothingToReplayError("the message is neither Lambda's record of a failed event nor an event")


def describe(message: Message) -> str:
    """The event in a line: `ObjectCreated:Put invoices/a.pdf`, `expected invoices by 2026-11-30T06:00:00Z`."""
    try:
        event = event_of(message)
        if _is_of_watcher(event):
            return f"expected {visible(str(event.get('rule') or 'sweep'))} by {visible(str(event['scheduledTime']))}"
        events = [file_event(raw) for raw in raw_records(event)]
    except (NothingToReplayError, UnreadableEventError) as error:
        return f"unreadable: {error}"
    if not events:
        return "an event without records"
    lines = [event.name if isinstance(event, OtherEvent) else f"{event.name} {visible(event.key)}" for event in events]
    return lines[0] if len(lines) == 1 else f"{counted(len(lines), 'record')}: {', '.join(lines)}"


class EventReplayer:
    """Invokes a function with its failed events. Copies of one event wait for each other: a claimed one is refused."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._locks: dict[str, Lock] = {}

    def replay(self, message: Message) -> None:
        """Invoke the function and wait for its answer. Raises ReplayFailedError, also NothingToReplayError."""
        event = event_of(message)
        function, invoke = ("expect", invoke_watcher) if _is_of_watcher(event) else ("notify", invoke_notify)
        with self._locks.setdefault(json.dumps(event, sort_keys=True), Lock()):
            reason = invoke(self._stack, event)
        if reason:
            raise ReplayFailedError(f"{function} failed again: {reason}")


def _is_of_watcher(event: Mapping[str, Any]) -> bool:
    """Whether EventBridge Scheduler sent it to the expect function."""
    return "scheduledTime" in event
