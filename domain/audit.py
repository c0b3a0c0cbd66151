"""Lines of the audit log: who did what with which file, written by the api function and read by operators.

A line is one JSON object in ASCII, without line breaks, whatever names are in it. It never has a link or a form in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict, cast, get_args

AUDIT_SCHEMA = "file-notifications/audit/1"
AUDIT_STREAM = "acts"
"""The log stream of every line. CloudWatch Logs has no limit of writes on one stream, only one for the account.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
"""

AuditedAct = Literal["download", "preview", "upload", "multipart-upload", "part-links", "delete", "reprocess", "look"]
"""`look`: at lists, counts and details, of which only refusals are on record."""
Outcome = Literal["allowed", "refused", "failed"]
"""`allowed` is written before the act takes effect, `failed` after it if it did not."""

LONGEST_TEXT = 1024
"""Characters of each text in a line: a key has at most as many, and so a line stays far below CloudWatch's 1 MB."""


class AuditedFile(TypedDict):
    """The file of an act, as far as it is known: a refused id may be no file's. `size` is in bytes."""

    id: NotRequired[str]
    bucket: NotRequired[str]
    key: NotRequired[str]
    version: NotRequired[str]
    size: NotRequired[int]


class AuditLine(TypedDict):
    """One line. `time` is ISO 8601 in UTC; `sub` tells two people apart who had one name after another.

    `address` is the IP address from which API Gateway was called, through the page CloudFront's; `forwardedFor` the
    request's header, as it was sent: who called CloudFront is the last but one. `request` is API Gateway's id of the
    request. `parts` are the first and the last part of an upload that links were signed for.
    """

    schema: str
    time: str
    act: AuditedAct
    outcome: Outcome
    person: str
    sub: str
    groups: list[str]
    address: str
    forwardedFor: NotRequired[str]
    request: str
    file: AuditedFile
    parts: NotRequired[list[int]]
    status: NotRequired[int]
    reason: NotRequired[str]


def caller_of(line: AuditLine) -> str:
    """Where a person called from, for people: `203.0.113.7 via 198.51.100.4`.

    Through CloudFront both are true. Who calls the API directly cannot forge the second, which is then their own.
    """
    chain = [part.strip() for part in line.get("forwardedFor", "").split(",") if part.strip()]
    if chain[-1:] == [line["address"]]:  # API Gateway adds who called it
        chain.pop()
    return f"{chain[-1]} via {line['address']}" if chain else line["address"]


def audit_text(line: AuditLine) -> str:
    """The line as it is written: every text at most LONGEST_TEXT characters long."""
    return json.dumps(_bounded(line), separators=(",", ":"))


def audit_line_in(text: str) -> AuditLine | None:
    """Decode a line. Returns None for text that is not one."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict) or line.get("schema") != AUDIT_SCHEMA or not isinstance(line.get("file"), dict):
        return None
    named = all(isinstance(line.get(name), str) for name in ("time", "person", "address"))
    known = line.get("act") in get_args(AuditedAct) and line.get("outcome") in get_args(Outcome)
    return cast("AuditLine", line) if named and known else None


def _bounded(value: object) -> object:
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else f"{value[: LONGEST_TEXT - 1]}…"
    if isinstance(value, Mapping):
        return {name: _bounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_bounded(one) for one in value]
    return value
