"""What a page of the catalogue costs, at a thousand files and at a hundred thousand.

The emulator's DynamoDB reads through all of an index for each query, so its time says nothing about AWS's. What is
compared is what DynamoDB bills and a Lambda waits for: requests, and the items they read.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from handlers.data import cursors
from handlers.data.listing import Listing
from handlers.data.month_index import MonthIndex, index_key
from local.emulator.aws import Aws
from tests.advanced.table import TABLE

LIMIT = 50
_BATCH = 25  # DynamoDB: the most items in one BatchWriteItem


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one page: requests to DynamoDB, and items they read."""

    requests: int
    items: int


def our_table(aws: Aws, name: str) -> str:
    """A table as the program makes it."""
    aws.dynamodb.create_table(TableName=name, **TABLE)
    return name


def fill(aws: Aws, table: str, files: int, *, newest: datetime) -> None:
    """So many files, a second apart, the last at `newest`."""
    client = aws.dynamodb

    def write(first: int) -> None:
        numbers = range(first, min(first + _BATCH, files))
        client.batch_write_item(
            RequestItems={table: [{"PutRequest": {"Item": _item(number, newest)}} for number in numbers]}
        )

    index = MonthIndex(client, table)
    for month in {_item(number, newest)["arrived"]["S"][:7] for number in range(files)}:
        index.remember(month)
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(write, range(0, files, _BATCH)):
            pass


def first_and_deep(aws: Aws, table: str, *, newest: datetime, deep: int) -> tuple[Cost, Cost]:
    """The first page of files, and the one that begins `deep` files later."""
    read = list[int]()

    def note(parsed: Mapping[str, Any], **_: Any) -> None:
        read.append(parsed["ScannedCount"] if "ScannedCount" in parsed else len(parsed["Responses"][table]))

    listing = Listing(dynamodb=aws.dynamodb, table=table, buckets={"uploads": aws.s3})
    events = aws.dynamodb.meta.events
    events.register("after-call.dynamodb", note)
    try:
        listing.newest(LIMIT)
        first = Cost(requests=len(read), items=sum(read))
        read.clear()
        item = _item(deep, newest)
        listing.newest(LIMIT, cursors.encoded({name: item[name]["S"] for name in ("arrived", "id")}))
        return first, Cost(requests=len(read), items=sum(read))
    finally:
        events.unregister("after-call.dynamodb", note)


def _item(number: int, newest: datetime) -> dict[str, Any]:
    arrived = f"{newest.astimezone(UTC) - timedelta(seconds=number):%Y-%m-%dT%H:%M:%S}.{number % 1000:03}Z"
    file_id = sha256(str(number).encode()).hexdigest()[:32]
    texts = {
        "id": file_id,
        "bucket": "uploads",
        "key": f"invoices/{number}.csv",
        "region": "us-east-1",
        "status": "processed",
        "order": f"{number:016X}",
        "arrived": arrived,
        "month": index_key(file_id, arrived),
    }
    return {**{name: {"S": text} for name, text in texts.items()}, "size": {"N": "22"}}
