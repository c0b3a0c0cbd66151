"""What the program deploys, for tests that make it without the program. test_deployed.py compares the two."""

from __future__ import annotations

from typing import Any

TABLE: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "month", "AttributeType": "S"},
        {"AttributeName": "arrived", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-month",
            "KeySchema": [
                {"AttributeName": "month", "KeyType": "HASH"},
                {"AttributeName": "arrived", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["size"]},
        }
    ],
}
EXPIRES = "expires"  # the attribute by which DynamoDB's TTL removes an item

DIGEST_FILTER = {"digest": [{"exists": True}]}
WORK_FILTER = {"kind": ["upload"], "event": ["created"]}
MAX_RECEIVES = 5
