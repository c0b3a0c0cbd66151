"""The process function as Lambda runs it: batches of messages, with the real catalogue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from tests import emf
from tests.examples import TOPIC, a_file, a_rule
from tests.handlers.processing import (
    BUCKET,
    FILE,
    PNG,
    QUEUE,
    VERSION,
    Body,
    a_message,
)
from tests.handlers.started import Printing, started


@dataclass
class Running(Printing):
    """handlers.process as Lambda runs it. Items and objects are asked for in the order of the messages."""

    s3: Stubber
    dynamodb: Stubber
    seconds_left: list[float] = field(default_factory=lambda: [300.0])
    written: list[dict[str, Any]] = field(default_factory=list)
    shortened: list[dict[str, Any]] = field(default_factory=list)
    """The requests to change the visibility of messages; SQS answers with `sqs_answers`."""
    sqs_answers: dict[str, Any] = field(default_factory=dict)
    published: list[dict[str, Any]] = field(default_factory=list)
    received: int = 1
    """How often the messages have been received."""

    def knows(self, key: str, *, size: int = 1000, status: str = "received") -> None:
        event = a_file(key=key)
        item = {"id": event.file_id, "bucket": BUCKET, "key": key, "region": "eu-west-1", "order": event.order}
        texts = {name: {"S": value} for name, value in {**item, "status": status, "version": VERSION}.items()}
        self.dynamodb.add_response("get_item", {"Item": {**texts, "size": {"N": str(size)}}})

    def writes(self, *, moved_on: bool = False) -> None:
        if moved_on:
            self.dynamodb.add_client_error("update_item", "ConditionalCheckFailedException")
        else:
            self.dynamodb.add_response("update_item", {"Attributes": {}})

    def holds(self, content: bytes, key: str) -> None:
        self.s3.add_response(
            "get_object",
            {"Body": StreamingBody(Body(content), len(content)), "ContentLength": len(content)},
            {"Bucket": BUCKET, "Key": key, "VersionId": VERSION},
        )

    def invoke(self, *bodies: object) -> list[str]:
        """Returns the ids of the messages that failed: their places in the batch."""
        records = [
            {
                "messageId": f"{number}",
                "receiptHandle": f"handle-{number}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": str(self.received)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:file-notifications-work",
                "awsRegion": "eu-west-1",
            }
            for number, body in enumerate(bodies)
        ]
        left = iter(self.seconds_left)
        context = SimpleNamespace(
            aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            get_remaining_time_in_millis=lambda: int(next(left) * 1000),
        )
        reply = self.module.handler({"Records": records}, context)
        return [failure["itemIdentifier"] for failure in reply["batchItemFailures"]]


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Running]:
    """handlers.process, freshly started."""
    monkeypatch.setenv("TABLE_NAME", "catalogue")
    monkeypatch.setenv("QUEUE_URL", QUEUE)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "process")
    clients = {service: boto3.client(service) for service in ("s3", "dynamodb", "sqs", "sns")}
    with (
        started("process", clients, monkeypatch) as module,
        Stubber(clients["s3"]) as s3,
        Stubber(clients["dynamodb"]) as dynamodb,
    ):
        one = Running(module, lambda: capsys.readouterr().out, s3, dynamodb)
        clients["dynamodb"].meta.events.register(
            "provide-client-params.dynamodb.UpdateItem", lambda params, **_: one.written.append(params)
        )

        def show_again(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
            one.shortened.append(json.loads(params["body"]))
            return SimpleNamespace(status_code=one.sqs_answers.get("status", 200)), one.sqs_answers

        def published(params: dict[str, Any], **_: Any) -> None:
            one.published.append(params)

        answer = SimpleNamespace(status_code=200), {"MessageId": "1"}
        clients["sns"].meta.events.register("provide-client-params.sns.Publish", published)
        clients["sns"].meta.events.register("before-call.sns.Publish", lambda **_: answer)
        clients["sqs"].meta.events.register("before-call.sqs.ChangeMessageVisibilityBatch", show_again)
        yield one
        s3.assert_no_pending_responses()
        dynamodb.assert_no_pending_responses()


def test_only_the_messages_that_failed_are_reported_as_failed(running):
    for key, content in (("a.png", PNG), ("c.png", PNG[:-20])):
        running.knows(key)
        running.holds(content, key)
        running.writes()
    running.knows("d.png", status="removed")

    back = running.invoke(
        a_message(key="a.png"), "no JSON {", a_message(key="c.png"), a_message(key="d.png"), {"schema": "unknown"}, ""
    )

    assert back == ["1", "4", "5"]
    assert [line["exception_name"] for line in running.logged if line["level"] == "ERROR"] == [
        "MalformedMessageError"
    ] * 3
    assert running.counted == {"Processed": 1, "ProcessingFailed": 1, "Bytes": 2 * len(PNG) - 20}


def test_each_decision_is_one_line_with_the_file_and_the_counts_are_flushed_once(running):
    running.knows("a.png")
    running.holds(PNG, "a.png")
    running.writes(moved_on=True)
    running.knows("b.png", status="processed")

    running.invoke(a_message(key="a.png"), a_message(key="b.png"))

    decisions = [(line["message"], line["reason"], line["file_id"], line["level"]) for line in running.logged]
    assert decisions == [
        ("skipped", "superseded", a_file(key="a.png").file_id, "INFO"),
        ("skipped", "done before", a_file(key="b.png").file_id, "INFO"),
    ]
    assert len(emf.metrics(running.log)) == 1
    assert running.counted == {"Bytes": len(PNG)}


def test_with_a_rule_that_asks_for_it_what_was_found_is_published_and_its_mails_are_counted(
    running, monkeypatch: pytest.MonkeyPatch, tmp_path
):
    """Mails at once are one series, that of notify: more than ten series would cost."""
    for name, value in {"TOPIC_ARN": TOPIC, "MAILS_PER_MINUTE": "5", "PAGE_URL": "https://page"}.items():
        monkeypatch.setenv(name, value)
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps([a_rule(name="broken", events=("broken",), delivery="immediate").as_json()]))
    monkeypatch.setattr(running.module, "RULES", rules)
    running.knows("a.pdf")
    running.holds(PNG, "a.pdf")
    running.writes()
    running.writes()

    assert running.invoke(a_message(key="a.pdf")) == []
    [request] = running.published
    assert request["Subject"] == "broken: a.pdf (1.0 KB)"
    assert json.loads(json.loads(request["Message"])["default"])["page"].startswith("https://page/files/")
    assert [(line["message"], line["announced"]) for line in running.logged] == [("processed", "broken")]
    assert running.counted == {"Processed": 1, "Bytes": len(PNG), "MailsAtOnce": 1}
    assert {entry["service"] for entry in emf.metrics(running.log) if "MailsAtOnce" in entry} == {"notify"}


def test_the_result_is_written_only_if_the_item_still_shows_that_event(running):
    running.knows("a.png")
    running.holds(PNG, "a.png")
    running.writes()

    running.invoke(a_message(key="a.png"))

    [written] = running.written
    assert written["TableName"] == "catalogue"
    assert {"S": FILE.order} in written["ExpressionAttributeValues"].values()
    assert {"S": hashlib.sha256(PNG).hexdigest()} in written["ExpressionAttributeValues"].values()
    assert "order" in written["ExpressionAttributeNames"].values()


def test_an_error_is_logged_with_its_file_and_message(running):
    running.knows("a.png")
    running.s3.add_client_error("get_object", "SlowDown", http_status_code=503)
    running.knows("b.png", status="removed")

    assert running.invoke(a_message(key="a.png"), a_message(key="b.png")) == ["0"]
    [line] = [line for line in running.logged if line["level"] == "ERROR"]
    assert line["file_id"] == a_file(key="a.png").file_id
    assert line["message_id"] == "0"
    assert "SlowDown" in line["exception"]


def test_a_batch_of_nothing_but_failures_raises_and_still_counts(running):
    running.knows("a.png")
    running.s3.add_client_error("get_object", "SlowDown", http_status_code=503)

    with pytest.raises(BatchProcessingError):
        running.invoke(a_message(key="a.png"))


@pytest.mark.parametrize(("received", "seconds"), [(1, 10), (2, 40), (3, 160), (4, 640), (5, 640), (9, 640)])
def test_a_failed_message_is_retried_soon_and_each_time_later(running, received, seconds):
    running.knows("a.png", status="removed")
    running.received = received

    running.invoke(a_message(key="a.png"), "no JSON {")

    assert running.shortened == [
        {"QueueUrl": QUEUE, "Entries": [{"Id": "0", "ReceiptHandle": "handle-1", "VisibilityTimeout": seconds}]}
    ]


def test_a_batch_of_failures_alone_is_retried_soon_too(running):
    with pytest.raises(BatchProcessingError):
        running.invoke("no JSON {", "nor this")

    [asked] = running.shortened
    assert [entry["ReceiptHandle"] for entry in asked["Entries"]] == ["handle-0", "handle-1"]


def test_no_visibility_is_shortened_when_nothing_failed(running):
    running.knows("a.png", status="removed")

    running.invoke(a_message(key="a.png"))

    assert running.shortened == []


@pytest.mark.parametrize(
    "answer",
    [
        {"Failed": [{"Id": "0", "SenderFault": True, "Code": "ReceiptHandleIsInvalid"}]},
        {"status": 403, "Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {}},
    ],
    ids=["one message", "the request"],
)
def test_a_retry_that_cannot_be_shortened_is_logged_and_happens_later(running, answer):
    running.knows("a.png", status="removed")
    running.sqs_answers = answer

    assert running.invoke(a_message(key="a.png"), "no JSON {") == ["1"]
    assert [line["level"] for line in running.logged if line["message"] == "retry not shortened"] == ["ERROR"]


def test_large_files_that_would_not_be_read_in_time_are_deferred(running):
    two_gigabytes = 2 * 1024**3  # 86 seconds, and 5 more
    running.seconds_left = [91.0, 90.0, 50.0]
    for key in ("a.png", "b.png", "d.png"):
        running.knows(key, size=1000 if key == "d.png" else two_gigabytes)
        running.holds(PNG, key)
        running.writes()
        if key == "b.png":
            running.knows("c.png", size=two_gigabytes)

    back = running.invoke(*(a_message(key=f"{name}.png") for name in "abcd"))

    assert back == ["2"]
    assert [len(asked["Entries"]) for asked in running.shortened] == [1]
    assert [line["message"] for line in running.logged] == ["processed", "processed", "deferred", "processed"]


def test_the_first_file_is_read_however_little_time_is_left(running):
    running.seconds_left = []
    running.knows("a.png", size=5 * 1024**3)
    running.holds(PNG, "a.png")
    running.writes()

    assert running.invoke(a_message(key="a.png")) == []


def test_a_skipped_file_does_not_count_as_the_first(running):
    running.seconds_left = []
    running.knows("a.png", status="removed")
    running.knows("b.png", size=5 * 1024**3)
    running.holds(PNG, "b.png")
    running.writes()

    assert running.invoke(a_message(key="a.png"), a_message(key="b.png")) == []
