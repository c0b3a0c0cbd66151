"""Events to read, and the notify function as Lambda runs it, with an SNS that answers as the test says."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

import handlers
from domain.counters import SERIES
from domain.events import FileEvent
from domain.rules import Rule

EVENTS = Path(__file__).resolve().parents[1] / "events"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:file-notifications-notifications-topic-1a2b3c4"


def golden(name: str) -> dict[str, Any]:
    """An event as AWS writes it, from tests/events."""
    return json.loads((EVENTS / f"{name}.json").read_text())


def a_file(**changes: Any) -> FileEvent:
    """An uploaded file, but for the changes."""
    invoice = {
        "action": "created",
        "name": "ObjectCreated:Put",
        "bucket": "file-notifications-uploads-1a2b3c4",
        "key": "invoices/2026/invoice-0423.pdf",
        "region": "eu-west-1",
        "time": "2026-11-23T08:41:07.123Z",
        "size": 186_368,
        "etag": "d41d8cd98f00b204e9800998ecf8427e",
        "version_id": "3sL4kqtJlcpXroDTDmJ",
        "sequencer": "0055AED6DCD90281E5",
        "by": "maria",
    }
    return FileEvent(**{**invoice, **changes})


def a_rule(**changes: Any) -> Rule:
    """A rule about every created file, but for the changes."""
    return Rule(**{"name": "every file", "to": ("ann@example.com",), **changes})


@pytest.fixture(autouse=True)
def lambda_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Lambda sets for a function; the credentials are nobody's."""
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "notify")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "file-notifications/test")


class Console:
    """Whatever standard output is at the moment: pytest puts another one in its place for each phase of a test."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@dataclass
class Running:
    """The notify function, what it published and what it printed."""

    module: ModuleType
    sns: Stubber
    rules_file: Path
    read_output: Callable[[], str]
    published: list[dict[str, Any]] = field(default_factory=list)
    printed: str = ""

    def accepts(self, count: int = 1) -> None:
        """SNS takes the next publishes."""
        for number in range(count):
            self.sns.add_response("publish", {"MessageId": f"message-{number}"})

    def refuses(self, code: str, status: int = 400) -> None:
        """SNS answers the next publish with this error."""
        self.sns.add_client_error("publish", service_error_code=code, http_status_code=status)

    def follows(self, *rules: Rule) -> None:
        """The rules that were shipped with the function."""
        self.rules_file.write_text(json.dumps([rule.as_json() for rule in rules]))

    def invoke(self, event: object) -> Any:
        context = SimpleNamespace(
            aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef", get_remaining_time_in_millis=lambda: 30_000
        )
        return self.module.handler(event, context)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Everything printed so far, a JSON object a line."""
        self.printed += self.read_output()
        return [json.loads(line) for line in self.printed.splitlines()]

    @property
    def counted(self) -> dict[str, int]:
        """CloudWatch's view: the sum of each metric."""
        sums: Counter[str] = Counter()
        for line in self.lines:
            for group in line.get("_aws", {}).get("CloudWatchMetrics", ()):
                for metric in group["Metrics"]:
                    assert metric["Name"] in SERIES[line["service"]]
                    sums[metric["Name"]] += int(sum(line[metric["Name"]]))
        return dict(sums)

    @property
    def logged(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if "_aws" not in line]

    @property
    def keys_told(self) -> list[str]:
        """The key in each published document."""
        return [json.loads(json.loads(one["Message"])["default"])["file"]["key"] for one in self.published]


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Running]:
    """handlers.notify, freshly started, with one rule about every created file and an SNS that expects no call yet."""
    monkeypatch.setenv("TOPIC_ARN", TOPIC)
    monkeypatch.setattr(handlers, "notify", None, raising=False)
    monkeypatch.delitem(sys.modules, "handlers.notify", raising=False)
    module = importlib.import_module("handlers.notify")
    for console in module.logger.handlers:  # as old as the process, and so is the stream that they write to
        monkeypatch.setattr(console, "stream", Console())

    client = boto3.client("sns")
    monkeypatch.setattr(module.boto3, "client", lambda service, **_: {"sns": client}[service])
    monkeypatch.setattr(module, "RULES", tmp_path / "rules.json")
    with Stubber(client) as sns:
        running = Running(module, sns, tmp_path / "rules.json", lambda: capsys.readouterr().out)
        client.meta.events.register(
            "provide-client-params.sns.Publish", lambda params, **_: running.published.append(params)
        )
        running.follows(a_rule())
        yield running
    module.logger.remove_keys(["request_id"])


def pytest_make_parametrize_id(val):
    """Names of tests may not change from run to run, and an archive carries the time at which it was made."""
    return val[:8].hex() if isinstance(val, bytes) else None
