"""Every event in tests/events, as AWS documents it, and what it is decoded to."""

from __future__ import annotations

import pytest

from domain.events import OtherEvent
from tests.domain.s3_events import FROM_EVENTBRIDGE, PUT, decoded, put
from tests.examples import EVENTS, golden

RED_FLOWER = put(key="red flower+1.jpg", size=1024, version_id="", sequencer="0055AED6DCD90281E6")

EXPIRED = {
    **FROM_EVENTBRIDGE,
    "by": "s3.amazonaws.com",
    "etag": PUT["etag"],
    "action": "removed",
    "key": "logs/2024.txt",
    "size": None,
    "sequencer": "00617f0837b476e463",
}
EXPECTED = {
    "s3_put": [put(version_id="")],
    "s3_put_versioned": [put()],
    "s3_put_plus_and_space": [RED_FLOWER],
    "s3_put_unicode": [put(key="résumé/日本語 🚀.pdf", sequencer="0055AED6DCD90281E7")],
    "s3_put_china": [
        put(
            key="invoices/0423.pdf",
            region="cn-north-1",
            version_id="",
            sequencer="0055AED6DCD9028204",
            by="AIDAJDPLRKLG7UEXAMPLE",
        )
    ],
    "s3_put_newest_version_of_the_structure": [put(sequencer="0055AED6DCD90281F0")],
    "s3_multipart_complete": [
        put(
            name="ObjectCreated:CompleteMultipartUpload",
            key="videos/talk.mp4",
            size=7_516_192_768,
            etag="3858f62230ac3c915f300c664312c11f-9",
            sequencer="0055AED6DCD90281E8",
        )
    ],
    "s3_copy": [put(name="ObjectCreated:Copy", key="archive/2026/summary.pdf", sequencer="0055AED6DCD90281E9")],
    "s3_post": [
        put(
            name="ObjectCreated:Post",
            key="incoming/form upload.csv",
            size=512,
            sequencer="0055AED6DCD90281EA",
            by="Anonymous",
        )
    ],
    "s3_folder_marker": [put(key="photos/", size=0, sequencer="0055AED6DCD90281EB")],
    "s3_delete": [
        put(action="removed", name="ObjectRemoved:Delete", size=None, etag="", sequencer="0055AED6DCD90281EC")
    ],
    "s3_delete_marker": [
        put(
            action="removed",
            name="ObjectRemoved:DeleteMarkerCreated",
            size=None,
            version_id="bDELv8wzPpdpKyPtEXAMPLEmarker",
            sequencer="0055AED6DCD90281ED",
        )
    ],
    "s3_lifecycle_expiration": [
        put(
            action="removed",
            name="LifecycleExpiration:DeleteMarkerCreated",
            key="logs/2025/old.log",
            size=None,
            etag="",
            version_id="LCYzPpdpKyPtEXAMPLEmarker0000000",
            sequencer="0055AED6DCD90281EE",
            by="s3.amazonaws.com",
        )
    ],
    "s3_restore_completed": [
        put(
            action="restored",
            name="ObjectRestore:Completed",
            key="archive/2019/ledger.zip",
            size=52_428_800,
            sequencer="",
            by="A3NL1KOZZKExample",
            available_until="2026-11-30T00:00:00.000Z",
        )
    ],
    "s3_restore_requested": [OtherEvent("ObjectRestore:Post")],
    "s3_tagging": [OtherEvent("ObjectTagging:Put")],
    "s3_unknown_event": [OtherEvent("ObjectAnnotation:Put")],
    "s3_test_event": [OtherEvent("s3:TestEvent")],
    "s3_three_records": [
        put(key="a.txt", size=1, version_id="", sequencer="0055AED6DCD9028201"),
        put(
            bucket="another-bucket",
            region="us-east-1",
            key="b b.txt",
            size=2,
            version_id="",
            sequencer="0055AED6DCD9028202",
        ),
        put(
            action="removed",
            name="ObjectRemoved:Delete",
            bucket="a-third-bucket",
            key="c+c.txt",
            size=None,
            etag="",
            version_id="",
            sequencer="0055AED6DCD9028203",
        ),
    ],
    "eventbridge_created": [
        put(
            **FROM_EVENTBRIDGE,
            key="a+b.txt",
            size=5,
            version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            sequencer="00617f08299329d189",
        )
    ],
    "eventbridge_deleted": [
        put(
            **{**FROM_EVENTBRIDGE, "etag": PUT["etag"]},
            action="removed",
            name="ObjectRemoved:DeleteMarkerCreated",
            key="100%25 done.txt",
            size=None,
            version_id="1QW9g1Z99LUNbvaaYVpW9xDlOLU.qxgF",
            sequencer="00617f0837b476e463",
        )
    ],
    "eventbridge_expired_unversioned": [
        put(**EXPIRED, name="LifecycleExpiration:Delete", version_id=""),
    ],
    "eventbridge_expired_current_version": [
        put(
            **EXPIRED,
            name="LifecycleExpiration:DeleteMarkerCreated",
            version_id="1QW9g1Z99LUNbvaaYVpW9xDlOLU.qxgF",
        ),
    ],
    "eventbridge_expired_old_version": [OtherEvent("LifecycleExpiration:Delete")],
    "eventbridge_restored": [
        put(
            **{**FROM_EVENTBRIDGE, "by": "s3.amazonaws.com"},
            action="restored",
            name="ObjectRestore:Completed",
            key="archive/2019/ledger.zip",
            size=52_428_800,
            version_id="KKsjUC1.6gIjqtvhfg5AdMI0eCePIiT3",
            sequencer="",
            available_until="2026-11-30T00:00:00Z",
        )
    ],
    "eventbridge_tags_added": [OtherEvent("Object Tags Added")],
    "sns_s3_put": [RED_FLOWER],
    "sns_s3_test_event": [OtherEvent("s3:TestEvent")],
    "sqs_s3_put": [RED_FLOWER],
    "sqs_s3_test_event": [OtherEvent("s3:TestEvent")],
    "sqs_sns_s3_put": [RED_FLOWER],
    "sqs_sns_raw_s3_put": [RED_FLOWER],
    "sqs_eventbridge_created": [
        put(
            **FROM_EVENTBRIDGE,
            key="a+b.txt",
            size=5,
            version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            sequencer="00617f08299329d189",
        )
    ],
}


@pytest.mark.parametrize("name", sorted(path.stem for path in EVENTS.glob("*.json")))
def test_every_event_that_aws_documents_is_decoded_as_it_is_meant(name):
    assert decoded(golden(name)) == EXPECTED[name]


def test_every_expectation_has_its_event():
    assert {path.stem for path in EVENTS.glob("*.json")} == set(EXPECTED)
