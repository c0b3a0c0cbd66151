"""Messages for chat channels: a notification, a digest or an alarm as a title, a few lines and a link.

Nothing here knows the kinds of notifications: the subject says what happened, and of the payload those facts are used
that it has. A new kind needs no change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from domain.messages import MalformedMessageError, object_in
from domain.wording import console_host, human_count, human_size, human_time, shorten, visible

MOST_LINES = 12
LONGEST_LINE = 160

_URL = re.compile(r"https?://[A-Za-z0-9./?&=%#:_~,$+-]+")


@dataclass(frozen=True, kw_only=True)
class ChatMessage:
    """A message as people read it, in no service's form. `link` is a label and a URL."""

    title: str
    lines: tuple[str, ...] = ()
    link: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What SNS delivered: the rules whose people are notified, and of what. An alarm has no rules."""

    subject: str
    text: str
    payload: Mapping[str, Any]
    rules: tuple[str, ...]

    @property
    def is_alarm(self) -> bool:
        """Whether it is CloudWatch's message about an alarm."""
        return "AlarmName" in self.payload and "NewStateValue" in self.payload

    @property
    def file_id(self) -> str | None:
        """The file that it is about, if that is one."""
        file = self.payload.get("file")
        return file.get("id") if isinstance(file, Mapping) else None


def envelope_in(body: str) -> Envelope:
    """Decode a message of the chat queue. Raises MalformedMessageError."""
    envelope = object_in(body)
    if envelope.get("Type") != "Notification" or not isinstance(envelope.get("Message"), str):
        raise MalformedMessageError("the message is no notification of SNS's")
    text = envelope["Message"]
    attribute = (envelope.get("MessageAttributes") or {}).get("deliver", {}).get("Value", "[]")
    try:
        rules = json.loads(attribute)
    except (ValueError, TypeError, RecursionError):
        rules = None
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise MalformedMessageError("the attribute `deliver` is no list of rules")
    try:
        payload = object_in(text)
    except MalformedMessageError:
        payload = {}
    subject = envelope.get("Subject")
    return Envelope(subject=subject if isinstance(subject, str) else "", text=text, payload=payload, rules=tuple(rules))


def chat_message(envelope: Envelope, rules: Sequence[str] = ()) -> ChatMessage:
    """The message about a notification. `rules` are those of the notification that name the channel."""
    if envelope.is_alarm:
        return _alarm(envelope.payload)
    payload = envelope.payload
    lines = (
        [*_findings(payload), *_when(payload), *_folders(payload)]
        if payload
        else [*map(str.strip, envelope.text.splitlines())]
    )
    shown = [line for line in lines if line][: MOST_LINES - 1]
    if rules:
        shown.append(f"{'Rule' if len(rules) == 1 else 'Rules'}: {', '.join(rules)}")
    return ChatMessage(
        title=visible(envelope.subject.strip()) or "Notification",
        lines=tuple(_line(line) for line in shown),
        link=_link(payload.get("page"), "See it") or _link(payload.get("console"), "Console"),
    )


def _alarm(payload: Mapping[str, Any]) -> ChatMessage:
    """Name, state, and the description, which says what it means, where to begin, and where the runbook has it."""
    name, arn = str(payload["AlarmName"]), str(payload.get("AlarmArn", "")).split(":")
    link = None
    if len(arn) > 6:  # noqa: PLR2004 - arn:PARTITION:cloudwatch:REGION:ACCOUNT:alarm:NAME
        page = f"https://{arn[3]}.{console_host(arn[1])}/cloudwatch/home?region={arn[3]}"
        link = _link(f"{page}#alarmsV2:alarm/{quote(name, safe='')}", "Alarm")
    texts = [payload.get("AlarmDescription"), payload.get("NewStateReason")]
    return ChatMessage(
        title=visible(f"{payload['NewStateValue']}: {name}"),
        lines=tuple(shorten(visible(text), 3 * LONGEST_LINE) for text in texts if isinstance(text, str) and text),
        link=link,
    )


def _findings(payload: Mapping[str, Any]) -> list[str]:
    """What is wrong with a file, if its content was looked at and something is."""
    problem, verdict = payload.get("problem"), payload.get("verdict")
    message = problem.get("message") if isinstance(problem, Mapping) else None
    threats = verdict.get("threats") if isinstance(verdict, Mapping) else None
    named = ", ".join(map(str, threats)) if isinstance(threats, list) else ""
    return [f"The malware scan found {named}" if named else "", message if isinstance(message, str) else ""]


def _when(payload: Mapping[str, Any]) -> list[str]:
    """When it happened and by whom. The time of a finding is nobody's: the upload's is shown."""
    time, by = payload.get("uploaded", payload.get("time")), payload.get("by")
    if not isinstance(time, str):
        return []
    return [f"{human_time(time)}{f' by {by}' if isinstance(by, str) else ''}"]


def _folders(payload: Mapping[str, Any]) -> list[str]:
    """Of a digest: how many files and how much in each folder."""
    folders = payload.get("folders")
    if not isinstance(folders, list):
        return []
    lines = [f"{one['folder']} – {human_count(one['files'])}, {human_size(one['size'])}" for one in folders]
    more = len(lines) - (MOST_LINES - 2)
    more_files = sum(one["files"] for one in folders[MOST_LINES - 2 :])
    return lines if more <= 0 else [*lines[: MOST_LINES - 2], f"… and {more_files:,} more in other folders"]


def _line(text: str) -> str:
    return shorten(visible(text), LONGEST_LINE)


def _link(url: object, label: str) -> tuple[str, str] | None:
    """A link that stays one in every service's form: one with other characters is left out."""
    return (label, url) if isinstance(url, str) and _URL.fullmatch(url) else None
