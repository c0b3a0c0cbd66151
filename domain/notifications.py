"""Notifications: the subject, the texts for people and the payload for systems. SNS's limits on them are here.

One notification serves all recipients: SNS picks the text by protocol (MessageStructure=json) and the recipients by the
attributes (filter policies). See docs/decisions/0003-the-topic-is-the-seam.md.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from domain.events import EventKind, FileEvent
from domain.finding_texts import WORDING, found, wording
from domain.finding_texts import facts as finding_facts
from domain.messages import Late, as_json, upload_payload
from domain.rules import Rule
from domain.wording import console_url, enumerated, human_size, human_time, length, shorten, split_key, visible

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef, PublishInputTypeDef

SUBJECT_LIMIT = 99
"""Fewer than 100 characters, no line breaks or control characters.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""
SMS_LIMIT = 70
"""Characters in a single SMS once one of them is outside the GSM alphabet.

https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html
"""
MESSAGE_LIMIT = 262_144
"""Bytes of the message and its attributes. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

LISTED_NAME = 160
NARROWEST_LABELS, WIDEST_LABELS = 10, 24  # the column in front of a mail's facts; some found in files are longer
NAMED_RULES = 5  # of those that a notification gives as its reason


Version = Literal["current", "old", "unknown"]
"""Which version of a file the permanent deletion of one was about; in basic mode it is unknown."""


class NotificationTooLargeError(ValueError):
    """SNS would refuse the notification. Raised, so that the event is dead-lettered instead of published in part."""


@dataclass(frozen=True, kw_only=True)
class Notification:
    """What is published once: a subject, a text for each kind of recipient, and the attributes that route it.

    `payload` is what systems get, and of a digest, which systems do not get, what the chat function gets.
    """

    subject: str
    text: str
    sms: str
    attributes: dict[str, str | tuple[str, ...]]
    payload: Mapping[str, object] | None = None

    def publish_request(self, topic_arn: str) -> PublishInputTypeDef:
        """The arguments of SNS's Publish. Raises NotificationTooLargeError above SNS's 256 KiB."""
        texts = {"default": self.text, "sms": self.sms}
        if self.payload is not None:  # as the default, so that it is sent once for all protocols of systems
            texts |= {"default": as_json(self.payload), "email": self.text}
        message = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
        attributes = {name: _attribute(value) for name, value in self.attributes.items() if value}
        size = len(message.encode()) + len(json.dumps(attributes))
        if size > MESSAGE_LIMIT:
            raise NotificationTooLargeError(f"the notification takes {size} bytes; SNS accepts {MESSAGE_LIMIT}")
        return {
            "TopicArn": topic_arn,
            "Subject": self.subject,
            "Message": message,
            "MessageStructure": "json",
            "MessageAttributes": attributes,
        }


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Which of an event's rules notify people at once, and which in the next digest. Systems are notified at once."""

    deliver: tuple[str, ...] = ()
    digest: tuple[str, ...] = ()


def upload_notification(
    event: FileEvent,
    rules: Sequence[Rule],
    routing: Routing,
    *,
    partition: str,
    page: str = "",
    late: Late | None = None,
    version: Version = "unknown",
) -> Notification:
    """The notification for one event and the rules it matched.

    `partition` (aws, aws-cn, aws-us-gov) decides which console the link leads to; `page` is the address of the web
    interface, if there is one; `late` says what has happened to the file since; `version` which version a deletion was
    about, if it was about one.
    """
    name = visible(split_key(event.key)[1])
    names = tuple(rule.name for rule in rules)
    links = {"Console": console_url(event, partition)}
    if page and event.action != "removed":
        links = {"See it": f"{page}/files/{event.file_id}", **links}
    size = f" ({human_size(event.size)})" if event.size is not None else ""
    return Notification(
        subject=_subject(name, f"{_happened(event, version)}{size}{', late' if late else ''}", _label(event)),
        text=_mail(
            _opening(event, late, version),
            _facts(event),
            links.items(),
            because([rule for rule in rules if rule.name in routing.deliver]),
        ),
        sms=_sms(event, size, version),
        payload=upload_payload(
            event,
            rules=names,
            digest=routing.digest,
            late=late,
            page=links.get("See it"),
            console=links["Console"],
        ),
        attributes={
            "kind": "upload",
            "event": event.kind,
            "rules": names,
            "deliver": routing.deliver,
            "digest": routing.digest,
        },
    )


_LATE: dict[Late, str] = {
    "replaced": "This notification is late: a newer version of the file has arrived since.",
    "removed": "This notification is late: the file has been removed since.",
}
VERBS: Mapping[EventKind, str] = {
    "created": "arrived",
    "removed": "was removed",
    "restored": "was restored",
    **{kind: words.verb for kind, words in WORDING.items()},
}


def _label(event: FileEvent) -> str:
    """What subjects and short messages of a finding begin with; empty for other events."""
    return f"{wording(event.finding).label}: " if event.finding else ""


def _happened(event: FileEvent, version: Version, *, folder: bool = True) -> str:
    """What follows the name in the headline: what happened, and where."""
    if event.finding:
        verb = ""  # the label says it
    elif event.is_version_deletion and version != "current":
        verb = f": {'an old' if version == 'old' else 'a'} version was permanently deleted"
    elif event.action == "removed" and not event.is_delete_marker:
        verb = " was permanently deleted"
    else:
        verb = f" {VERBS[event.action]}"
    where = visible(split_key(event.key)[0]) if folder else ""
    place = {"created": "in", "removed": "from", "restored": "in"}[event.action]
    return f"{verb} {place} {where}" if where else verb


def _opening(event: FileEvent, late: Late | None, version: Version) -> str:
    """The first paragraphs of a mail."""
    name = visible(split_key(event.key)[1])
    finding = event.finding
    headline = f"{name}{_happened(event, version)}{f' {wording(finding).verb}' if finding else ''}."
    parts = [headline, _LATE[late] if late else "", *([found(finding), wording(finding).meaning] if finding else [])]
    return "\n\n".join(filter(None, parts))


def _sms(event: FileEvent, size: str, version: Version) -> str:
    name = visible(split_key(event.key)[1])
    text = f"{_label(event)}{name}{_happened(event, version, folder=False)}{size}"
    what = found(event.finding) if event.finding else ""
    return shorten(f"{text}: {what}" if what else text, SMS_LIMIT)


def _subject(name: str, rest: str, label: str) -> str:
    """Shortens the name before the rest; SNS wants text that starts with a letter, number or punctuation mark."""
    name = f"{label}{name.strip()}"
    if unicodedata.category(name[:1] or " ")[0] not in "LNP":
        name = f"File {name}".strip()
    room = SUBJECT_LIMIT - length(rest)
    subject = shorten(name, max(room, SUBJECT_LIMIT // 2)) + rest
    return shorten(subject, SUBJECT_LIMIT).strip()


def _facts(event: FileEvent) -> list[tuple[str, str]]:
    when = {"created": "Uploaded", "removed": "Removed", "restored": "Restored"}[event.action]
    by = f" by {visible(event.by)}" if event.by else ""
    facts = [("File", visible(event.key))]
    if event.size is not None:
        exact = f" ({event.size:,} bytes)" if event.size >= 1000 else ""  # noqa: PLR2004
        facts.append(("Size", f"{human_size(event.size)}{exact}"))
    facts.append((when, f"{human_time(event.time)}{by}"))
    facts.append(("Bucket", f"{visible(event.bucket)} ({visible(event.region)})"))
    if event.version_id:
        facts.append(("Version", visible(event.version_id)))
    if event.is_delete_marker:
        facts.append(("Kept", "the earlier versions are still in the bucket"))
    if event.available_until:
        facts.append(("Until", human_time(event.available_until)))
    return [*facts, *finding_facts(event.finding)] if event.finding else facts


def because(rules: Sequence[Rule]) -> str:
    """The reason why people get a notification; empty if no person does."""
    named = rules[:NAMED_RULES]
    matched = [f'rule "{rule.name}" matches {shorten(visible(rule.pattern), LISTED_NAME)}' for rule in named]
    if not matched:
        return ""
    if len(rules) > NAMED_RULES:
        matched.append(f"{len(rules) - NAMED_RULES} more rules match")
    return f"You get this because {enumerated(matched)}."


def _mail(headline: str, facts: Sequence[tuple[str, str]], links: Iterable[tuple[str, str]], because: str) -> str:
    width = min(max(NARROWEST_LABELS, *(len(label) for label, _ in facts)), WIDEST_LABELS)
    return f"{headline}\n\n{table(facts, width)}\n\n{table(links, width)}\n\n{because}\n"


def table(rows: Iterable[tuple[str, str]], width: int = NARROWEST_LABELS) -> str:
    """Labels and values as lines of a mail; longer labels than `width` push their values to the right."""
    return "\n".join(f"  {label:<{width}} {value}" for label, value in rows)


def _attribute(value: str | tuple[str, ...]) -> MessageAttributeValueTypeDef:
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    return {"DataType": "String.Array", "StringValue": json.dumps(value)}
