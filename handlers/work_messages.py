"""What a message of the work queue asks for: an upload that was told of, or a file to be processed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from handlers.documents import REPROCESS
from handlers.notices import SCHEMA as UPLOAD
from handlers.s3_events import is_file_id, order_of


class MalformedMessageError(ValueError):
    """Neither a notice of an upload nor a request to process a file again. Raised, so that the queue keeps it."""


@dataclass(frozen=True, kw_only=True)
class WorkMessage:
    """`order` is that of the event that was told; None if the file is wanted as the row has it now.

    `is_gone` says that the notice came late, when its version had been removed: the row may show the one before it.
    """

    file_id: str
    event: str
    order: str | None
    is_gone: bool = False


def work_message_in(body: str) -> WorkMessage:
    """Of a message's text. Raises MalformedMessageError."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError(f"the message is not JSON: {error}") from error
    return work_message(document)


def work_message(document: object) -> WorkMessage:
    """Raises MalformedMessageError."""
    if not isinstance(document, Mapping):
        raise MalformedMessageError(f"the message is {type(document).__name__}, not a JSON object")
    schema = document.get("schema")
    if schema == REPROCESS:
        return WorkMessage(file_id=_asked_for(document.get("id")), event="created", order=None)
    file = document.get("file")
    if schema != UPLOAD or not isinstance(file, Mapping):
        raise MalformedMessageError(f"schema {schema!r:.80} is neither {UPLOAD} with a file nor {REPROCESS}")
    event, sequencer = document.get("event"), file.get("sequencer") or ""
    if not isinstance(event, str) or not isinstance(sequencer, str):
        raise MalformedMessageError("the message's event or sequencer is not text")
    is_gone = document.get("late") == "removed"
    return WorkMessage(file_id=_file_id(file.get("id")), event=event, order=order_of(sequencer), is_gone=is_gone)


def _file_id(value: object) -> str:
    if not is_file_id(value):
        raise MalformedMessageError(f"{value!r:.80} is not the id of a file")
    return str(value)


def _asked_for(value: object) -> str:
    """The gateway puts whatever a person asks for into the queue: what is no id names no file, and harms nobody."""
    return str(value) if is_file_id(value) else ""
