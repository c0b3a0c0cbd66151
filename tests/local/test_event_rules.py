"""EventBridge's events of S3 as AWS documents them, and which of a function's policies let a rule in."""

from __future__ import annotations

import json

import pytest

from domain.s3_events import file_event
from local.emulator.patches.event_rules import documented, is_refused

RULE = "arn:aws:events:us-east-1:000000000000:rule/scans"
AS_MINISTACK_SAYS = {
    "version": "0",
    "bucket": {"name": "scans"},
    "object": {"key": "a b.txt", "size": 0, "etag": "e", "sequencer": "00617F08299329D189"},
    "requester": "000000000000",
    "reason": "PutObject",
}
FIRED = {"version_id": "v1", "sequencer": "00617F08299329D189"}


def detail(**changes):
    return {**json.loads(json.dumps(AS_MINISTACK_SAYS)), **changes}


def statement(source=RULE, service="events.amazonaws.com"):
    return {"Principal": {"Service": service}, "Condition": {"ArnLike": {"AWS:SourceArn": source}}}


def test_an_upload_says_which_version_it_is_in_eventbridges_spelling():
    item = documented(detail(), FIRED)["object"]

    assert (item["version-id"], item["sequencer"], item["size"]) == ("v1", "617f08299329d189", 0)


def test_an_event_without_a_sequencer_has_none():
    assert "sequencer" not in documented(detail(), {"sequencer": None})["object"]


def test_a_delete_marker_has_its_version_and_no_size():
    item = documented(detail(**{"deletion-type": "Delete Marker Created", "reason": "DeleteObject"}), FIRED)["object"]

    assert item == {"key": "a b.txt", "etag": "e", "version-id": "v1", "sequencer": "617f08299329d189"}


@pytest.mark.parametrize(
    ("changes", "kind", "name"),
    [
        ({}, "Object Created", "ObjectCreated:Put"),
        (
            {"deletion-type": "Delete Marker Created", "reason": "DeleteObject"},
            "Object Deleted",
            "ObjectRemoved:DeleteMarkerCreated",
        ),
        ({"deletion-type": "Permanently Deleted", "reason": "DeleteObject"}, "Object Deleted", "ObjectRemoved:Delete"),
    ],
)
def test_what_the_emulator_sends_is_read_like_aws(changes, kind, name):
    event = {
        "source": "aws.s3",
        "detail-type": kind,
        "region": "us-east-1",
        "time": "2026-11-23T08:41:07Z",
        "detail": documented(detail(**changes), FIRED),
    }

    read = file_event(event)

    assert (read.name, read.version_id, read.by) == (name, "v1", "")


@pytest.mark.parametrize(
    ("statements", "refused"),
    [
        ([], True),
        ([statement()], False),
        ([statement("arn:aws:events:us-east-1:000000000000:rule/other")], True),
        ([statement(service="s3.amazonaws.com")], True),
        ([statement("arn:aws:events:us-east-1:000000000000:rule/*")], False),
    ],
)
def test_a_rule_needs_a_permission_of_its_own(statements, refused):
    assert is_refused({"Statement": statements}, RULE) is refused
