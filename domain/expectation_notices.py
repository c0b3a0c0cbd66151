"""What recipients get about expectations: that files are missing, and that a file was expected earlier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from domain.events import FileEvent
from domain.messages import UploadPayload
from domain.notifications import LISTED_NAME, SMS_LIMIT, SUBJECT_LIMIT, Notification, table
from domain.rules import Rule
from domain.shortfalls import MISSING_SCHEMA, ExpectedPayload, MissingPayload, Shortfall, utc
from domain.wording import human_time, length, shorten, visible


def missing_notification(
    rule: Rule, shortfall: Shortfall, *, buckets: Sequence[str], newest: FileEvent | None, searched: int | None = None
) -> Notification:
    """The notification that files are missing, for the rule's own recipients.

    `buckets` were searched; `newest` is the last file that arrived until the window's end, if there is one. `searched`
    is given if the search ended at its bound: after so many versions of files.
    """
    window = shortfall.window
    facts = [
        ("Files", shorten(visible(rule.pattern), LISTED_NAME)),
        ("Expected", f"{shortfall.files:,} by {window.local_end}"),
        ("Arrived", f"{shortfall.arrived:,} since {window.local_start}"),
        ("Newest", _newest(newest)),
        ("Buckets" if len(buckets) > 1 else "Bucket", ", ".join(map(visible, buckets))),
    ]
    parts = [f"Missing: {shortfall.headline}.", table(facts)]
    if searched is not None:
        parts.append(
            f"This is not certain: the search ended after {searched:,} versions of files. "
            "Give the rule a narrower prefix, so that all of them are looked at."
        )
    parts.append(f'You get this because rule "{rule.name}" expects {shortfall.expected}.')
    return Notification(
        subject=shorten(f'Missing: {shortfall.headline} (rule "{rule.name}")', SUBJECT_LIMIT),
        text="\n\n".join(parts) + "\n",
        sms=shorten(f"Missing: {shortfall.headline} ({rule.name})", SMS_LIMIT),
        payload=_payload(rule, shortfall, buckets=buckets, newest=newest, is_complete=searched is None),
        # The kind that systems' filter policies take: everything but digests. The event keeps it from the work queue.
        attributes={"kind": "upload", "event": "missing", "rules": (rule.name,), "deliver": (rule.name,)},
    )


def expected_earlier(notification: Notification, shortfalls: Sequence[Shortfall]) -> Notification:
    """A file's notification that also says of which windows it was expected; the same if there are none."""
    if not shortfalls:
        return notification
    headline, _, rest = notification.text.partition("\n\n")
    sentences = "\n".join(map(_sentence, shortfalls))
    payload = notification.payload
    if payload is not None and "file" in payload:
        expected = [shortfall.as_payload() for shortfall in shortfalls]
        payload = cast("UploadPayload", {**payload, "expected": expected})
    suffix = f", expected by {shortfalls[0].window.by}"
    return replace(
        notification,
        subject=_with(notification.subject, suffix, SUBJECT_LIMIT),
        text=f"{headline}\n\n{sentences}\n\n{rest}",
        sms=_with(notification.sms, suffix, SMS_LIMIT),
        payload=payload,
    )


def digest_expected_earlier(digest: Notification, expected: Sequence[ExpectedPayload]) -> Notification:
    """A digest that also says for which windows of its rule there are files that came too late."""
    windows = {one["by"]: one for one in expected}
    sentences = [
        f"Expected by {human_time(by)}: {one['arrived']:,} of {one['files']:,} had arrived then."
        for by, one in sorted(windows.items())
    ]
    headline, _, rest = digest.text.partition("\n\n")
    return replace(digest, text=f"{headline}\n\n{chr(10).join(sentences)}\n\n{rest}")


def _sentence(shortfall: Shortfall) -> str:
    return (
        f"Expected by {shortfall.window.local_end}: {shortfall.arrived:,} of {shortfall.expected} had arrived then "
        f'(rule "{shortfall.rule}").'
    )


def _with(text: str, suffix: str, limit: int) -> str:
    return shorten(text, limit - length(suffix)) + suffix


def _payload(
    rule: Rule, shortfall: Shortfall, *, buckets: Sequence[str], newest: FileEvent | None, is_complete: bool
) -> MissingPayload:
    return {
        "schema": MISSING_SCHEMA,
        "rule": rule.name,
        "files": shortfall.files,
        "arrived": shortfall.arrived,
        "isComplete": is_complete,
        "since": utc(shortfall.window.start),
        "by": utc(shortfall.window.end),
        "timeZone": shortfall.window.zone,
        "prefix": rule.prefix,
        "suffix": rule.suffix,
        "buckets": list(buckets),
        "newest": {"bucket": newest.bucket, "key": newest.key, "time": newest.time} if newest else None,
    }


def _newest(newest: FileEvent | None) -> str:
    if newest is None:
        return "none was ever there"
    return f"{shorten(visible(newest.key), LISTED_NAME)}, {human_time(newest.time)}"
