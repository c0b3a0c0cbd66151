"""What the bucket holds and the catalogue does not say, and the other way round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from domain.events import FileEvent, file_id_of
from domain.rules import Rule, matching
from handlers.data.items import Row
from handlers.data.listing import BATCH_GET, Listing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Kind = Literal["missing", "stale", "ghost"]
"""`missing`: in the bucket, without a row. `stale`: the row shows another version, or says removed. `ghost`: a row of
a file that is gone."""

_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The current version of one object in the bucket."""

    key: str
    version_id: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One file on which bucket and catalogue disagree. A ghost has nothing stored; a missing file has no row.

    `marker` is the version of the delete marker that hides a ghost; empty if the object is gone for good.
    """

    kind: Kind
    key: str
    time: datetime
    stored: Stored | None = None
    row: Row | None = None
    marker: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "key": self.key,
            "time": self.time.isoformat(),
            "size": self.stored.size if self.stored else None,
            "versionId": self.stored.version_id or None if self.stored else None,
        }


@dataclass
class Comparison:
    """Compares what lies under `prefix` and came between `since` and `until`.

    Folder markers that no rule asks for are in no catalogue, and are left out.
    """

    s3: S3Client
    bucket: str
    listing: Listing
    rules: Sequence[Rule]
    prefix: str = ""
    since: datetime | None = None
    until: datetime = field(default_factory=lambda: datetime.now(UTC))
    compared: int = 0
    _present: set[str] = field(default_factory=set)
    """Ids of what is no ghost."""
    _markers: dict[str, str] = field(default_factory=dict)

    def differences(self, advance: Callable[[], object]) -> Iterator[Difference]:
        """Everything that differs: files in the order of their keys, then ghosts, newest first."""
        for page in self._pages():
            for start in range(0, len(page), BATCH_GET):
                yield from self._of_batch(page[start : start + BATCH_GET])
                advance()
        yield from self._ghosts()

    def _of_batch(self, batch: Sequence[Stored]) -> Iterator[Difference]:
        ids = [file_id_of(self.bucket, one.key) for one in batch]
        self._present.update(ids)
        chosen = [(file_id, one) for file_id, one in zip(ids, batch, strict=True) if self._is_meant(one)]
        self.compared += len(chosen)
        rows = {row.id: row for row in self.listing.rows([file_id for file_id, _ in chosen])}
        for file_id, one in chosen:
            kind = compared(one, rows.get(file_id), settled=self.until)
            if kind is not None:
                yield Difference(kind=kind, key=one.key, time=one.modified, stored=one, row=rows.get(file_id))

    def _ghosts(self) -> Iterator[Difference]:
        for row in self._rows():
            if row.bucket == self.bucket and row.key.startswith(self.prefix) and row.id not in self._present:
                time = datetime.fromisoformat(row.time)
                yield Difference(kind="ghost", key=row.key, time=time, row=row, marker=self._markers.get(row.key, ""))

    def _rows(self) -> Iterator[Row]:
        """The catalogue's files of that time."""
        cursor: str | None = None
        while True:
            page = self.listing.newest(_PAGE, cursor)
            for row in page.rows:
                time = datetime.fromisoformat(row.time)
                if self.since is not None and time < self.since:
                    return
                if time <= self.until:
                    yield row
            cursor = page.cursor
            if cursor is None:
                return

    def _pages(self) -> Iterator[list[Stored]]:
        """What lies under the prefix, by pages. Versions are listed, because events name them."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=self.prefix)
        for page in pages:
            for marker in page.get("DeleteMarkers", []):
                if not marker["IsLatest"]:
                    continue
                self._markers[marker["Key"]] = _version(marker)
                if marker["LastModified"] > self.until:  # its event may still be under way
                    self._present.add(file_id_of(self.bucket, marker["Key"]))
            yield [
                Stored(
                    key=found["Key"],
                    version_id=_version(found),
                    size=found["Size"],
                    etag=found["ETag"].strip('"'),
                    modified=found["LastModified"].astimezone(UTC),
                )
                for found in page.get("Versions", [])
                if found["IsLatest"]
            ]

    def _is_meant(self, one: Stored) -> bool:
        if one.modified > self.until or (self.since is not None and one.modified < self.since):
            return False
        event = FileEvent(action="created", name="", bucket=self.bucket, key=one.key, region="", time="", size=one.size)
        return not event.is_folder_marker or bool(matching(self.rules, event))


def compared(stored: Stored, row: Row | None, *, settled: datetime) -> Kind | None:
    """How a file and its row differ; None if they do not, or if the row had an event after `settled`.

    Such a row may have been written since the bucket was listed. An older one that shows another version, be it a newer
    one, is wrong: the version in the bucket is the one that people get.
    """
    if row is None:
        return "missing"
    same = row.version_id == stored.version_id if row.version_id and stored.version_id else row.etag == stored.etag
    if same and row.status != "removed":
        return None
    return "stale" if all(datetime.fromisoformat(at) <= settled for at in (row.time, row.removed_at) if at) else None


def _version(found: Mapping[str, Any]) -> str:
    version = str(found.get("VersionId", ""))
    return "" if version == "null" else version
