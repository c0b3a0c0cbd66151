"""A bucket whose files arrive when a test says so, and a watcher that looks into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError

from domain.expectations import Window
from domain.notifications import Notification
from domain.rules import Rule
from handlers.data.arrivals import Arrivals, Source
from handlers.logic.watcher import Memory, SmallMemory, Watcher

BUCKET = "file-notifications-uploads-1a2b3c4"
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectVersions")
PAGE = 3
"""Versions a page: a thousandth of S3's is enough to see that there are several."""


@dataclass
class Shelf:
    """Answers as S3 does for a bucket's versions. `fails` are the errors of the next requests."""

    versions: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def put(self, key: str, at: datetime, size: int = 1) -> None:
        """A file arrives: S3 keeps whole seconds."""
        self.versions.append({"Key": key, "Size": size, "LastModified": at.replace(microsecond=0)})

    def remove(self, key: str, at: datetime) -> None:
        """A file is removed: S3 puts a delete marker over its versions."""
        self.versions.append({"Key": key, "LastModified": at.replace(microsecond=0)})

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_object_versions"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - as boto3 names them
        found = sorted((one for one in self.versions if one["Key"].startswith(Prefix)), key=lambda one: one["Key"])
        for start in range(0, max(1, len(found)), PAGE):
            self.requests.append((Bucket, Prefix))
            if self.fails:
                raise self.fails.pop(0)
            page = found[start : start + PAGE]
            markers = [one for one in page if "Size" not in one]
            yield {"Versions": [one for one in page if one not in markers], "DeleteMarkers": markers}

    def source(self, bucket: str = BUCKET, prefixes: tuple[str, ...] = ("",)) -> Source:
        return Source(bucket=bucket, region="eu-west-1", client=cast("Any", self), prefixes=prefixes)


@dataclass
class Lines:
    """A logger that keeps its lines."""

    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def info(self, message: str, **more: Any) -> None:
        self.lines.append((message, more))

    exception = info


@dataclass
class Watching:
    """A watcher with its bucket, what it published, and how long it paused."""

    rules: list[Rule]
    shelf: Shelf = field(default_factory=Shelf)
    memory: Memory = field(default_factory=SmallMemory)
    most: int = 1000
    published: list[Notification] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)
    log: Lines = field(default_factory=Lines)
    publish: Callable[[Notification], object] | None = None
    sources: list[Source] | None = None

    @property
    def watcher(self) -> Watcher:
        return Watcher(
            rules=self.rules,
            arrivals=Arrivals(sources=self.sources or [self.shelf.source()], most=self.most),
            memory=self.memory,
            publish=self.publish or self.published.append,
            logger=cast("Any", self.log),
            pause=self.paused.append,
        )

    def check(self, scheduled: datetime, rule: str = "invoices", seconds: float = 120) -> str | None:
        return self.watcher.check(rule, scheduled, lambda: seconds)

    def sweep(self, scheduled: datetime) -> list[str]:
        return [*self.watcher.sweep(scheduled, lambda: 120)]

    @property
    def subjects(self) -> list[str]:
        return [notification.subject for notification in self.published]

    def arrived(self, rule: Rule, window: Window) -> int:
        return Arrivals(sources=[self.shelf.source()]).within(rule, window).files
