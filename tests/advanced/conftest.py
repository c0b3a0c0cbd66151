"""The handlers' own code, in this process, against the emulator's DynamoDB, SQS and SNS."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from domain.events import FileEvent
from handlers.data.catalogue import Catalogue, Claim
from handlers.data.findings import Findings
from handlers.data.items import Notified
from local.emulator.server import Emulator
from tests.advanced.stand_ins import Clock, Recorder
from tests.advanced.table import TABLE
from tests.advanced.uploads import created

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

Connect = Callable[[str], Any]
Settle = Callable[..., Claim]

_numbers = count(1)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator(0) as emulator:
        emulator.start()
        emulator.wait_until_healthy()
        yield emulator


@pytest.fixture(scope="session")
def session() -> Iterator[boto3.Session]:
    """Knows nothing of the person's own AWS accounts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


@pytest.fixture
def connect(emulator: Emulator, session: boto3.Session) -> Iterator[Connect]:
    """connect("sqs") makes another client, as another container has it. Nothing is retried, so nothing waits."""
    made = []

    def client(service: str) -> Any:
        config = Config(retries={"total_max_attempts": 1}, max_pool_connections=32)
        made.append(session.client(service, endpoint_url=emulator.endpoint, config=config))
        return made[-1]

    yield client
    for one in made:
        one.close()


@pytest.fixture
def dynamodb(connect: Connect) -> DynamoDBClient:
    return connect("dynamodb")


@pytest.fixture
def sqs(connect: Connect) -> SQSClient:
    return connect("sqs")


@pytest.fixture
def sns(connect: Connect) -> SNSClient:
    return connect("sns")


@pytest.fixture
def new_name() -> Callable[[str], str]:
    """new_name("files") is one that no other test uses: the emulator is shared."""
    return lambda kind: f"{kind}-{next(_numbers)}"


@pytest.fixture
def table(dynamodb: DynamoDBClient, new_name: Callable[[str], str]) -> str:
    """An empty table, as the program deploys it."""
    name = new_name("files")
    dynamodb.create_table(TableName=name, **TABLE)
    return name


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalogue(dynamodb: DynamoDBClient, table: str, clock: Clock) -> Catalogue:
    """Of a container that has seen uploads of this month before."""
    catalogue = Catalogue(dynamodb, table, clock)
    catalogue._index.remember(created("any", "01").time[:7])
    return catalogue


@pytest.fixture
def findings(dynamodb: DynamoDBClient, table: str, clock: Clock) -> Findings:
    return Findings(dynamodb, table, clock)


@pytest.fixture
def published() -> Recorder:
    return Recorder()


@pytest.fixture
def settle(catalogue: Catalogue) -> Settle:
    """settle(event) claims and marks it, as one undisturbed function does."""

    def claim_and_mark(event: FileEvent, *, notified: Notified = "immediate") -> Claim:
        claim = catalogue.claim(event, lease_seconds=30)
        if claim.outcome != "duplicate":
            catalogue.mark(claim, notified=notified)
        return claim

    return claim_and_mark


@pytest.fixture
def item(dynamodb: DynamoDBClient, table: str) -> Callable[[str], dict[str, Any]]:
    """item(id) is what the table holds under it, in DynamoDB's own form; empty if nothing."""

    def stored(item_id: str) -> dict[str, Any]:
        return dict(dynamodb.get_item(TableName=table, Key={"id": {"S": item_id}}).get("Item", {}))

    return stored
