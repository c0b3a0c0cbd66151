"""The environment of a function, and the notify function as Lambda runs it, with an SNS that the test controls."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

import handlers
from domain.rules import Rule
from tests import emf
from tests.examples import TOPIC, a_rule


@pytest.fixture(autouse=True)
def lambda_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Lambda sets for a function; the credentials are invalid."""
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "notify")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "file-notifications/test")


class Console:
    """Standard output as it is at the moment: pytest replaces it in each phase of a test."""

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
    def log(self) -> str:
        """Everything printed so far."""
        self.printed += self.read_output()
        return self.printed

    @property
    def counted(self) -> dict[str, int]:
        """CloudWatch's view: the sum of each metric."""
        return dict(emf.counted(self.log))

    @property
    def logged(self) -> list[dict[str, Any]]:
        return emf.logged(self.log)

    @property
    def keys_published(self) -> list[str]:
        """The key in each published payload."""
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
