"""Pages of files: newest first from the catalogue's index, or by prefix from S3, which is the index of keys.

A page reads little more than it shows, apart from what it leaves out (tombstones, and files that a person may not
read), of which it reads so many at most: a list costs the same for a thousand files as for a million.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from domain.access import EVERYTHING, Rights
from domain.events import file_id_of
from domain.rules import overlap
from domain.shortfalls import utc
from domain.wording import spellings_of
from handlers.data.batch_get import BATCH_GET, batch_get
from handlers.data.cursors import InvalidCursorError, between, decoded, encoded, key_in, place_in
from handlers.data.items import Item, item_of
from handlers.data.month_index import MonthIndex, Place, months_id, months_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

STEPS_PER_PAGE = 12  # a page of nothing but files that are left out, or empty months, ends here, with a cursor
PAGES_FOLLOWED = 5  # where the newest files are asked for, and files that are left out come before them
FOLDERS_PER_PAGE = 20  # of a person who may read some folders only: a page of empty ones ends here, with a cursor


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some files, and the cursor of the next page; without one this is the last."""

    items: tuple[Item, ...]
    cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Latest:
    """The newest files. If it is not complete, the search was given up: there may be others."""

    items: tuple[Item, ...]
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Lists one table and the buckets of its files: each name with a client for its region, the page's own first.

    `prefixes` are what of a bucket belongs to the stack; a bucket without is there as a whole. Items of other places
    are left out: they are of a region that left the stack, or of a bucket that is no longer watched. So are files that
    `rights` do not let one read: neither pages nor cursors say anything about them.
    """

    dynamodb: DynamoDBClient
    table: str
    buckets: Mapping[str, S3Client]
    prefixes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rights: Rights = EVERYTHING

    def seen_with(self, rights: Rights) -> Listing:
        """The same list as a person with these rights sees it."""
        return replace(self, rights=rights)

    def shows(self, item: Item) -> bool:
        """Whether an item is of a place that belongs to the stack, and may be read."""
        if item.bucket not in self.buckets:
            return False
        belongs = item.key.startswith(tuple(self.prefixes.get(item.bucket) or ("",)))
        return belongs and self.rights.may("read", item.bucket, item.key)

    def newest(self, limit: int, cursor: str | None = None) -> Page:
        """Files that are in the bucket, newest upload first. Uploads that arrive meanwhile shift nothing.

        A page may be short, or empty, and still have a cursor: after many files that it leaves out. The last one has
        none.
        """
        place = None if cursor is None else place_in(cursor)
        walk = MonthIndex(self.dynamodb, self.table).walk(self._months(), below=place, page=limit)
        items: list[Item] = []
        step: list[Place] = []
        most = limit
        for _ in range(STEPS_PER_PAGE):
            step = _step(walk, most)
            found = {item.id: item for item in self.items([place.id for place in step if place.id])}
            for place in step:
                item = found.get(place.id)
                if item is not None and item.status != "removed" and self.shows(item):
                    items.append(item)
                if len(items) == limit:
                    break
            if not step or len(items) == limit:
                break
            most = min(BATCH_GET, 2 * most)  # the way past many tombstones is not long
        if place is None or not step:
            return Page(items=tuple(items), cursor=None)
        if place == step[-1]:
            following = next(walk, None)
            if following is None:
                return Page(items=tuple(items), cursor=None)
            if not items or items[-1].id != place.id:
                place = between(place, following)
        return Page(items=tuple(items), cursor=encoded(place._asdict()))

    def latest(self, limit: int) -> Latest:
        """The newest files, however many removed ones come before them; says if that went too far."""
        items: tuple[Item, ...] = ()
        cursor: str | None = None
        for _ in range(PAGES_FOLLOWED):
            page = self.newest(limit - len(items), cursor)
            items, cursor = items + page.items, page.cursor
            if len(items) == limit or cursor is None:
                return Latest(items=items, is_complete=True)
        return Latest(items=items, is_complete=False)

    def under(self, prefix: str, limit: int, cursor: str | None = None) -> Page:
        """Files whose key starts with `prefix`, also those without an item in the catalogue.

        Letters with accents are looked for as they were typed, and then in their other forms: S3 compares bytes.
        """
        spellings = spellings_of(prefix)
        if cursor is not None:
            spelling = decoded(cursor).get("prefix")
            if spelling not in spellings:
                raise InvalidCursorError("the cursor belongs to another prefix")
            spellings = spellings[spellings.index(spelling) :]
        items: tuple[Item, ...] = ()
        for spelling in spellings:
            if len(items) == limit:
                return Page(items=items, cursor=encoded({"prefix": spelling, "after": ""}))
            page = self._under(spelling, limit - len(items), cursor, is_first=spelling == prefix)
            items, cursor = items + page.items, None
            if page.cursor is not None:
                return Page(items=items, cursor=page.cursor)
        return Page(items=items, cursor=None)

    def _under(self, prefix: str, limit: int, cursor: str | None, *, is_first: bool) -> Page:
        """Bucket by bucket, in each in the order of keys: a page asks as few of them as it can.

        A region that is down hides no other's files before its turn comes.
        """
        waiting = self._sources()
        asked, after = 0, ""
        if cursor is not None:
            source, after = key_in(cursor, prefix, is_first=is_first)
            waiting = waiting[self._place(source) :]
        items: list[Item] = []
        while waiting and len(items) < limit and asked < FOLDERS_PER_PAGE:
            bucket, readable = waiting[0]
            narrower = max(prefix, readable, key=len)
            objects: Sequence[ObjectTypeDef] = []
            is_truncated = False
            if narrower.startswith(prefix) and narrower.startswith(readable):
                asked += 1
                reply = self.buckets[bucket].list_objects_v2(
                    Bucket=bucket, Prefix=narrower, MaxKeys=limit - len(items), StartAfter=after
                )
                objects, is_truncated = reply.get("Contents", []), reply["IsTruncated"]
                items += self._joined(bucket, objects)
            if objects and is_truncated:
                after = objects[-1]["Key"]
            else:
                after = ""
                del waiting[0]
        return Page(items=tuple(items), cursor=self._rest(prefix, waiting, after))

    def _sources(self) -> list[tuple[str, str]]:
        """Each bucket with each prefix in it that belongs to the stack and may be read, in the order of keys."""
        return [
            (bucket, max(watched, folder, key=len))
            for bucket in self.buckets
            for watched in self.prefixes.get(bucket) or ("",)
            for folder in self.rights.prefixes(bucket)
            if overlap(watched, folder)
        ]

    def _place(self, source: str | None) -> int:
        """Where a cursor's source stands among all; the first one is not named."""
        names = ["/".join(place) for place in self._sources()]
        if source is None:
            return 0
        if source not in names[1:]:
            raise InvalidCursorError
        return names.index(source)

    def _rest(self, prefix: str, waiting: Sequence[tuple[str, str]], after: str) -> str | None:
        """The cursor of the files not listed yet."""
        if not waiting:
            return None
        source = {} if waiting[0] == self._sources()[0] else {"source": "/".join(waiting[0])}
        return encoded({"prefix": prefix, "after": after, **source})

    def items(self, ids: Sequence[str]) -> list[Item]:
        """The items with these ids, in this order; those that are gone are left out."""
        found: dict[str, Item] = {}
        for stored in batch_get(self.dynamodb, self.table, ids):
            if (item := item_of(stored)) is not None:
                found[item.id] = item
        return [found[file_id] for file_id in ids if file_id in found]

    def _months(self) -> list[str]:
        """The months in which some region has uploads, newest first."""
        ids = [months_id(s3.meta.region_name) for s3 in self.buckets.values()]
        items = batch_get(self.dynamodb, self.table, ids)
        return sorted({month for item in items for month in months_in(item)}, reverse=True)

    def _joined(self, bucket: str, objects: Sequence[ObjectTypeDef]) -> Iterator[Item]:
        """The catalogue's item, or what S3 says of an object that is older than the catalogue."""
        known = {item.id: item for item in self.items([file_id_of(bucket, stored["Key"]) for stored in objects])}
        for stored in objects:
            file_id = file_id_of(bucket, stored["Key"])
            if file_id in known and known[file_id].status != "removed":
                yield known[file_id]
            else:
                yield self._stored(bucket, stored)

    def _stored(self, bucket: str, stored: ObjectTypeDef) -> Item:
        return Item(
            id=file_id_of(bucket, stored["Key"]),
            bucket=bucket,
            key=stored["Key"],
            region=self.buckets[bucket].meta.region_name,
            status="stored",
            order="",
            time=utc(stored["LastModified"]),
            size=stored["Size"],
            etag=stored["ETag"].strip('"'),
        )


def _step(walk: Iterator[Place], most: int) -> list[Place]:
    """The next places, and no further than to the end of a month: there may be many with nothing in them."""
    step: list[Place] = []
    for place in walk:
        step.append(place)
        if len(step) == most or not place.id:
            break
    return step
