"""The JSON documents that go through queues: a notice, read back, and what asks for a file to be looked into again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from handlers.notices import SCHEMA, Late
from handlers.rules import is_rule_name
from handlers.s3_events import Action, FileEvent

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
