"""Payloads of queues: a notification for systems, read back; a request to process a file again; a work message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from domain.events import Action, FileEvent, is_file_id, order_of
from domain.notifications import SCHEMA, Late
from domain.rules import is_rule_name

REPROCESS = "file-notifications/reprocess/1"


def reprocess_request(file_id: str, person: str) -> dict[str, str]:
    """What asks for a file to be looked into again; API Gateway writes the same by a template."""
    return {"schema": REPROCESS, "id": file_id, "requestedBy": person}


def event_of(document: Mapping[str, Any]) -> FileEvent:
    """The event that a document was made of. Raises ValueError, KeyError or TypeError if it is none of ours."""
    file, action, size = document["file"], document["event"], document["file"]["size"]
    if (
        document["schema"] != SCHEMA
        or action not in get_args(Action)
        or document["late"] not in (None, *get_args(Late))
    ):
        raise ValueError(f"not a document of {SCHEMA}")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int)):
        raise TypeError(f"size is {size!r}, not a number of bytes")
    texts = {
        "name": document["eventName"],
        "bucket": file["bucket"],
        "key": file["key"],
        "region": file["region"],
        "time": document["time"],
        "etag": file["etag"] or "",
        "version_id": file["versionId"] or "",
        "sequencer": file["sequencer"] or "",
        "by": document["by"] or "",
        "available_until": document["availableUntil"] or "",
    }
    for name, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"{name} is {text!r}, not text")
    return FileEvent(action=action, size=size, **texts)


def waits_for(document: Mapping[str, Any]) -> frozenset[str]:
    """The rules whose next digest a document belongs to. Raises ValueError or KeyError if it does not say so."""
    names = document["digest"]
    if not isinstance(names, list) or not names or not all(map(is_rule_name, names)):
        raise ValueError(f"digest is {names!r:.80}, not a list of rules' names")
    return frozenset(names)


class MalformedMessageError(ValueError):
    """Neither a notification of an upload nor a request to process a file again. Raised, so that the queue keeps it."""


@dataclass(frozen=True, kw_only=True)
class WorkMessage:
    """`order` is that of the event that was published; None if the file is wanted as the catalogue has it now.

    `is_gone` says that the notification came late, when its version had been removed: the item may show the one before.
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
    if schema != SCHEMA or not isinstance(file, Mapping):
        raise MalformedMessageError(f"schema {schema!r:.80} is neither {SCHEMA} with a file nor {REPROCESS}")
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
