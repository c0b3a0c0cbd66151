"""Reading many items of a table at once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_GET = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
BATCH_GET_ATTEMPTS = 5


class UnreadItemsError(RuntimeError):
    """DynamoDB left items unread in several attempts: it is throttling."""


def batch_get(client: DynamoDBClient, table: str, ids: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The items with these ids as DynamoDB returns them, each once and in any order; those that are gone are left out.

    Raises UnreadItemsError.
    """
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), BATCH_GET):
        yield from _batch(client, table, wanted[start : start + BATCH_GET])


def _batch(client: DynamoDBClient, table: str, ids: list[str]) -> Iterator[Mapping[str, Any]]:
    request: Any = {table: {"Keys": [{"id": {"S": file_id}} for file_id in ids]}}
    for attempt in range(BATCH_GET_ATTEMPTS):
        reply = client.batch_get_item(RequestItems=request)
        yield from reply["Responses"].get(table, [])
        request = reply.get("UnprocessedKeys")
        if not request:
            return
        time.sleep(0.05 * 2**attempt)
    raise UnreadItemsError(f"DynamoDB left items of {table} unread in {BATCH_GET_ATTEMPTS} attempts")
