"""Events that notify failed on: Lambda's destination records hold them whole, and notify gets them once more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from threading import Lock
from typing import Any

from domain.events import OtherEvent, UnreadableEventError, file_event, raw_records
from domain.wording import visible
from ops.invocation import tell
from ops.replay.letters import FailedAgainError, Letter
from ops.stack import Stack
from ops.words import counted


def event_of(letter: Letter) -> Mapping[str, Any]:
    """The event that Lambda gave up on. Raises FailedAgainError for a message that holds none."""
    try:
        record: Any = json.loads(letter.body)
    except ValueError as error:
        raise FailedAgainError(f"the message is not JSON: {error}") from error
    if isinstance(record, Mapping):
        event = record.get("requestPayload", record if "Records" in record else None)
        if isinstance(event, Mapping):
            return event
    raise FailedAgainError("the message is neither Lambda's record of a failed event nor an event")


def describe(letter: Letter) -> str:
    """The event in a line: `ObjectCreated:Put invoices/a.pdf`."""
    try:
        found = [file_event(raw) for raw in raw_records(event_of(letter))]
    except (FailedAgainError, UnreadableEventError) as error:
        return f"unreadable: {error}"
    said = [one.name if isinstance(one, OtherEvent) else f"{one.name} {visible(one.key)}" for one in found]
    return said[0] if len(said) == 1 else f"{counted(len(said), 'record')}: {', '.join(said)}"


class Retelling:
    """Has notify tell events once more. Copies of one event wait for each other: notify refuses what is being told."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._turns: dict[str, Lock] = {}

    def replay(self, letter: Letter) -> None:
        """Wait for notify's answer. Raises FailedAgainError."""
        event = event_of(letter)
        with self._turns.setdefault(json.dumps(event, sort_keys=True), Lock()):
            reason = tell(self._stack, event)
        if reason:
            raise FailedAgainError(f"notify failed again: {reason}")
