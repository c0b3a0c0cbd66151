"""The environment of a function, and the notify function as Lambda runs it, with an SNS that the test controls."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from domain.rules import Rule
from tests.examples import TOPIC, a_rule
from tests.handlers.started import Printing, started


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


@dataclass
class Running(Printing):
    """The notify function, what it published and what it printed."""

    sns: Stubber
    rules_file: Path
    published: list[dict[str, Any]] = field(default_factory=list)

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
    def keys_published(self) -> list[str]:
        """The key in each published payload."""
        return [json.loads(json.loads(one["Message"])["default"])["file"]["key"] for one in self.published]


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Running]:
    """handlers.notify, freshly started, with one rule about every created file and an SNS that expects no call yet."""
    monkeypatch.setenv("TOPIC_ARN", TOPIC)
    client = boto3.client("sns")
    with started("notify", {"sns": client}, monkeypatch) as module, Stubber(client) as sns:
        monkeypatch.setattr(module, "RULES", tmp_path / "rules.json")
        running = Running(module, lambda: capsys.readouterr().out, sns, tmp_path / "rules.json")
        client.meta.events.register(
            "provide-client-params.sns.Publish", lambda params, **_: running.published.append(params)
        )
        running.follows(a_rule())
        yield running


def pytest_make_parametrize_id(val):
    """Names of tests may not change from run to run, and an archive carries the time at which it was made."""
    return val[:8].hex() if isinstance(val, bytes) else None
