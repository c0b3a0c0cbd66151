"""Pages of files: newest first from the catalogue's index, or by prefix from S3, which is the index of keys.

A page reads little more than it shows, apart from tombstones: a list costs the same for a thousand files as for a
million.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from domain.events import LONGEST_TEXT, file_id_of, is_file_id
from domain.wording import spellings_of
from handlers.data.items import Item, item_of
from handlers.data.month_index import MonthIndex, Place, months_id, months_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

STEPS_PER_PAGE = 12  # a page of nothing but tombstones or empty months ends here, with a cursor
PAGES_FOLLOWED = 5  # where the newest files are asked for, and tombstones come before them
BATCH_GET = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
BATCH_GET_ATTEMPTS = 5

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_ARRIVED = re.compile(rf"{_MONTH.pattern}[0-9T:.Z+-]{{0,33}}")  # as S3 writes times


class InvalidCursorError(ValueError):
    """Not a cursor that this listing returned, or one of another prefix."""


class UnreadItemsError(RuntimeError):
    """DynamoDB left items unread in several attempts: it is throttling."""


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
    are left out: they are of a region that left the stack, or of a bucket that is no longer watched.
    """

    dynamodb: DynamoDBClient
    table: str
    buckets: Mapping[str, S3Client]
    prefixes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def belongs(self, item: Item) -> bool:
        """Whether an item is of a place that belongs to the stack."""
        return item.bucket in self.buckets and item.key.startswith(tuple(self.prefixes.get(item.bucket) or ("",)))

    def newest(self, limit: int, cursor: str | None = None) -> Page:
        """Files that are in the bucket, newest upload first. Uploads that arrive meanwhile shift nothing.

        A page may be short, or empty, and still have a cursor: after many tombstones. The last one has none.
        """
        place = None if cursor is None else _newest_cursor(cursor)
        walk = MonthIndex(self.dynamodb, self.table).walk(self._months(), below=place, page=limit)
        items: list[Item] = []
        step: list[Place] = []
        most = limit
        for _ in range(STEPS_PER_PAGE):
            step = _step(walk, most)
            found = {item.id: item for item in self.items([place.id for place in step if place.id])}
            for place in step:
                item = found.get(place.id)
                if item is not None and item.status != "removed" and self.belongs(item):
                    items.append(item)
                if len(items) == limit:
                    break
            if not step or len(items) == limit:
                break
            most = min(BATCH_GET, 2 * most)  # the way past many tombstones is not long
        is_last = not step or (place == step[-1] and next(walk, None) is None)
        return Page(items=tuple(items), cursor=None if is_last or place is None else _encode(place._asdict()))

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
            spelling = _decode(cursor).get("prefix")
            if spelling not in spellings:
                raise InvalidCursorError("the cursor belongs to another prefix")
            spellings = spellings[spellings.index(spelling) :]
        items: tuple[Item, ...] = ()
        for spelling in spellings:
            if len(items) == limit:
                return Page(items=items, cursor=_encode({"prefix": spelling, "after": ""}))
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
        after = ""
        if cursor is not None:
            source, after = _prefix_cursor(cursor, prefix, is_first=is_first)
            waiting = waiting[self._place(source) :]
        items: list[Item] = []
        while waiting and len(items) < limit:
            bucket, watched = waiting[0]
            narrower = max(prefix, watched, key=len)
            objects: Sequence[ObjectTypeDef] = []
            is_truncated = False
            if narrower.startswith(prefix) and narrower.startswith(watched):
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
        """Each bucket with each prefix in it that belongs to the stack."""
        return [(bucket, prefix) for bucket in self.buckets for prefix in self.prefixes.get(bucket) or ("",)]

    def _place(self, source: str | None) -> int:
        """Where a cursor's source stands among all; the first one is not named."""
        names = ["/".join(place) for place in self._sources()]
        if source is None:
            return 0
        if source not in names[1:]:
            raise InvalidCursorError("the cursor is not one that this list returned")
        return names.index(source)

    def _rest(self, prefix: str, waiting: Sequence[tuple[str, str]], after: str) -> str | None:
        """The cursor of the files not listed yet."""
        if not waiting:
            return None
        source = {} if waiting[0] == self._sources()[0] else {"source": "/".join(waiting[0])}
        return _encode({"prefix": prefix, "after": after, **source})

    def items(self, ids: Sequence[str]) -> list[Item]:
        """The items with these ids, in this order; those that are gone are left out."""
        found: dict[str, Item] = {}
        for start in range(0, len(ids), BATCH_GET):
            for stored in self._batch(list(dict.fromkeys(ids[start : start + BATCH_GET]))):
                if (item := item_of(stored)) is not None:
                    found[item.id] = item
        return [found[file_id] for file_id in ids if file_id in found]

    def _batch(self, ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        request: Any = {self.table: {"Keys": [{"id": {"S": file_id}} for file_id in ids]}}
        for attempt in range(BATCH_GET_ATTEMPTS):
            reply = self.dynamodb.batch_get_item(RequestItems=request)
            yield from reply["Responses"].get(self.table, [])
            request = reply.get("UnprocessedKeys")
            if not request:
                return
            time.sleep(0.05 * 2**attempt)
        raise UnreadItemsError(f"DynamoDB left items of {self.table} unread in {BATCH_GET_ATTEMPTS} attempts")

    def _months(self) -> list[str]:
        """The months in which some region has uploads, newest first."""
        ids = [months_id(s3.meta.region_name) for s3 in self.buckets.values()]
        return sorted(
            {month for item in self._batch(list(dict.fromkeys(ids))) for month in months_in(item)}, reverse=True
        )

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
            time=stored["LastModified"].astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            size=stored["Size"],
            etag=stored["ETag"].strip('"'),
        )


def may_begin_a_key(text: str) -> bool:
    """Whether S3 could have a key that begins so, or is so: it stores at most 1,024 bytes of UTF-8."""
    try:
        return len(text.encode()) <= LONGEST_TEXT
    except UnicodeEncodeError:  # half of a surrogate pair can be written in JSON
        return False


def _step(walk: Iterator[Place], most: int) -> list[Place]:
    """The next places, and no further than to the end of a month: there may be many with nothing in them."""
    step: list[Place] = []
    for place in walk:
        step.append(place)
        if len(step) == most or not place.id:
            break
    return step


def _encode(value: Mapping[str, object]) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))  # a key of any script within the longest cursor
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidCursorError("the cursor is not one that this list returned") from error
    if not isinstance(value, dict):
        raise InvalidCursorError("the cursor is not one that this list returned")
    return value


def _newest_cursor(cursor: str) -> Place:
    value = _decode(cursor)
    arrived, file_id = value.get("arrived"), value.get("id")
    if value.keys() == {"arrived", "id"} and isinstance(arrived, str) and isinstance(file_id, str):
        is_place = is_file_id(file_id) and _ARRIVED.fullmatch(arrived)
        if is_place or (not file_id and _MONTH.fullmatch(arrived)):
            return Place(arrived, file_id)
    raise InvalidCursorError("the cursor is not one that this list returned")


def _prefix_cursor(cursor: str, prefix: str, *, is_first: bool) -> tuple[str | None, str]:
    """The source that a page begins in, if it is not the first, and the key that it begins after."""
    value = _decode(cursor)
    after, source = value.get("after"), value.get("source")
    named = source is None or isinstance(source, str)
    if value.keys() - {"source"} != {"prefix", "after"} or not isinstance(after, str) or not named:
        raise InvalidCursorError("the cursor is not one that this list returned")
    if not may_begin_a_key(after):
        raise InvalidCursorError("the cursor is not one that this list returned")
    begins = after == "" and (source is not None or not is_first)
    if value["prefix"] != prefix or not (begins or after.startswith(prefix)):
        raise InvalidCursorError("the cursor belongs to another prefix")
    return source, after
