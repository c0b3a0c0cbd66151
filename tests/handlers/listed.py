"""Tables in memory, as far as lists read them, and what reading them costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from domain.topology import INDEX, INDEX_SHARDS
from handlers.data.listing import Listing
from handlers.data.month_index import index_key, months_id

REGION = "us-east-1"
BUCKETS = {"uploads": SimpleNamespace(meta=SimpleNamespace(region_name=REGION))}


@dataclass
class Table:
    """A table with its index. What arrived at one time comes in an order that has nothing to do with ids."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    items_read: int = 0
    meta: Any = field(default_factory=lambda: SimpleNamespace(region_name=REGION))

    def listing(self, buckets: dict[str, Any] | None = None) -> Listing:
        return Listing(dynamodb=self, table="files", buckets=buckets or BUCKETS)

    def upload(self, file_id: str, arrived: str, *, bucket: str = "uploads", status: str = "received") -> None:
        texts = {
            "id": file_id,
            "bucket": bucket,
            "key": file_id,
            "region": REGION,
            "status": status,
            "arrived": arrived,
        }
        texts["month"] = index_key(file_id, arrived)
        self.items[file_id] = {**{name: {"S": text} for name, text in texts.items()}, "size": {"N": "22"}}
        self.remember(arrived[:7])

    def remember(self, month: str) -> None:
        item = self.items.setdefault(months_id(REGION), {"id": {"S": months_id(REGION)}, "months": {"SS": []}})
        item["months"]["SS"] = sorted({*item["months"]["SS"], month})

    def remove(self, file_id: str) -> None:
        self.items[file_id]["status"] = {"S": "removed"}

    def batch_get_item(self, RequestItems: Any) -> dict[str, Any]:  # noqa: N803 - as DynamoDB names it
        self.requests.append("BatchGetItem")
        ids = [key["id"]["S"] for key in RequestItems["files"]["Keys"]]
        assert 0 < len(ids) == len(set(ids)) <= 100
        found = [item for item in map(self.item, ids) if item]
        self.items_read += len(found)
        return {"Responses": {"files": found}, "UnprocessedKeys": {}}

    def query(self, **asked: Any) -> dict[str, Any]:
        self.requests.append("Query")
        assert (asked["TableName"], asked["IndexName"]) == ("files", INDEX)
        values = {name: value["S"] for name, value in asked["ExpressionAttributeValues"].items()}
        backward, limit = not asked.get("ScanIndexForward", True), asked.get("Limit", 1000)
        condition = asked["KeyConditionExpression"].removeprefix("#month = :month").removeprefix(" AND ")
        after = asked.get("ExclusiveStartKey")
        found = self.entries(
            values[":month"], condition, values.get(":arrived", ""), after, limit + 1, backward=backward
        )
        page = found[:limit]
        self.items_read += len(page)
        reply: dict[str, Any] = {"Items": page}
        if len(found) >= limit and page:  # DynamoDB says so as well if nothing follows
            reply["LastEvaluatedKey"] = {name: page[-1][name] for name in ("id", "month", "arrived")}
        return reply

    def item(self, item_id: str) -> dict[str, Any] | None:
        return self.items.get(item_id)

    def entries(
        self, month: str, condition: str, arrived: str, after: Any, most: int, *, backward: bool
    ) -> list[dict[str, Any]]:
        holds = {
            "": lambda _: True,
            "arrived <= :arrived": lambda at: at <= arrived,
            "begins_with(arrived, :arrived)": lambda at: at.startswith(arrived),
        }[condition]
        of_key = [item for item in self.items.values() if item.get("month") == {"S": month}]
        found = sorted((item for item in of_key if holds(item["arrived"]["S"])), key=_place, reverse=backward)
        if after is not None:
            place = _place(after)
            found = [item for item in found if (_place(item) < place if backward else _place(item) > place)]
        return found[:most]


def _place(item: Any) -> tuple[str, str]:
    return item["arrived"]["S"], sha256(item["id"]["S"].encode()).hexdigest()


@dataclass
class Endless(Table):
    """So many files, one a minute, of which none is stored: they are made when they are read."""

    files: int = 0
    newest: int = 1_795_000_000

    def __post_init__(self) -> None:
        for number in range(0, self.files, 40_000):
            self.remember(self.arrived(number)[:7])
        self.remember(self.arrived(self.files - 1)[:7])

    def arrived(self, number: int) -> str:
        return f"{datetime.fromtimestamp(self.newest - 60 * number, UTC):%Y-%m-%dT%H:%M:%S}.000Z"

    def item(self, item_id: str) -> dict[str, Any] | None:
        return super().item(item_id) or self.made(int(item_id[8:], 16))

    def made(self, number: int) -> dict[str, Any]:
        file_id, arrived = f"{number % INDEX_SHARDS:08x}{number:024x}", self.arrived(number)
        texts = {"id": file_id, "bucket": "uploads", "key": file_id, "region": REGION, "status": "processed"}
        texts |= {"arrived": arrived, "month": index_key(file_id, arrived)}
        return {**{name: {"S": text} for name, text in texts.items()}, "size": {"N": "22"}}

    def entries(
        self, month: str, condition: str, arrived: str, after: Any, most: int, *, backward: bool
    ) -> list[dict[str, Any]]:
        assert backward
        assert condition in ("", "arrived <= :arrived")
        # The newest number of this month and shard that is none of a later time.
        bound = min(f"{month[:7]}~", f"{arrived}!" if condition else "~", f"{after['arrived']['S']}" if after else "~")
        low, high = 0, self.files
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.arrived(middle) >= bound else (low, middle)
        first = low + (int(month[8:]) - low) % INDEX_SHARDS
        numbers = range(first, self.files, INDEX_SHARDS)[:most]
        return [self.made(number) for number in numbers if self.arrived(number).startswith(month[:7])]
