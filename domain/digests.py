"""Digests: one notification for many events of a rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

from domain.events import EVENT_KINDS, EventKind, FileEvent
from domain.finding_texts import found, wording
from domain.notifications import LISTED_NAME, SMS_LIMIT, SUBJECT_LIMIT, VERBS, Notification, because
from domain.rules import Rule
from domain.wording import human_count, human_size, human_span, length, shorten, split_key, visible

LISTED_FILES = 100  # with names of LISTED_NAME characters a digest stays far below SNS's limit
TOP_FOLDERS = 20
LONGEST_REMARK = 100

DIGEST_SCHEMA = "file-notifications/digest/1"


class FolderPayload(TypedDict):
    """A folder of a DigestPayload. `size` is in bytes."""

    folder: str
    files: int
    size: int


class DigestPayload(TypedDict):
    """What the chat function gets of a digest; systems get none. The folders with the most files come first."""

    schema: str
    files: int
    folders: list[FolderPayload]
    page: str | None


_ORDER: Sequence[EventKind] = tuple(dict.fromkeys(("infected", "broken", *EVENT_KINDS)))
"""Of the totals: what people have to act on comes first."""
_UNSIZED = {"removed", "restored"}


def digest_notification(
    events: Sequence[FileEvent], rule: Rule, *, page: str = "", late: Collection[str] = ()
) -> Notification:
    """One notification for many events of a rule: totals, folders, and the first of the files, in order of arrival.

    `page` is the address of the web interface, if there is one; `late` are the identities of late events: something
    newer has happened to their files since.
    """
    ordered = sorted(events, key=_time)
    total = _totals(ordered)
    when = human_span(_time(ordered[0]), _time(ordered[-1]))
    # A path begins with the bucket where there is more than one.
    several = len({event.bucket for event in ordered}) > 1
    paths = [f"{event.bucket}/{event.key}" if several else event.key for event in ordered]
    folders: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    uploads = {event.identity for event in ordered if event.finding is None}
    for event, path in zip(ordered, paths, strict=True):
        if event.finding:  # one file, however much was found in it, and whether or not its arrival is listed too
            upload = replace(event, finding=None).identity
            if upload in uploads:
                continue
            uploads.add(upload)
        folder = f"{split_key(path)[0]}/".lstrip("/") or "(top of the bucket)"
        folders[folder] += 1
        sizes[folder] += event.size or 0
    text = "\n\n".join(
        (
            f"{total}, {when}.",
            _columns(
                [
                    (folder, human_count(count), human_size(sizes[folder]))
                    for folder, count in folders.most_common(TOP_FOLDERS)
                ],
                more=len(folders) - TOP_FOLDERS,
                noun="folder",
            ),
            _columns(
                [
                    (
                        path,
                        human_size(event.size) if event.size is not None else "",
                        "late" if event.identity in late else _remark(event),
                    )
                    for event, path in zip(ordered[:LISTED_FILES], paths, strict=False)
                ],
                more=len(ordered) - LISTED_FILES,
                noun="file",
            ),
            *([f"  See them   {page}/files"] if page else []),
            because([rule]),
        )
    )
    return Notification(
        subject=shorten(f"{total}, {when}", SUBJECT_LIMIT),
        text=f"{text}\n",
        sms=shorten(total, SMS_LIMIT),
        payload=_payload(folders, sizes, page),
        attributes={"kind": "digest", "deliver": (rule.name,)},
    )


def _payload(folders: Counter[str], sizes: Mapping[str, int], page: str) -> DigestPayload:
    listed: list[FolderPayload] = [
        {"folder": shorten(visible(folder), LISTED_NAME), "files": count, "size": sizes[folder]}
        for folder, count in folders.most_common(TOP_FOLDERS)
    ]
    return {
        "schema": DIGEST_SCHEMA,
        "files": folders.total(),
        "folders": listed,
        "page": f"{page}/files" if page else None,
    }


def _time(event: FileEvent) -> str:
    """When it happened, or was found."""
    return event.finding.time if event.finding else event.time


def _remark(event: FileEvent) -> str:
    """What a file's line ends with; nothing for an upload."""
    if event.finding is None:
        return "" if event.action == "created" else event.action
    label, what = wording(event.finding).label, found(event.finding)
    return shorten(f"{label}: {what}" if what else label, LONGEST_REMARK)


def _totals(events: Sequence[FileEvent]) -> str:
    """`3 files are broken (2.1 MB), 52 arrived (1.3 GB), 2 were removed`."""
    sizes: Counter[EventKind] = Counter()
    for event in events:
        sizes[event.kind] += event.size or 0
    parts: list[str] = []
    for kind, count in sorted(Counter(event.kind for event in events).items(), key=lambda item: _ORDER.index(item[0])):
        what = human_count(count) if not parts else f"{count:,}"
        verb = VERBS[kind] if count == 1 else VERBS[kind].replace("was ", "were ").replace("is ", "are ")
        parts.append(f"{what} {verb}{'' if kind in _UNSIZED else f' ({human_size(sizes[kind])})'}")
    return ", ".join(parts)


def _columns(rows: Sequence[tuple[str, ...]], *, more: int, noun: str) -> str:
    shown = [(shorten(visible(name), LISTED_NAME), *rest) for name, *rest in rows]
    width = min(max(length(name) for name, *_ in shown), 48)
    lines = [
        f"  {name:<{width}}  {'  '.join(f'{cell:>9}' for cell in rest).rstrip()}".rstrip() for name, *rest in shown
    ]
    if more > 0:
        lines.append(f"  … and {more:,} more {noun}{'' if more == 1 else 's'}")
    return "\n".join(lines)
