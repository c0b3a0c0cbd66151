"""Compares what the bucket stores with what the catalogue shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypedDict

from botocore.exceptions import ClientError

from domain.events import FileEvent, file_id_of
from domain.rules import Rule, matching
from handlers.data.batch_get import BATCH_GET, UnreadItemsError
from handlers.data.items import Item
from handlers.data.listing import Listing
from ops.aws import is_unknown_caller
from ops.reconcile.bucket import BucketListing, Stored
from ops.words import counted

Kind = Literal["missing", "stale", "ghost"]
"""`missing`: in the bucket, without an item. `stale`: the item shows another version, or says removed. `ghost`: an item
of a file that is gone."""

_PAGE = 100


class DifferenceDocument(TypedDict):
    """A difference for programs. `time` is ISO 8601; `size`, in bytes, and `versionId` are None for a ghost."""

    kind: Kind
    bucket: str
    key: str
    time: str
    size: int | None
    versionId: str | None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One file on which bucket and catalogue disagree. A ghost is not stored; a missing file has no item.

    `marker` is the version of the delete marker that hides a ghost; empty if the object was deleted permanently.
    """

    kind: Kind
    bucket: str
    key: str
    time: datetime
    stored: Stored | None = None
    item: Item | None = None
    marker: str = ""

    def as_json(self) -> DifferenceDocument:
        """The difference for programs."""
        return {
            "kind": self.kind,
            "bucket": self.bucket,
            "key": self.key,
            "time": self.time.isoformat(),
            "size": self.stored.size if self.stored else None,
            "versionId": self.stored.version_id or None if self.stored else None,
        }


@dataclass
class Comparison:
    """Compares the files of `stored` that arrived between `since` and `until`.

    Folder markers that no rule asks for are in no catalogue, and are left out. What cannot be read is in `unread`, and
    the rest is compared.
    """

    stored: BucketListing
    listing: Listing
    rules: Sequence[Rule]
    until: datetime
    since: datetime | None = None
    compared: int = 0
    _unread: list[str] = field(default_factory=list)
    _present: set[str] = field(default_factory=set)
    """Ids of the stored files."""

    def differences(self, advance: Callable[[], object]) -> Iterator[Difference]:
        """Every difference: files in the order of their keys, then ghosts, newest first. Calls `advance` per batch."""
        for page in self.stored.pages():
            for start in range(0, len(page), BATCH_GET):
                yield from self._of_batch(page[start : start + BATCH_GET])
                advance()
        yield from self._ghosts()

    @property
    def unread(self) -> list[str]:
        """What could not be read, each with the reason; complete after the last difference."""
        return [*map(str, self.stored.unread), *self._unread]

    def _of_batch(self, batch: Sequence[Stored]) -> Iterator[Difference]:
        ids = [file_id_of(self.stored.bucket, stored.key) for stored in batch]
        self._present.update(ids)
        chosen = [(file_id, stored) for file_id, stored in zip(ids, batch, strict=True) if self._is_meant(stored)]
        try:
            items = {item.id: item for item in self.listing.items([file_id for file_id, _ in chosen])}
        except (UnreadItemsError, ClientError) as error:
            self._note(f"the items of {counted(len(chosen), 'file')} from {chosen[0][1].key!r}", error)
            return
        self.compared += len(chosen)
        for file_id, stored in chosen:
            kind = compared(stored, items.get(file_id), settled=self.until)
            if kind is not None:
                yield Difference(
                    kind=kind,
                    bucket=self.stored.bucket,
                    key=stored.key,
                    time=stored.modified,
                    stored=stored,
                    item=items.get(file_id),
                )

    def _ghosts(self) -> Iterator[Difference]:
        for item in self._items():
            if item.bucket != self.stored.bucket or not item.key.startswith(self.stored.prefix):
                continue
            marker = self.stored.markers.get(item.key)
            if item.id in self._present or any(unread.covers(item.key) for unread in self.stored.unread):
                continue
            if marker is None or marker.modified <= self.until:  # the event of a later one may still be in flight
                time = datetime.fromisoformat(item.time)
                yield Difference(
                    kind="ghost",
                    bucket=item.bucket,
                    key=item.key,
                    time=time,
                    item=item,
                    marker=marker.version_id if marker else "",
                )

    def _items(self) -> Iterator[Item]:
        """The catalogue's files of that time."""
        cursor: str | None = None
        while True:
            try:
                page = self.listing.newest(_PAGE, cursor)
            except (UnreadItemsError, ClientError) as error:
                self._note("the catalogue's older files" if cursor else "the catalogue's list of files", error)
                return
            for item in page.items:
                time = datetime.fromisoformat(item.time)
                if self.since is not None and time < self.since:
                    return
                if time <= self.until:
                    yield item
            cursor = page.cursor
            if cursor is None:
                return

    def _note(self, what: str, error: Exception) -> None:
        """Note what cannot be read. Raises the error if AWS no longer accepts the credentials."""
        if isinstance(error, ClientError) and is_unknown_caller(error):
            raise error
        self._unread.append(f"{what}: {error}")

    def _is_meant(self, stored: Stored) -> bool:
        if stored.modified > self.until or (self.since is not None and stored.modified < self.since):
            return False
        bucket, key = self.stored.bucket, stored.key
        event = FileEvent(action="created", name="", bucket=bucket, key=key, region="", time="", size=stored.size)
        return not event.is_folder_marker or bool(matching(self.rules, event))


def compared(stored: Stored, item: Item | None, *, settled: datetime) -> Kind | None:
    """How a file and its item differ; None if they do not, or if the item had an event after `settled`.

    Such an item may have been written since the bucket was listed. An older one that shows another version, even a
    newer one, is wrong: the version in the bucket is the one that people get.
    """
    if item is None:
        return "missing"
    same = item.version_id == stored.version_id if item.version_id and stored.version_id else item.etag == stored.etag
    if same and item.status != "removed":
        return None
    return "stale" if all(datetime.fromisoformat(at) <= settled for at in (item.time, item.removed_at) if at) else None
