"""The catalogue's table as the program deploys it, for tests that create it without the program."""

from __future__ import annotations

from typing import Any

from domain.topology import TABLE as SHAPE

TABLE: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": SHAPE.key, "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in SHAPE.key_attributes],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": SHAPE.index,
            "KeySchema": [
                {"AttributeName": SHAPE.index_key, "KeyType": "HASH"},
                {"AttributeName": SHAPE.index_sort_key, "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(SHAPE.index_attributes)},
        }
    ],
}
