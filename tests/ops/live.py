"""A running advanced stack, and the commands on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from click.testing import Result

from domain.topology import FAILURE_QUEUES, WORKING_QUEUES
from tests.e2e.stack import EVERYONE, Stack, wait_until
from tests.ops.parts import document, ops

CHANGES = "changes@example.com"
"""Notified about removed files."""


class Live(Stack):
    """`python -m local up --mode advanced`, on which `python -m ops` works."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            folder,
            *("--mode", "advanced"),
            protectData="false",
            alarmEmails=[EVERYONE],
            rules=self.rules(),
        )
        self.ready_file = folder / "stack.json"

    @staticmethod
    def rules(*more: dict[str, Any]) -> list[dict[str, Any]]:
        # At once, so that two hundred mails are two hundred mails, however many there are in a minute.
        everything = {"name": "every file", "to": [EVERYONE], "delivery": "immediate"}
        changes = {"name": "changes", "events": ["removed"], "to": [CHANGES], "delivery": "immediate"}
        return [everything, changes, *more]

    def prepare(self) -> None:
        """Wait for the first upload: from then on the functions have succeeded once."""
        self.settle()

    def ops(self, *words: str, **options: Any) -> Result:
        return ops(*words, "--ready-file", str(self.ready_file), **options)

    def document(self, *words: str, **options: Any) -> Any:
        """The document of a command with --json."""
        return document(self.ops(*words, "--json", **options))

    def findings(self) -> dict[str, dict[str, Any]]:
        """The findings of doctor by id, without notes."""
        findings = self.document("doctor")["findings"]
        return {finding["id"]: finding for finding in findings if finding["level"] != "note"}

    def empty_queues(self) -> None:
        for output in (*WORKING_QUEUES.values(), *(queue.output for queue in FAILURE_QUEUES)):
            url = self.outputs.get(output, "")
            while url and (
                received := self.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages")
            ):
                for message in received:
                    self.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def messages_in(self, output: str) -> int:
        """The number of messages in the queue of an output."""
        return self.waiting_in(self.outputs[output])

    def environment(self) -> dict[str, str]:
        name = self.outputs["notifyFunctionName"]
        return self.aws.lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def set_environment(self, variables: dict[str, str]) -> None:
        name = self.outputs["notifyFunctionName"]
        self.aws.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    def items(self, prefix: str) -> dict[str, dict[str, Any]]:
        """The catalogue's items below a prefix, as DynamoDB has them, by key."""
        pages = self.aws.dynamodb.get_paginator("scan").paginate(TableName=self.outputs["tableName"])
        items = [item for page in pages for item in page["Items"]]
        return {item["key"]["S"]: item for item in items if item.get("key", {}).get("S", "").startswith(prefix)}

    def delete_items(self, *ids: str) -> None:
        for file_id in ids:
            self.aws.dynamodb.delete_item(TableName=self.outputs["tableName"], Key={"id": {"S": file_id}})

    def upload_many(self, prefix: str, count: int) -> list[str]:
        """Returns the keys."""
        keys = [f"{prefix}/{number:03}.txt" for number in range(count)]
        for key in keys:
            self.upload(key, key.encode())
        return keys

    def processed(self, prefix: str, count: int) -> None:
        """Wait until that many files below the prefix have been processed."""

        def done() -> bool:
            items = self.items(prefix).values()
            return sum(item["status"]["S"] == "processed" for item in items) >= count

        wait_until(done, f"{count} processed files below {prefix}")

    def wait_for_decisions(self, key: str, count: int) -> None:
        """Of a file: an event that is still under way would fail in a stack that the next test breaks."""
        wait_until(lambda: len(self.decisions(key)) >= count, f"no {count} decisions on {key}")

    def wait_for_mailed(self, prefix: str, count: int) -> list[str]:
        """The same, once there are so many: a file may be processed before its mail is there."""
        return wait_until(lambda: len(found := self.mailed(prefix)) >= count and found, f"no {count} mails of {prefix}")

    def mailed(self, prefix: str, *, to: str = EVERYONE) -> list[str]:
        """The keys below a prefix that mails were about, in the order of delivery, one entry per mail."""
        return [
            line.split("File", 1)[1].strip()
            for mail in self.mails(prefix, to=to)
            for line in mail.body.splitlines()[:4]
            if line.startswith("  File")
        ]


def unique() -> str:
    return uuid4().hex[:12]


def a_file(key: str) -> str:
    return json.dumps({"schema": "file-notifications/reprocess/1", "id": key})
