"""A file event becomes what people and machines read. Every limit of SNS on texts lives here.

One notice serves all recipients: SNS picks the text by protocol (MessageStructure=json) and the recipients by the
attributes (filter policies). See docs/decisions/0003-the-topic-is-the-seam.md.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from handlers.rules import Rule
from handlers.s3_events import FileEvent

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef, PublishInputTypeDef

SUBJECT_LIMIT = 99  # SNS: fewer than 100 characters, no line breaks or control characters
SMS_LIMIT = 70  # characters in a single SMS once one of them is outside the GSM alphabet
MESSAGE_LIMIT = 262_144  # bytes; SNS counts the message and its attributes
SCHEMA = "file-notifications/upload/1"

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
_JOINERS = "\u200c\u200d"  # invisible, but emoji and several scripts are written with them
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class NoticeTooLargeError(ValueError):
    """The notice would be refused by SNS. Raised, so that the event is kept instead of being told in part."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What is published once: a subject, a text for each kind of recipient, and the attributes that route it."""

    subject: str
    text: str
    sms: str
    document: dict[str, Any]
    attributes: dict[str, str | tuple[str, ...]]

    def publish_request(self, topic_arn: str) -> PublishInputTypeDef:
        """The arguments of SNS's Publish. Raises NoticeTooLargeError above SNS's 256 KiB."""
        document = json.dumps(self.document, ensure_ascii=False, separators=(",", ":"))
        message = json.dumps(
            {
                "default": self.text,
                "email": self.text,
                "sms": self.sms,
                "https": document,
                "lambda": document,
                "sqs": document,
            },
            ensure_ascii=False,
        )
        attributes = {name: _attribute(value) for name, value in self.attributes.items() if value}
        size = len(message.encode()) + len(json.dumps(attributes))
        if size > MESSAGE_LIMIT:
            raise NoticeTooLargeError(f"the notice takes {size} bytes; SNS accepts {MESSAGE_LIMIT}")
        return {
            "TopicArn": topic_arn,
            "Subject": self.subject,
            "Message": message,
            "MessageStructure": "json",
            "MessageAttributes": attributes,
        }


def upload_notice(event: FileEvent, rules: Sequence[Rule], *, partition: str) -> Notice:
    """The notice for one event and the rules it matched (at least one).

    `partition` (aws, aws-cn, aws-us-gov) decides which console the link leads to.
    """
    folder, name = split_key(event.key)
    names = tuple(rule.name for rule in rules)
    console = console_url(event, partition)
    headline = f"{visible(name)} {_happened(event, visible(folder))}"
    size = f" ({human_size(event.size)})" if event.size is not None else ""
    return Notice(
        subject=_subject(visible(name), f" {_happened(event, visible(folder))}{size}"),
        text=_letter(f"{headline}.", _facts(event), [("Console", console)], _because(rules)),
        sms=shorten(f"{visible(name)} {_VERBS[event.action]}{size}", SMS_LIMIT),
        document={
            "schema": SCHEMA,
            "event": event.action,
            "eventName": event.name,
            "time": event.time,
            "by": event.by or None,
            "rules": list(names),
            "file": {
                "id": event.file_id,
                "bucket": event.bucket,
                "key": event.key,
                "region": event.region,
                "size": event.size,
                "etag": event.etag or None,
                "versionId": event.version_id or None,
                "sequencer": event.sequencer or None,
            },
            "console": console,
        },
        attributes={"kind": "upload", "event": event.action, "rules": names, "deliver": names},
    )


def split_key(key: str) -> tuple[str, str]:
    """Folder and name as people see them: `a/b/c.pdf` is c.pdf in a/b, and the marker `a/b/` is b/ in a."""
    folder, slash, name = key.rstrip("/").rpartition("/")
    rest = key[len(folder + slash + name) :]
    return folder, (name + rest) or key


def visible(text: str) -> str:
    """Untrusted text as it can be shown: characters that break lines, hide or reorder text become \\u escapes."""
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in _UNSEEN and char not in _JOINERS else char
        for char in text
    )


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN and char not in _JOINERS


def human_size(size: int) -> str:
    """182 KB for 186,368 bytes: units of 1,024, three figures at most."""
    amount, unit = float(size), "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < 999.5:  # noqa: PLR2004 - what would be shown as 1000 belongs to the next unit
            break
        amount, unit = amount / 1024, larger
    if unit == "bytes":
        return f"{size} byte{'' if size == 1 else 's'}"
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"  # noqa: PLR2004


def human_time(time: str) -> str:
    """`2026-11-23 08:41:07 UTC`; a time that S3 wrote in another form is shown as it came."""
    try:
        return datetime.fromisoformat(time).strftime("%Y-%m-%d %H:%M:%S UTC")
    except ValueError:
        return visible(time)


def console_url(event: FileEvent, partition: str) -> str:
    """Where a signed-in person sees the object in the AWS console of the bucket's region and partition."""
    host = _CONSOLES.get(partition, _CONSOLES["aws"])
    version = f"&versionId={quote(event.version_id, safe='')}" if event.version_id else ""
    return (
        f"https://{event.region}.{host}/s3/object/{event.bucket}"
        f"?region={event.region}&prefix={quote(event.key, safe='')}{version}"
    )


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between graphemes so that no letter or emoji is torn, and marked with "…"."""
    if _length(text) <= limit:
        return text
    import grapheme  # late: only long names pay for its tables

    kept, length = [], 1
    for cluster in grapheme.graphemes(text):
        length += _length(cluster)
        if length > limit:
            break
        kept.append(cluster)
    return "".join(kept).rstrip() + "…"


_VERBS = {"created": "arrived", "removed": "was removed", "restored": "was restored"}


def _happened(event: FileEvent, folder: str) -> str:
    if event.action == "removed" and not event.is_delete_marker:
        verb = "was permanently deleted"
    else:
        verb = _VERBS[event.action]
    place = {"created": "in", "removed": "from", "restored": "in"}[event.action]
    return f"{verb} {place} {folder}" if folder else verb


def _subject(name: str, rest: str) -> str:
    """The name gives way before the rest does; SNS wants text that starts with a letter, number or punctuation."""
    room = SUBJECT_LIMIT - _length(rest)
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
    return facts


def _because(rules: Sequence[Rule]) -> str:
    matched = [f'rule "{rule.name}" matches {visible(rule.pattern)}' for rule in rules]
    listed = matched[0] if len(matched) == 1 else ", ".join(matched[:-1]) + " and " + matched[-1]
    return f"You get this because {listed}."


def _letter(headline: str, facts: Iterable[tuple[str, str]], links: Iterable[tuple[str, str]], because: str) -> str:
    def table(rows: Iterable[tuple[str, str]]) -> str:
        return "\n".join(f"  {label:<10} {value}" for label, value in rows)

    return f"{headline}\n\n{table(facts)}\n\n{table(links)}\n\n{because}\n"


def _length(text: str) -> int:
    """Characters as SNS counts them at worst: those outside the basic plane as two."""
    return len(text.encode("utf-16-le")) // 2


def _attribute(value: str | tuple[str, ...]) -> MessageAttributeValueTypeDef:
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    return {"DataType": "String.Array", "StringValue": json.dumps(value)}
