"""What arrived in a window, as S3 lists it: the listing is the memory, so basic mode needs no table.

S3 lists keys in their order and not by time, so everything under a rule's prefix is looked at, page by page and up to a
bound. All versions are listed: where a bucket keeps them, a file that was replaced or removed since has arrived
nevertheless. Where it does not, S3 only knows the newest upload of a key, and nothing of what was removed.

A file's time is S3's LastModified, in whole seconds: of an upload in parts, the time at which it began.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from domain.events import FileEvent, UnreadableEventError
from domain.expectations import Window
from domain.rules import Rule, overlap
from domain.shortfalls import utc
from domain.wording import spellings_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectVersionTypeDef

MOST_VERSIONS = 50_000
"""In all buckets of a rule: 50 pages, about ten seconds."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A bucket in its region, what of it is watched, and a client for that region. One empty prefix is all of it."""

    bucket: str
    region: str
    client: S3Client
    prefixes: Sequence[str] = ("",)


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """How many files arrived in a window, each key once; if the search ended early it is not complete: maybe more.

    `searched` are the versions that were looked at, of all times.
    `newest` is the last file that arrived until the window's end, in it or before; None if none is known.
    """

    files: int
    is_complete: bool
    searched: int
    newest: FileEvent | None


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """Looks for a rule's files in `sources`."""

    sources: Sequence[Source]
    most: int = MOST_VERSIONS

    def within(self, rule: Rule, window: Window, enough: Callable[[], bool] = lambda: False) -> Arrived:
        """What arrived in a window. The search ends with as many files as are expected, at its bound, or if `enough()`.

        Raises botocore's errors.
        """
        wanted = rule.expect.files if rule.expect else 1
        found: set[tuple[str, str]] = set()
        newest: FileEvent | None = None
        searched = 0
        for searched, event in enumerate(self._versions(rule), 1):
            if searched > self.most or enough():
                return Arrived(files=len(found), is_complete=False, searched=searched - 1, newest=newest)
            if event is None or not rule.matches(event):
                continue
            time = datetime.fromisoformat(event.time)
            if time <= window.end and (newest is None or newest.time < event.time):
                newest = event
            if window.contains(time):
                found.add((event.bucket, event.key))
            if len(found) >= wanted:
                break
        return Arrived(files=len(found), is_complete=True, searched=searched, newest=newest)

    def by_window(self, rule: Rule, windows: Sequence[Window]) -> tuple[list[int], bool]:
        """How many files arrived in each of several windows, and whether all versions were looked at. One search."""
        found: list[set[tuple[str, str]]] = [set() for _ in windows]
        for searched, event in enumerate(self._versions(rule), 1):
            if searched > self.most:
                return [len(files) for files in found], False
            if event is None or not rule.matches(event):
                continue
            time = datetime.fromisoformat(event.time)
            for window, files in zip(windows, found, strict=True):
                if window.contains(time):
                    files.add((event.bucket, event.key))
        return [len(files) for files in found], True

    def buckets(self, rule: Rule) -> list[str]:
        """The names of the buckets in which a rule's files may arrive."""
        return [
            source.bucket
            for source in self.sources
            if rule.bucket in ("", source.bucket) and _narrowed(rule.prefix, source.prefixes)
        ]

    def _versions(self, rule: Rule) -> Iterator[FileEvent | None]:
        """Every version under the rule's prefix; None for one that is no file of ours, such as a delete marker."""
        for source in self.sources:
            if rule.bucket not in ("", source.bucket):
                continue
            for prefix in _narrowed(rule.prefix, source.prefixes):
                pages = source.client.get_paginator("list_object_versions").paginate(
                    Bucket=source.bucket, Prefix=prefix
                )
                for page in pages:
                    yield from (_event(source, version) for version in page.get("Versions", []))
                    yield from (None for _ in page.get("DeleteMarkers", []))  # they take time and pages as well


def sources_of(described: str, client: Callable[[str], S3Client]) -> list[Source]:
    """Decode the sources in a function's environment. `client` makes one for a region."""
    clients: dict[str, S3Client] = {}
    return [
        Source(
            bucket=source["bucket"],
            region=source["region"],
            client=clients.get(source["region"]) or clients.setdefault(source["region"], client(source["region"])),
            prefixes=source["prefixes"],
        )
        for source in json.loads(described)
    ]


def _narrowed(prefix: str, watched: Sequence[str]) -> list[str]:
    """What to list: the rule's prefix, in each form in which letters with accents are written, where it is watched."""
    pairs = [(spelling, part) for spelling in spellings_of(prefix) for part in watched]
    return list(dict.fromkeys(max(pair, key=len) for pair in pairs if overlap(*pair)))


def _event(source: Source, version: ObjectVersionTypeDef) -> FileEvent | None:
    """A version as the event of its upload, so that the rule itself says whether it matches."""
    try:
        return FileEvent(
            action="created",
            name="ObjectCreated",
            bucket=source.bucket,
            key=version["Key"],
            region=source.region,
            time=utc(version["LastModified"]),
            size=version["Size"],
        )
    except UnreadableEventError:  # notify raises for such a file: it is no arrival
        return None
