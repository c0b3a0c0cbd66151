"""Pages of files: newest first from the catalogue's index, or by prefix from S3, which is the index of keys.

No page reads more than it shows, apart from tombstones: a list costs the same at a thousand files as at a million.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handlers.rows import Row, row
from handlers.s3_events import file_id_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

INDEX = "by-month"
FIRST_MONTH = "2026-11"  # nothing was catalogued before this program existed: where a listing may stop
QUERIES_PER_PAGE = 12  # a page of nothing but empty months or tombstones ends here, with a cursor
BATCH_GET = 100  # DynamoDB: the most items in one BatchGetItem
BATCH_GET_ATTEMPTS = 5
_A_DAY = 86_400

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_ID = re.compile(r"[0-9a-f]{32}")


class InvalidCursorError(ValueError):
    """Not a cursor that this listing handed out, or one of another prefix."""


class UnreadRowsError(RuntimeError):
    """DynamoDB left rows unread several times in a row: it is throttling."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some files, and what asks for the next ones; without a cursor there are none."""

    rows: tuple[Row, ...]
    cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Lists one table and one bucket."""

    dynamodb: DynamoDBClient
    s3: S3Client
    table: str
    bucket: str
    clock: Callable[[], float] = time.time

    def newest(self, limit: int, cursor: str | None = None) -> Page:
        """Files that are in the bucket, newest upload first. Uploads that arrive meanwhile shift nothing."""
        month, start = _month(self.clock() + _A_DAY), None  # S3's clock may be ahead of ours
        if cursor is not None:
            month, start = _newest_cursor(cursor)
        rows: list[Row] = []
        for _ in range(QUERIES_PER_PAGE):
            if len(rows) == limit or month < FIRST_MONTH:
                break
            ids, start = self._index(month, limit - len(rows), start)
            rows += (found for found in self.rows(ids) if found.status != "removed")
            if start is None:
                month = _month_before(month)
        if month < FIRST_MONTH:
            return Page(rows=tuple(rows), cursor=None)
        return Page(rows=tuple(rows), cursor=_encode({"month": month, "start": start}))

    def under(self, prefix: str, limit: int, cursor: str | None = None) -> Page:
        """Files whose key starts with `prefix`, in the order of keys, whether the catalogue knows them or not."""
        after = _prefix_cursor(cursor, prefix) if cursor is not None else ""
        reply = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix, MaxKeys=limit, StartAfter=after)
        objects = reply.get("Contents", [])
        known = {found.id: found for found in self.rows([file_id_of(self.bucket, item["Key"]) for item in objects])}
        rows = tuple(self._joined(item, known) for item in objects)
        more = _encode({"prefix": prefix, "after": objects[-1]["Key"]}) if objects and reply["IsTruncated"] else None
        return Page(rows=rows, cursor=more)

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """The rows with these ids, in this order; those that are gone are left out."""
        found: dict[str, Row] = {}
        for start in range(0, len(ids), BATCH_GET):
            for item in self._batch(list(dict.fromkeys(ids[start : start + BATCH_GET]))):
                if (one := row(item)) is not None:
                    found[one.id] = one
        return [found[one] for one in ids if one in found]

    def _batch(self, ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        request: Any = {self.table: {"Keys": [{"id": {"S": one}} for one in ids]}}
        for attempt in range(BATCH_GET_ATTEMPTS):
            reply = self.dynamodb.batch_get_item(RequestItems=request)
            yield from reply["Responses"].get(self.table, [])
            request = reply.get("UnprocessedKeys")
            if not request:
                return
            time.sleep(0.05 * 2**attempt)
        raise UnreadRowsError(f"DynamoDB left rows of {self.table} unread in {BATCH_GET_ATTEMPTS} attempts")

    def _index(
        self, month: str, limit: int, start: Mapping[str, str] | None
    ) -> tuple[list[str], Mapping[str, str] | None]:
        request: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": INDEX,
            "KeyConditionExpression": "#month = :month",
            "ExpressionAttributeNames": {"#month": "month"},
            "ExpressionAttributeValues": {":month": {"S": month}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if start is not None:
            request["ExclusiveStartKey"] = {name: {"S": value} for name, value in start.items()}
        reply = self.dynamodb.query(**request)
        last = reply.get("LastEvaluatedKey")
        following = {name: value["S"] for name, value in last.items()} if last else None
        return [item["id"]["S"] for item in reply["Items"]], following

    def _joined(self, item: ObjectTypeDef, known: Mapping[str, Row]) -> Row:
        """What the catalogue knows, or what S3 says of an object that came before the catalogue."""
        file_id = file_id_of(self.bucket, item["Key"])
        if file_id in known and known[file_id].status != "removed":
            return known[file_id]
        return Row(
            id=file_id,
            bucket=self.bucket,
            key=item["Key"],
            region=self.s3.meta.region_name,
            status="received",
            order="",
            time=item["LastModified"].astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            size=item["Size"],
            etag=item["ETag"].strip('"'),
        )


def _month(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m}"


def _month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def _encode(value: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(cursor: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidCursorError("the cursor is not one that this list handed out") from error
    if not isinstance(value, dict):
        raise InvalidCursorError("the cursor is not one that this list handed out")
    return value


def _newest_cursor(cursor: str) -> tuple[str, Mapping[str, str] | None]:
    value = _decode(cursor)
    month, start = value.get("month"), value.get("start")
    valid = value.keys() == {"month", "start"} and isinstance(month, str) and bool(_MONTH.fullmatch(month))
    if valid and start is not None:
        valid = (
            isinstance(start, dict)
            and start.keys() == {"id", "month", "arrived"}
            and all(isinstance(part, str) and part for part in start.values())
            and start["month"] == month
            and bool(_ID.fullmatch(start["id"]))
            and start["arrived"].startswith(month)
        )
    if not valid:
        raise InvalidCursorError("the cursor is not one that this list handed out")
    return str(month), start


def _prefix_cursor(cursor: str, prefix: str) -> str:
    value = _decode(cursor)
    after = value.get("after")
    if value.keys() != {"prefix", "after"} or not isinstance(after, str):
        raise InvalidCursorError("the cursor is not one that this list handed out")
    if value["prefix"] != prefix or not after.startswith(prefix):
        raise InvalidCursorError("the cursor belongs to another prefix")
    return after
