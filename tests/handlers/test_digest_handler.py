"""The digest function as Lambda runs it: its metrics, and the log lines that name the files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace

import boto3
import pytest
from botocore.stub import Stubber

from domain.notifications import Routing, upload_notification
from handlers.logic import digester
from tests.examples import TOPIC, a_file, a_rule
from tests.handlers.started import Printing, started

RULES = [a_rule(name="a", to=("ann@example.com", "bob@example.com", "+84901234567")), a_rule(name="b")]


@dataclass
class Running(Printing):
    """The function, with a queue that holds what `waits`, and an SNS that the test controls."""

    sns: Stubber
    sqs: Stubber

    def waits(self, *files, rules=("a",)):
        payloads = [
            upload_notification(file, RULES, Routing(digest=tuple(rules)), partition="aws").payload for file in files
        ]
        messages = [
            {"MessageId": str(number), "ReceiptHandle": str(number), "Body": json.dumps(payload)}
            for number, payload in enumerate(payloads)
        ]
        for batch in [messages[start : start + 10] for start in range(0, len(messages), 10)]:
            self.sqs.add_response("receive_message", {"Messages": batch})
        self.sqs.add_response("receive_message", {})

    def deletes(self, count: int):
        for _ in range(0, count, 10):
            self.sqs.add_response("delete_message_batch", {"Successful": [], "Failed": []})

    def invoke(self):
        context = SimpleNamespace(aws_request_id="c6af9ac6", get_remaining_time_in_millis=lambda: 120_000)
        return self.module.handler({}, context)


@pytest.fixture
def running(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "digest")
    monkeypatch.setenv("TOPIC_ARN", TOPIC)
    monkeypatch.setenv("QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/111122223333/digest")
    monkeypatch.setenv("PAGE_URL", "https://d111abc.cloudfront.net")
    clients = {service: boto3.client(service) for service in ("sns", "sqs")}
    with (
        started("digest", clients, monkeypatch) as digest,
        Stubber(clients["sns"]) as sns,
        Stubber(clients["sqs"]) as sqs,
    ):
        monkeypatch.setattr(digest, "RULES", tmp_path / "rules.json")
        digest.RULES.write_text(json.dumps([rule.as_json() for rule in RULES]))
        yield Running(digest, lambda: capsys.readouterr().out, sns, sqs)


def test_mails_are_counted_by_address_and_only_those_that_sns_took(running):
    running.waits(a_file(key="1.pdf"), a_file(key="2.pdf"), rules=["a", "b"])
    running.sns.add_response("publish", {"MessageId": "1"})
    running.sns.add_client_error("publish", "Throttling")
    running.sqs.add_response("send_message", {"MessageId": "2"})
    running.sqs.add_response("send_message", {"MessageId": "2"})
    running.deletes(2)

    with pytest.raises(ExceptionGroup):
        running.invoke()

    assert running.counted == {"MailsInDigests": 2}


def test_an_invocation_with_nothing_to_publish_is_counted_too(running):
    running.waits()

    assert running.invoke() == {"digests": 0, "files": 0}
    assert running.counted == {"MailsInDigests": 0}


def test_the_log_names_every_file_of_a_digest_in_lines_that_are_not_too_long(running, monkeypatch):
    monkeypatch.setattr(digester, "FILES_PER_LOG_LINE", 2)
    files = [a_file(key=f"{number}.pdf") for number in range(3)]
    running.waits(*files)
    running.sns.add_response("publish", {"MessageId": "1"})
    running.deletes(3)

    assert running.invoke() == {"digests": 1, "files": 3}
    said = [(line["message"], line["rule"], line["file_ids"]) for line in running.logged]
    ids = [file.file_id for file in files]
    assert said == [("digest", "a", ids[:2]), ("digest", "a", ids[2:])]


def test_the_log_says_that_a_digest_of_a_rule_that_is_gone_has_no_reader(running):
    running.waits(a_file(key="1.pdf"), rules=["gone"])
    running.sns.add_response("publish", {"MessageId": "1"})
    running.deletes(1)

    running.invoke()

    warnings = [(line["rule"], line["files"]) for line in running.logged if line["level"] == "WARNING"]
    assert warnings == [("gone", 1)]
