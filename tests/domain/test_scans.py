"""The results of malware scans, as AWS documents them, and what they are decoded to."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from domain.events import OtherEvent, file_id_of
from domain.messages import MalformedMessageError
from domain.s3_events import file_event
from domain.scans import SCAN_CHECK_SCHEMA, ScanResult, is_scanned, scan_check_of, scan_message_in
from tests.examples import golden
from tests.handlers.processing import BUCKET, FILE, REPROCESS, VERSION, a_message

DOCUMENTED = {
    "clean": ("clean", ""),
    "infected": ("infected", "EICAR-Test-File (not a virus)"),
    "unsupported": ("unscannable", "UNSUPPORTED"),
    "access_denied": ("unscannable", "ACCESS_DENIED"),
    "failed": ("unscannable", "FAILED"),
}


def changed(name, **details):
    """A documented event with other details of its object or its result."""
    event = golden(f"scans/{name}")
    for part in ("s3ObjectDetails", "scanResultDetails"):
        event["detail"][part] |= {key: value for key, value in details.items() if key in event["detail"][part]}
    return json.dumps(event)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_documented_result_is_decoded(name):
    verdict, reason = DOCUMENTED[name]

    result = scan_message_in(json.dumps(golden(f"scans/{name}")))

    assert result == ScanResult(
        bucket="amzn-s3-demo-bucket",
        key="APKAEIBAERJR2EXAMPLE",
        version_id="d41d8cd98f00b204e9800998eEXAMPLE",
        verdict=verdict,
        reason=reason,
        time="2024-02-28T01:01:01Z",
    )
    assert result.file_id == file_id_of("amzn-s3-demo-bucket", "APKAEIBAERJR2EXAMPLE")


def test_several_threats_are_named_once_each_and_three_at_most():
    threats = [{"name": name} for name in ("a", "a", "b", "c", "d")]

    assert scan_message_in(changed("infected", threats=threats)).reason == "a, b, c"


def test_the_name_of_a_threat_is_no_longer_than_what_can_be_shown():
    assert len(scan_message_in(changed("infected", threats=[{"name": "x" * 9999}])).reason) == 200


@pytest.mark.parametrize("threats", [None, [], [{}], ["EICAR"], "many"])
def test_a_threat_without_a_name_is_still_one(threats):
    assert scan_message_in(changed("infected", threats=threats)).reason == "a threat without a name"


@pytest.mark.parametrize(
    "wrong",
    [
        {"scanResultStatus": "LOOKS_FINE"},
        {"scanResultStatus": None},
        {"versionId": None},
        {"versionId": ""},
        {"versionId": "null"},
        {"versionId": "v" * 2000},
        {"bucketName": ""},
        {"objectKey": 7},
    ],
    ids=str,
)
def test_a_result_that_aws_does_not_document_is_no_verdict(wrong):
    with pytest.raises(MalformedMessageError):
        scan_message_in(changed("infected", **wrong))


@pytest.mark.parametrize("detail", [None, {}, [], {"s3ObjectDetails": None}])
def test_a_result_without_its_details_is_malformed(detail):
    with pytest.raises(MalformedMessageError, match="scan result"):
        scan_message_in(json.dumps({**golden("scans/clean"), "detail": detail}))


def test_another_event_of_guardduty_is_malformed():
    with pytest.raises(MalformedMessageError, match="GuardDuty Finding"):
        scan_message_in(json.dumps({**golden("scans/clean"), "detail-type": "GuardDuty Finding"}))


@pytest.mark.parametrize("body", ["", "[]", "7", json.dumps(REPROCESS)])
def test_a_message_about_something_else_is_none_of_a_scan(body):
    assert scan_message_in(body) is None


def test_an_upload_is_no_scan():
    assert scan_message_in(json.dumps(a_message())) is None


def test_the_check_of_an_upload_is_read_back():
    check = scan_check_of(json.dumps(a_message()), BUCKET)

    assert check == {"schema": SCAN_CHECK_SCHEMA, "id": FILE.file_id, "versionId": VERSION}
    assert scan_message_in(json.dumps(check)) == check


@pytest.mark.parametrize("wrong", [{"id": "x"}, {"id": None}, {"versionId": ""}, {"versionId": 7}], ids=str)
def test_a_check_of_no_file_is_malformed(wrong):
    check = {"schema": SCAN_CHECK_SCHEMA, "id": FILE.file_id, "versionId": VERSION}

    with pytest.raises(MalformedMessageError, match="scan check"):
        scan_message_in(json.dumps(check | wrong))


@pytest.mark.parametrize(
    ("message", "bucket"),
    [
        (a_message(), "another-bucket"),
        (a_message(), ""),
        (a_message(version_id=""), BUCKET),
        (a_message(action="removed"), BUCKET),
        (REPROCESS, BUCKET),
    ],
    ids=["of another bucket", "without scanning", "without a version", "of a removal", "asked for by a person"],
)
def test_only_uploads_into_the_scanned_bucket_are_checked(message, bucket):
    assert scan_check_of(json.dumps(message), bucket) is None


@pytest.mark.parametrize("name", ["s3_put_versioned", "eventbridge_created", "s3_delete"])
def test_the_scanners_test_object_is_nobodys_file(name):
    event = golden(name)
    record = event.get("Records", [event])[0]
    item = record["s3"]["object"] if "s3" in record else record["detail"]["object"]
    item["key"] = "malware-protection-resource-validation-object"

    assert isinstance(file_event(record), OtherEvent)


@pytest.mark.parametrize(
    ("uploaded", "scanned"),
    [("2026-11-20T11:59:59.999Z", False), ("2026-11-20T12:00:00.000Z", True), ("2026-11-20T12:00:00.001Z", True)],
)
def test_an_upload_is_scanned_from_the_very_moment_on_in_which_scanning_began(uploaded, scanned):
    assert is_scanned(uploaded, datetime(2026, 11, 20, 12, tzinfo=UTC)) is scanned
