"""The catalogue's index: one entry for each upload, by month and shard, in the order of arrival.

DynamoDB serves 1,000 writes a second of one key, and refuses a table's writes with those of its index. So the uploads
of a month are spread over several keys, and read as one list: see docs/limits.md.

Which months there are is written down when their first upload is claimed: a list ends with the oldest of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.topology import INDEX_SHARDS, TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Place(NamedTuple):
    """Where an upload stands in the list: by the time at which it arrived, then by its file's id.

    A place without an id is the end of a month: `arrived` is that month, which is less than any time in it.
    """

    arrived: str
    id: str


@dataclass(frozen=True)
class MonthIndex:
    """Reads the index of one table. What DynamoDB refuses is raised as botocore's ClientError."""

    client: DynamoDBClient
    table: str
    _known: set[str] = field(default_factory=set)

    def remember(self, month: str) -> None:
        """Write down that there are uploads of this month in the client's region. To be done before the first is."""
        if month in self._known:
            return
        # One item for each region: replicas of one and the same would not add up.
        key = {"id": {"S": months_id(self.client.meta.region_name)}}
        if month not in months_in(self.client.get_item(TableName=self.table, Key=key).get("Item", {})):
            self.client.update_item(
                TableName=self.table,
                Key=key,
                UpdateExpression="ADD #months :month",
                ExpressionAttributeNames={"#months": "months"},
                ExpressionAttributeValues={":month": {"SS": [month]}},
            )
        self._known.add(month)

    def walk(self, months: Sequence[str], *, below: Place | None, page: int) -> Iterator[Place]:
        """Every place below `below`, newest first, read in pages of about `page` entries as they are asked for.

        `months` are those there are, newest first. Between two of them comes the place where the newer one ends.
        """
        for month in months:
            if below is not None and not Place(month, "") < below:
                continue
            yield from merge(*(self._shard(key, below, page) for key in index_keys(month)), reverse=True)
            if month != months[-1]:
                yield Place(month, "")

    def uploads_on(self, date: str) -> Iterator[tuple[list[str], int]]:
        """The uploads of a day: ids of files and the sum of their bytes, page by page."""
        for key in index_keys(date[:7]):
            for items in self._pages(key, ("begins_with(arrived, :arrived)", date)):
                yield (
                    [item["id"]["S"] for item in items],
                    sum(int(item["size"]["N"]) for item in items if "size" in item),
                )

    def _shard(self, key: str, below: Place | None, page: int) -> Iterator[Place]:
        # DynamoDB does not order what arrived at one time: of that, some may come before `below` and some after it.
        condition = ("arrived <= :arrived", below.arrived) if below is not None else None
        limit = -(-page // INDEX_SHARDS) + UNEVEN
        tied: list[Place] = []
        for items in self._pages(key, condition, ScanIndexForward=False, Limit=limit):
            for item in items:
                place = Place(item["arrived"]["S"], item["id"]["S"])
                if below is not None and place >= below:
                    continue
                if tied and tied[0].arrived != place.arrived:
                    yield from sorted(tied, reverse=True)
                    tied = []
                tied.append(place)
        yield from sorted(tied, reverse=True)

    def _pages(
        self, key: str, arrived: tuple[str, str] | None, **options: Any
    ) -> Iterator[Sequence[Mapping[str, Any]]]:
        """The entries of a key, as DynamoDB pages them: all, or those for which a condition on `arrived` holds."""
        condition, values = "#month = :month", {":month": {"S": key}}
        if arrived is not None:
            condition, values[":arrived"] = f"{condition} AND {arrived[0]}", {"S": arrived[1]}
        request: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": TABLE.index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {"#month": TABLE.index_key},
            "ExpressionAttributeValues": values,
            **options,
        }
        while True:
            reply = self.client.query(**request)
            yield reply["Items"]
            if "LastEvaluatedKey" not in reply:
                return
            request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]


UNEVEN = 8
"""How many entries more than its share of a page are read of a shard, which nearly always is enough."""


def index_key(file_id: str, arrived: str) -> str:
    """The month and the shard under which an upload is found: the id is a hash, so all shards get as many."""
    return f"{arrived[:7]}#{int(file_id[:8], 16) % INDEX_SHARDS}"


def index_keys(month: str) -> list[str]:
    """All keys of a month."""
    return [f"{month}#{shard}" for shard in range(INDEX_SHARDS)]


def months_id(region: str) -> str:
    """The id of the item that says of which months a region has uploads."""
    return f"months#{region}"


def months_in(item: Mapping[str, Any]) -> list[str]:
    """The months that such an item names."""
    months: list[str] = item.get("months", {}).get("SS", [])
    return months
