"""The process function: what becomes of each message, with an S3 and a DynamoDB that answer as the test says."""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from urllib3.exceptions import ReadTimeoutError as StalledError

import handlers
from handlers.notices import Routing, upload_notice
from handlers.process import (
    MAX_INSPECTED_BYTES,
    Decision,
    MalformedMessageError,
    NoTimeLeftError,
    Processor,
    RowBehindError,
)
from handlers.rows import Result, Row
from tests.handlers.conftest import Console, a_file, a_rule
from tests.handlers.inspectors.files import A_PDF, a_png

FILE = a_file()
BUCKET, KEY, VERSION = FILE.bucket, FILE.key, FILE.version_id
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/file-notifications-work"
OLDER, NEWER = a_file(sequencer="0055AED6DCD90281E4"), a_file(sequencer="0055AED6DCD90281E501")
REPROCESS = {"schema": "file-notifications/reprocess/1", "id": FILE.file_id, "requestedBy": "maria"}
PNG = a_png()


def a_message(**changes: Any) -> dict[str, Any]:
    """What the work queue gets when a file has arrived."""
    return json.loads(json.dumps(upload_notice(a_file(**changes), [a_rule()], Routing(), partition="aws").document))


def a_row(**changes: Any) -> Row:
    shown = {
        "id": FILE.file_id,
        "bucket": BUCKET,
        "key": KEY,
        "region": FILE.region,
        "size": FILE.size,
        "version_id": VERSION,
        "order": FILE.order,
        "status": "received",
    }
    return Row(**{**shown, **changes})


@dataclass
class Rows:
    """A catalogue of these rows. What arrives while a file is read is told by `meanwhile`."""

    rows: dict[str, Row]
    results: list[tuple[str, str, Result]] = field(default_factory=list)
    meanwhile: Row | None = None

    def read(self, file_id: str) -> Row | None:
        return self.rows.get(file_id)

    def result(self, file_id: str, order: str, result: Result) -> bool:
        if self.meanwhile:
            self.rows[self.meanwhile.id] = self.meanwhile
        if self.rows[file_id].order != order or self.rows[file_id].status == "removed":
            return False
        self.results.append((file_id, order, result))
        return True


class Body(io.BytesIO):
    """An object's bytes on the wire, which may stall, and which counts what was taken."""

    stalls_after: int | None = None
    taken = 0

    def read(self, amount: int | None = -1) -> bytes:
        if self.stalls_after is not None and self.taken >= self.stalls_after:
            raise StalledError(None, "https://bucket", "Read timed out.")  # type: ignore[arg-type]
        data = super().read(amount)
        self.taken += len(data)
        return data


@dataclass
class Bench:
    """A processor, and the S3 and the catalogue that it works with."""

    s3: Stubber
    catalogue: Rows
    has_time: Callable[[int], bool] = lambda _: True
    wire: Body = field(default_factory=Body)

    def holds(self, content: bytes, *, announced: int | None = None, **expected: str) -> None:
        """S3 has this object, and says it has `announced` bytes."""
        self.wire = Body(content)
        length = len(content) if announced is None else announced
        self.s3.add_response(
            "get_object",
            {"Body": StreamingBody(self.wire, length), "ContentLength": length, "ContentType": "text/lies"},
            {"Bucket": BUCKET, "Key": KEY, "VersionId": VERSION, **expected},
        )

    def answers(self, code: str, status: int) -> None:
        self.s3.add_client_error("get_object", code, http_status_code=status)

    def process(self, document: object) -> Decision:
        catalogue: Any = self.catalogue
        return Processor(catalogue=catalogue, s3=self.s3.client, has_time=self.has_time).process(document)

    @property
    def result(self) -> Result:
        [(file_id, _, result)] = self.catalogue.results
        assert file_id == FILE.file_id
        return result


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Stubber(boto3.client("s3")) as s3:
        yield Bench(s3, Rows({FILE.file_id: a_row()}))
        s3.assert_no_pending_responses()


def test_a_file_is_read_and_described(bench):
    bench.holds(PNG)

    decision = bench.process(a_message())

    assert decision == Decision(name="processed", bytes_read=len(PNG))
    assert bench.result == Result(
        sha256=hashlib.sha256(PNG).hexdigest(),
        content_type="image/png",
        facts=(("Extension", "says .pdf, content is a PNG image"), ("Dimensions", bench.result.facts[1][1])),
    )
    assert bench.catalogue.results[0][1] == FILE.order
    assert bench.wire.closed


def test_a_file_without_a_version_is_read_as_it_is(bench):
    bench.catalogue.rows[FILE.file_id] = a_row(version_id="")
    bench.s3.add_response(
        "get_object",
        {"Body": StreamingBody(Body(A_PDF), len(A_PDF)), "ContentLength": len(A_PDF)},
        {"Bucket": BUCKET, "Key": KEY},
    )

    assert bench.process(a_message(version_id="")).name == "processed"


def test_an_empty_file_is_processed(bench):
    bench.holds(b"")

    assert bench.process(a_message()) == Decision(name="processed")
    assert bench.result.sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("code", "status", "failure"),
    [
        ("NoSuchKey", 404, "gone"),
        ("NoSuchVersion", 404, "gone"),
        ("NoSuchBucket", 404, "gone"),
        ("MethodNotAllowed", 405, "gone"),
        ("AccessDenied", 403, "forbidden"),
        ("KMS.DisabledException", 400, "forbidden"),
        ("KMS.NotFoundException", 400, "forbidden"),
        ("KMS.KMSInvalidStateException", 400, "forbidden"),
        ("InvalidObjectState", 403, "archived"),
    ],
)
def test_an_object_that_will_never_be_read_has_failed_and_its_message_is_done(bench, code, status, failure):
    bench.answers(code, status)

    assert bench.process(a_message()) == Decision(name="failed", reason=failure)
    assert bench.result.failure is not None
    assert bench.result.failure[0] == failure
    assert bench.result.failure[1].endswith(".")
    assert bench.result.sha256 == ""


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InternalError", 500),
        ("ServiceUnavailable", 503),
        ("SlowDown", 503),
        ("RequestTimeout", 400),
        ("ExpiredToken", 400),
        ("RequestTimeTooSkewed", 403),
        ("SignatureDoesNotMatch", 403),
        ("KMS.ThrottlingException", 400),
    ],
)
def test_what_may_pass_raises_and_writes_nothing(bench, code, status):
    bench.answers(code, status)

    with pytest.raises(ClientError, match=code):
        bench.process(a_message())
    assert bench.catalogue.results == []


def test_a_stream_that_stalls_raises_and_writes_nothing(bench):
    bench.holds(a_png(pixels=3_000_000))
    bench.wire.stalls_after = 1_048_576

    with pytest.raises(ReadTimeoutError):
        bench.process(a_message())
    assert bench.catalogue.results == []
    assert bench.wire.closed


def test_a_stream_that_ends_early_raises_and_writes_nothing(bench):
    bench.holds(PNG, announced=len(PNG) + 10)

    with pytest.raises(IncompleteReadError):
        bench.process(a_message())
    assert bench.catalogue.results == []


def test_a_file_that_is_too_large_is_not_asked_for(bench):
    bench.catalogue.rows[FILE.file_id] = a_row(size=MAX_INSPECTED_BYTES + 1)

    assert bench.process(a_message()) == Decision(name="failed", reason="too-large")
    assert bench.result.failure == ("too-large", "The file has 5.0 GB; up to 5.0 GB are looked into.")


def test_a_file_that_turns_out_too_large_is_not_read(bench):
    bench.holds(PNG, announced=6 * 1024**3)

    assert bench.process(a_message()) == Decision(name="failed", reason="too-large")
    assert bench.result.failure == ("too-large", "The file has 6.0 GB; up to 5.0 GB are looked into.")
    assert bench.wire.taken == 0
    assert bench.wire.closed


def test_the_largest_file_is_read(bench):
    bench.catalogue.rows[FILE.file_id] = a_row(size=MAX_INSPECTED_BYTES)
    bench.holds(PNG)

    assert bench.process(a_message()).name == "processed"


def test_a_broken_file_has_failed_with_its_checksum_and_type(bench):
    bench.holds(PNG[:-20])

    assert bench.process(a_message()) == Decision(name="failed", reason="broken", bytes_read=len(PNG) - 20)
    assert bench.result.failure == ("broken", "The image is cut off: its end is missing.")
    assert bench.result.sha256 == hashlib.sha256(PNG[:-20]).hexdigest()
    assert bench.result.content_type == "image/png"


@pytest.mark.parametrize(
    "row", [None, a_row(status="removed"), a_row(order=NEWER.order), a_row(status="processed"), a_row(status="failed")]
)
def test_what_needs_no_work_any_more_is_skipped_before_it_is_read(bench, row):
    bench.catalogue.rows = {FILE.file_id: row} if row else {}

    decision = bench.process(a_message())

    assert decision.name == "skipped"
    assert decision.reason
    assert bench.catalogue.results == []


def test_what_is_superseded_while_it_is_read_is_not_written(bench):
    bench.holds(PNG)
    bench.catalogue.meanwhile = a_row(order=NEWER.order, version_id="another")

    assert bench.process(a_message()) == Decision(name="skipped", reason="superseded", bytes_read=len(PNG))
    assert bench.catalogue.results == []


def test_what_is_removed_while_it_is_read_is_not_written(bench):
    bench.holds(PNG)
    bench.catalogue.meanwhile = a_row(status="removed")

    assert bench.process(a_message()).reason == "superseded"


def test_a_row_older_than_its_event_is_no_reason_to_forget_the_file(bench):
    bench.catalogue.rows[FILE.file_id] = a_row(order=OLDER.order)

    with pytest.raises(RowBehindError):
        bench.process(a_message())


def test_sequencers_of_other_length_and_case_are_the_same(bench):
    bench.holds(PNG)

    assert bench.process(a_message(sequencer=FILE.sequencer.lower() + "00")).name == "processed"


def test_events_other_than_uploads_are_skipped(bench):
    assert bench.process(a_message(action="removed", name="ObjectRemoved:Delete")).name == "skipped"
    assert bench.process(a_message(action="restored", name="ObjectRestore:Completed")).name == "skipped"


@pytest.mark.parametrize("status", ["received", "processed", "failed"])
def test_a_file_is_processed_again_when_somebody_asks_for_it(bench, status):
    bench.catalogue.rows[FILE.file_id] = a_row(status=status, order=NEWER.order)
    bench.holds(PNG)

    assert bench.process(REPROCESS).name == "processed"
    assert bench.catalogue.results[0][1] == NEWER.order


def test_a_file_that_is_no_longer_there_cannot_be_processed_again(bench):
    assert bench.process({**REPROCESS, "id": "0" * 32}) == Decision(name="skipped", reason="no such file")
    bench.catalogue.rows[FILE.file_id] = a_row(status="removed")
    assert bench.process(REPROCESS) == Decision(name="skipped", reason="removed")


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {**a_message(), "schema": "file-notifications/upload/2"},
        {**a_message(), "file": None},
        {**a_message(), "event": None},
        {**a_message(), "file": {**a_message()["file"], "sequencer": 7}},
        {**a_message(), "file": {**a_message()["file"], "id": 7}},
    ],
)
def test_a_message_that_nobody_writes_raises(bench, document):
    with pytest.raises(MalformedMessageError):
        bench.process(document)


@pytest.mark.parametrize("asked", [None, "../../etc/passwd", FILE.file_id.upper(), FILE.file_id + "\n", ""])
def test_who_asks_for_what_is_no_file_harms_nobody(bench, asked):
    """The gateway puts into the queue whatever a person writes into the path."""
    assert bench.process({**REPROCESS, "id": asked}) == Decision(name="skipped", reason="no such file")


def test_a_file_for_which_there_is_no_time_is_not_asked_for(bench):
    asked = []
    bench.has_time = lambda size: asked.append(size) or False  # type: ignore[func-returns-value]

    with pytest.raises(NoTimeLeftError):
        bench.process(a_message())
    assert asked == [FILE.size]
    assert bench.catalogue.results == []


# The whole function, with the real catalogue.


@dataclass
class Running:
    """handlers.process as Lambda runs it. Rows and objects are asked for in the order of the messages."""

    module: ModuleType
    s3: Stubber
    dynamodb: Stubber
    read_output: Callable[[], str]
    seconds_left: list[float] = field(default_factory=lambda: [300.0])
    written: list[dict[str, Any]] = field(default_factory=list)
    asked_back: list[dict[str, Any]] = field(default_factory=list)
    """What SQS was asked to show again, and when; it is told `sqs_answers`."""
    sqs_answers: dict[str, Any] = field(default_factory=dict)
    received: int = 1
    """How often the messages have come."""
    printed: str = ""

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
        """Returns the ids of the messages that come back: their places in the batch."""
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

    @property
    def lines(self) -> list[dict[str, Any]]:
        self.printed += self.read_output()
        return [json.loads(line) for line in self.printed.splitlines()]

    @property
    def counted(self) -> dict[str, int]:
        sums: Counter[str] = Counter()
        for line in self.lines:
            for group in line.get("_aws", {}).get("CloudWatchMetrics", ()):
                for metric in group["Metrics"]:
                    sums[metric["Name"]] += int(sum(line[metric["Name"]]))
        return dict(sums)

    @property
    def logged(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if "_aws" not in line]


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Running]:
    """handlers.process, freshly started."""
    monkeypatch.setenv("TABLE_NAME", "catalogue")
    monkeypatch.setenv("QUEUE_URL", QUEUE)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "process")
    monkeypatch.setattr(handlers, "process", None, raising=False)
    monkeypatch.delitem(sys.modules, "handlers.process", raising=False)
    clients = {service: boto3.client(service) for service in ("s3", "dynamodb", "sqs")}
    module = importlib.import_module("handlers.process")
    for console in module.logger.handlers:
        monkeypatch.setattr(console, "stream", Console())
    monkeypatch.setattr(module.boto3, "client", lambda service, **_: clients[service])
    with Stubber(clients["s3"]) as s3, Stubber(clients["dynamodb"]) as dynamodb:
        one = Running(module, s3, dynamodb, lambda: capsys.readouterr().out)
        clients["dynamodb"].meta.events.register(
            "provide-client-params.dynamodb.UpdateItem", lambda params, **_: one.written.append(params)
        )

        def show_again(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
            one.asked_back.append(json.loads(params["body"]))
            return SimpleNamespace(status_code=one.sqs_answers.get("status", 200)), one.sqs_answers

        clients["sqs"].meta.events.register("before-call.sqs.ChangeMessageVisibilityBatch", show_again)
        yield one
        s3.assert_no_pending_responses()
        dynamodb.assert_no_pending_responses()
    module.logger.remove_keys(["request_id"])


def test_only_the_messages_that_failed_come_back(running):
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
    assert sum("_aws" in line for line in running.lines) == 1
    assert running.counted == {"Bytes": len(PNG)}


def test_the_result_is_written_only_if_the_row_still_shows_that_event(running):
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
def test_what_failed_comes_back_soon_and_each_time_later(running, received, seconds):
    running.knows("a.png", status="removed")
    running.received = received

    running.invoke(a_message(key="a.png"), "no JSON {")

    assert running.asked_back == [
        {"QueueUrl": QUEUE, "Entries": [{"Id": "0", "ReceiptHandle": "handle-1", "VisibilityTimeout": seconds}]}
    ]


def test_a_batch_of_nothing_but_failures_comes_back_soon_too(running):
    with pytest.raises(BatchProcessingError):
        running.invoke("no JSON {", "nor this")

    [asked] = running.asked_back
    assert [entry["ReceiptHandle"] for entry in asked["Entries"]] == ["handle-0", "handle-1"]


def test_nothing_is_asked_of_the_queue_when_nothing_failed(running):
    running.knows("a.png", status="removed")

    running.invoke(a_message(key="a.png"))

    assert running.asked_back == []


@pytest.mark.parametrize(
    "answer",
    [
        {"Failed": [{"Id": "0", "SenderFault": True, "Code": "ReceiptHandleIsInvalid"}]},
        {"status": 403, "Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {}},
    ],
    ids=["one message", "the request"],
)
def test_what_cannot_come_back_soon_comes_back_all_the_same_and_is_logged(running, answer):
    running.knows("a.png", status="removed")
    running.sqs_answers = answer

    assert running.invoke(a_message(key="a.png"), "no JSON {") == ["1"]
    assert [line["level"] for line in running.logged if line["message"] == "come back late"] == ["ERROR"]


def test_large_files_that_would_not_be_read_in_time_come_back(running):
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
    assert [len(asked["Entries"]) for asked in running.asked_back] == [1]
    assert [line["message"] for line in running.logged] == ["processed", "processed", "deferred", "processed"]


def test_the_first_file_is_read_however_little_time_is_left(running):
    running.seconds_left = []
    running.knows("a.png", size=5 * 1024**3)
    running.holds(PNG, "a.png")
    running.writes()

    assert running.invoke(a_message(key="a.png")) == []


def test_what_is_skipped_is_not_the_first_file(running):
    running.seconds_left = []
    running.knows("a.png", status="removed")
    running.knows("b.png", size=5 * 1024**3)
    running.holds(PNG, "b.png")
    running.writes()

    assert running.invoke(a_message(key="a.png"), a_message(key="b.png")) == []
