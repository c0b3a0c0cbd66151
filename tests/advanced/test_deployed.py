"""These tests make a table and queues as the program does. It says so here, and nowhere else."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from components import subscribed_queue
from components.catalogue import Catalogue
from tests.advanced.deployed import DIGEST_FILTER, EXPIRES, MAX_RECEIVES, TABLE, WORK_FILTER


class Remembered(mocks.Mocks):
    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.inputs |= args.inputs
        return args.name, args.inputs

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:  # type: ignore[override]
        raise NotImplementedError(args.token)


@pytest.fixture
def own_loop() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    pulumi.runtime.reset_options()
    asyncio.set_event_loop(None)
    loop.close()


@pytest.mark.usefixtures("own_loop")
def test_the_table_of_these_tests_is_the_deployed_one():
    remembered = Remembered()
    pulumi.runtime.set_mocks(remembered)

    @pulumi.runtime.test
    def register() -> pulumi.Output[str]:
        return Catalogue("files", protect=False).table_name

    register()
    deployed = remembered.inputs
    (index,) = deployed["globalSecondaryIndexes"]
    assert {
        "BillingMode": deployed["billingMode"],
        "KeySchema": [{"AttributeName": deployed["hashKey"], "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": one["name"], "AttributeType": one["type"]} for one in deployed["attributes"]
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index["name"],
                "KeySchema": [
                    {"AttributeName": index["hashKey"], "KeyType": "HASH"},
                    {"AttributeName": index["rangeKey"], "KeyType": "RANGE"},
                ],
                "Projection": {
                    "ProjectionType": index["projectionType"],
                    "NonKeyAttributes": index["nonKeyAttributes"],
                },
            }
        ],
    } == TABLE
    assert deployed["ttl"]["attributeName"] == EXPIRES


def _filter_of(component: str) -> object:
    """The filter policy that a component gives its queue."""
    source = Path(subscribed_queue.__file__).with_name(component).read_text()
    (given,) = [
        ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.keyword) and node.arg == "filter_policy"
    ]
    return given


def test_the_queues_of_these_tests_hear_what_the_deployed_ones_hear():
    assert _filter_of("digest.py") == DIGEST_FILTER
    assert _filter_of("work_queue.py") == WORK_FILTER


def test_a_message_is_received_as_often_as_deployed():
    assert subscribed_queue.MAX_RECEIVES == MAX_RECEIVES
