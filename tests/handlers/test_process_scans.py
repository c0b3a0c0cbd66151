"""The process function as Lambda runs it, where uploads are scanned for malware."""

# ruff: noqa: F811 - the fixture is that of the batches

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from domain.scans import CHECKED_AFTER_SECONDS, SCAN_CHECK_SCHEMA
from handlers.data.items import scan_attribute
from tests.examples import a_file, golden
from tests.handlers.processing import BUCKET, PNG, QUEUE, VERSION, a_message
from tests.handlers.test_process_batches import running  # noqa: F401

CHECK = {"schema": SCAN_CHECK_SCHEMA, "id": a_file(key="a.png").file_id, "versionId": VERSION}


@pytest.fixture
def scanning(running, monkeypatch):
    """process with a scanned bucket; `sent` is what it puts into its own queue."""
    monkeypatch.setenv("SCANNED_BUCKET", BUCKET)
    running.sent = []

    def send(params, **_):
        running.sent.append(json.loads(params["body"]))
        return SimpleNamespace(status_code=200), {"MessageId": "m", "MD5OfMessageBody": "m"}

    running.module.boto3.client("sqs").meta.events.register("before-call.sqs.SendMessage", send)
    return running


def result(name, key="a.png"):
    event = golden(f"scans/{name}")
    event["detail"]["s3ObjectDetails"] |= {"bucketName": BUCKET, "objectKey": key, "versionId": VERSION}
    return event


def item(key="a.png", *, scan=None, status="processed"):
    """What DynamoDB has of a file."""
    event = a_file(key=key)
    texts = {"id": event.file_id, "bucket": BUCKET, "key": key, "region": "eu-west-1", "order": event.order}
    stored = {name: {"S": value} for name, value in {**texts, "status": status, "version": VERSION}.items()}
    return stored | ({scan_attribute(VERSION): {"L": [{"S": text} for text in scan]}} if scan else {})


def inspected(scanning, stored):
    """One upload is inspected, and has this item afterwards."""
    scanning.knows("a.png")
    scanning.holds(PNG, "a.png")
    scanning.writes()
    scanning.dynamodb.add_response("get_item", {"Item": stored})
    return scanning.invoke(a_message(key="a.png"))


def test_a_result_is_written_into_the_item_and_logged_with_threat_and_file(scanning):
    scan = ["infected", "EICAR-Test-File (not a virus)", "2024-02-28T01:01:01Z"]
    scanning.dynamodb.add_response("update_item", {"Attributes": item(scan=scan)})

    assert scanning.invoke(result("infected")) == []

    (written,) = scanning.written
    assert {"L": [{"S": text} for text in scan]} in written["ExpressionAttributeValues"].values()
    (line,) = scanning.logged
    assert (line["message"], line["reason"], line["file_id"]) == ("infected", scan[1], CHECK["id"])


def test_a_result_that_is_none_stays_in_the_queue(scanning):
    unknown = result("clean")
    unknown["detail"]["scanResultDetails"]["scanResultStatus"] = "LOOKS_FINE"
    scanning.dynamodb.add_response("update_item", {"Attributes": item(scan=["clean", "", "2024-02-28T01:01:01Z"])})

    assert scanning.invoke(unknown, result("clean")) == ["0"]


def test_an_upload_without_a_result_is_looked_for_a_quarter_of_an_hour_later(scanning):
    inspected(scanning, item())

    (sent,) = scanning.sent
    assert (sent["QueueUrl"], sent["DelaySeconds"]) == (QUEUE, CHECKED_AFTER_SECONDS)
    assert json.loads(sent["MessageBody"]) == CHECK


def test_an_upload_that_has_its_result_is_not_looked_for(scanning):
    inspected(scanning, item(scan=["clean", "", "2024-02-28T01:01:01Z"]))

    assert scanning.sent == []


def test_where_nothing_is_scanned_nothing_is_looked_for(running):
    running.knows("a.png")
    running.holds(PNG, "a.png")
    running.writes()

    assert running.invoke(a_message(key="a.png")) == []


def test_a_file_without_a_result_is_counted(scanning):
    scanning.dynamodb.add_response("get_item", {"Item": item()})

    scanning.invoke(CHECK)

    assert scanning.counted["Unscanned"] == 1


@pytest.mark.parametrize(("name", "count"), [("failed", 1), ("access_denied", 1), ("unsupported", 0), ("clean", 0)])
def test_a_scan_that_fails_is_counted_and_what_nobody_can_scan_is_not(scanning, name, count):
    scanning.dynamodb.add_response("update_item", {"Attributes": item(scan=["unscannable", "x", "2024"])})

    scanning.invoke(result(name))

    assert scanning.counted.get("Unscanned", 0) == count
