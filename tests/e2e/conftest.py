"""One stack for all end-to-end tests: the unmodified program, the real handlers, and recipients of every kind."""

from __future__ import annotations

import io
import zipfile
from uuid import uuid4

import pytest

from tests.e2e.stack import EVERYONE, Stack, running

# Notes what it receives in a queue of its own, where a test can read it.
INDEX_FILES = """
import boto3, os

def handler(event, context):
    for record in event["Records"]:
        boto3.client("sqs").send_message(QueueUrl=os.environ["NOTES"], MessageBody=record["Sns"]["Message"])
"""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the marks
def pytest_collection_modifyitems(items):
    """What shares a stack stays on one worker. Two files have stacks of their own, one for each mode."""
    for item in items:
        if "/e2e/" in item.nodeid and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    with running(Stack(tmp_path_factory.mktemp("e2e"), emails=[EVERYONE])) as started:
        started.queue = started.aws.sqs.create_queue(QueueName="file-events")["QueueUrl"]
        started.notes = started.aws.sqs.create_queue(QueueName="notes")["QueueUrl"]
        function = make_function(started, "index-files", INDEX_FILES, NOTES=started.notes)
        started.rules = [
            {
                "name": "invoices",
                "prefix": "invoices/",
                "suffix": ".pdf",
                "to": ["invoices@example.com", "+84901234567"],
            },
            {"name": "all invoices", "prefix": "invoices/", "to": ["invoices@example.com"]},
            {
                "name": "neither small nor large",
                "prefix": "sized/",
                "minBytes": 1000,
                "maxBytes": 2000,
                "to": ["sized@example.com"],
            },
            {"name": "changes", "events": ["removed", "restored"], "to": ["changes@example.com"]},
            {"name": "systems", "prefix": "systems/", "to": [started.aws.arn("sqs", "file-events"), function]},
        ]
        started.set(rules=started.rules)
        yield started
        started.accounts_for_every_event()


@pytest.fixture
def unique() -> str:
    """In a key, it makes the test's own mails and messages known."""
    return uuid4().hex[:12]


def make_function(stack: Stack, name: str, source: str, **environment: str) -> str:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as packed:
        packed.writestr("code.py", source)
    return stack.aws.lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="code.handler",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": environment},
    )["FunctionArn"]
