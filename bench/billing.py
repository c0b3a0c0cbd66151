"""What DynamoDB bills for writes, by its documented rules (developer guide: item sizes, capacity, index writes)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks
    from mypy_boto3_dynamodb import DynamoDBClient

UNIT = 1024  # bytes of an item that one write unit pays for
PROJECTED = ("id", "month", "arrived", "size")  # the index's keys, the table's key, and what is included


def item_size(item: Mapping[str, Any]) -> int:
    """Bytes of an item in DynamoDB's JSON: names count, as UTF-8, like values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def item_units(*items: Mapping[str, Any]) -> int:
    """Write units of an update: the larger of the item before and after it, and one at least."""
    return max(1, *(ceil(item_size(item) / UNIT) for item in items))


def index_units(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """Write units of the by-month index: none if nothing projected changed, two if the entry moves."""
    old, new = _entry(before), _entry(after)
    if old == new:
        return 0
    if old and new and any(old[key] != new[key] for key in ("month", "arrived")):
        return item_units(old) + item_units(new)
    return item_units(old, new)


def _entry(item: Mapping[str, Any]) -> dict[str, Any]:
    if not {"month", "arrived"} <= item.keys():
        return {}
    return {name: item[name] for name in PROJECTED if name in item}


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(str(content).encode())
    if kind == "N":  # a byte for two significant digits, one more, and one for a minus sign
        digits = content.lstrip("-").replace(".", "").strip("0")
        return ceil(len(digits) / 2) + 1 + int(content.startswith("-"))
    if kind == "L":
        return 3 + sum(1 + _value_size(element) for element in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_size(element) for name, element in content.items())
    if kind == "SS":
        return sum(len(text.encode()) for text in content)
    if kind in ("BOOL", "NULL"):
        return 1
    raise NotImplementedError(kind)


@dataclass
class Meter:
    """Counts the write units of the writes that `events` (a client's, or a session's) report.

    An update is charged by the item as it is before and after it. A put is taken to be of a new item.
    """

    events: BaseEventHooks
    reader: DynamoDBClient
    units: list[tuple[str, int, int]] = field(default_factory=list)
    """For each write the item's id, the table's units, the index's units."""

    def __post_init__(self) -> None:
        self._before: tuple[str, str, dict[str, Any]] | None = None
        self.events.register("before-call.dynamodb.UpdateItem", self._remember)
        self.events.register("after-call.dynamodb.UpdateItem", self._charge)
        self.events.register("before-call.dynamodb.PutItem", self._charge_new)

    @property
    def total(self) -> int:
        return sum(table + index for _, table, index in self.units)

    def _remember(self, params: Mapping[str, Any], **_: Any) -> None:
        request = json.loads(params["body"])
        table, item_id = request["TableName"], request["Key"]["id"]["S"]
        self._before = (table, item_id, self._read(table, item_id))

    def _charge(self, **_: Any) -> None:
        if self._before is None:
            raise RuntimeError("an update was answered that was never sent")
        table, item_id, before = self._before
        after = self._read(table, item_id)
        self.units.append((item_id, item_units(before, after), index_units(before, after)))

    def _charge_new(self, params: Mapping[str, Any], **_: Any) -> None:
        item = json.loads(params["body"])["Item"]
        self.units.append((item["id"]["S"], item_units(item), index_units({}, item)))

    def _read(self, table: str, item_id: str) -> dict[str, Any]:
        return dict(self.reader.get_item(TableName=table, Key={"id": {"S": item_id}}).get("Item", {}))
