"""What counts as a difference between bucket and catalogue, and how notify is invoked for it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from rich.console import Console

from domain.events import file_id_of
from handlers.data.items import Item
from ops.errors import OpsError
from ops.reconcile import command
from ops.reconcile.bucket import BucketListing
from ops.reconcile.command import _listings
from ops.reconcile.comparison import Comparison, Difference
from ops.screen import Screen
from tests.ops.parts import ADVANCED, BUCKET, REGION, a_stack, deployed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Catalogue:
    """A listing of one file."""

    def newest(self, _limit, _cursor):
        at = (NOW - timedelta(days=1)).isoformat()
        file_id = file_id_of(BUCKET, "a.pdf")
        item = Item(id=file_id, bucket=BUCKET, key="a.pdf", region=REGION, status="processed", order="0A", time=at)
        return type("Page", (), {"items": [item], "cursor": None})

    def items(self, _ids):
        return []


@pytest.mark.parametrize(("minutes", "ghosts"), [(5, []), (60, ["a.pdf"])])
def test_a_file_deleted_just_now_is_no_ghost_yet(minutes, ghosts):
    s3 = boto3.client("s3", region_name=REGION)
    owner = {"DisplayName": "", "ID": ""}
    marker = {
        "Key": "a.pdf",
        "VersionId": "m",
        "IsLatest": True,
        "LastModified": NOW - timedelta(minutes=minutes),
        "Owner": owner,
    }
    with Stubber(s3) as stub:
        stub.add_response("list_object_versions", {"DeleteMarkers": [marker]})
        until = NOW - timedelta(minutes=15)
        stored = BucketListing(s3=s3, bucket=BUCKET, prefix="")
        compared = Comparison(stored=stored, listing=Catalogue(), rules=[], until=until)

        assert [difference.key for difference in compared.differences(lambda: None)] == ghosts


def test_a_file_of_another_bucket_is_no_ghost_of_this_one():
    s3 = boto3.client("s3", region_name=REGION)
    with Stubber(s3) as stub:
        stub.add_response("list_object_versions", {})
        compared = Comparison(
            stored=BucketListing(s3=s3, bucket="scans", prefix=""), listing=Catalogue(), rules=[], until=NOW
        )

        assert list(compared.differences(lambda: None)) == []


def test_a_file_that_is_replaced_just_now_is_no_ghost():
    """Its item is a day old, its object five minutes: the event may still be in flight."""
    s3 = boto3.client("s3", region_name=REGION)
    version = {
        "Key": "a.pdf",
        "VersionId": "2",
        "IsLatest": True,
        "Size": 1,
        "ETag": '"e"',
        "LastModified": NOW - timedelta(minutes=5),
    }
    with Stubber(s3) as stub:
        stub.add_response("list_object_versions", {"Versions": [version]})
        stored = BucketListing(s3=s3, bucket=BUCKET, prefix="")
        compared = Comparison(stored=stored, listing=Catalogue(), rules=[], until=NOW - timedelta(minutes=15))

        assert [difference.kind for difference in compared.differences(lambda: None)] == []


@pytest.mark.parametrize("refusal", [ClientError({"Error": {"Code": "ServiceException"}}, "Invoke"), None])
def test_a_file_that_notify_failed_on_is_left_to_lambda(monkeypatch, refusal):
    queued = []

    def invoke_notify(_stack, _event):
        if refusal:
            raise refusal
        return "it failed"

    monkeypatch.setattr(command, "invoke_notify", invoke_notify)
    monkeypatch.setattr(command, "queue_for_notify", lambda _stack, event: queued.append(event))
    ghost = Difference(kind="ghost", bucket=BUCKET, key="a.pdf", time=NOW)

    reason, is_queued = command._notify_one(a_stack(), ghost, NOW)

    assert reason
    assert is_queued
    assert len(queued) == 1


def test_a_file_that_lambda_refuses_too_fails_alone(monkeypatch):
    """The others are notified, and it is not reported as retried."""
    refusal = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "slower"}}, "Invoke")

    def queue_for_notify(_stack, made):
        if "lost.pdf" in str(made):
            raise refusal

    monkeypatch.setattr(command, "invoke_notify", lambda _stack, made: "" if "done.pdf" in str(made) else "it failed")
    monkeypatch.setattr(command, "queue_for_notify", queue_for_notify)
    differences = [
        Difference(kind="ghost", bucket=BUCKET, key=key, time=NOW) for key in ("lost.pdf", "left.pdf", "done.pdf")
    ]
    output = io.StringIO()
    screen = Screen(as_json=False, out=Console(file=output, soft_wrap=True))

    notified, failed = command._notify(deployed(a_stack()), screen, differences, NOW)

    assert notified == 1
    assert sorted(failed) == ["it failed", f"it failed; and Lambda did not accept it for a retry: {refusal}"]
    assert "Lambda retries 1 file three times" in output.getvalue()
    assert "Lambda did not accept 1 file: run this command again" in output.getvalue()


WATCHING = {
    **ADVANCED,
    "existingBuckets": [
        {"name": "scans", "prefixes": ["archive/", "incoming/"], "ruleName": "r"},
        {"name": "invoices", "prefixes": [], "ruleName": "i"},
    ],
}


@pytest.mark.parametrize(
    ("bucket", "prefix", "compared"),
    [
        (None, "", [(BUCKET, ""), ("scans", "archive/"), ("scans", "incoming/"), ("invoices", "")]),
        ("scans", "", [("scans", "archive/"), ("scans", "incoming/")]),
        (
            None,
            "incoming/2026/",
            [(BUCKET, "incoming/2026/"), ("scans", "incoming/2026/"), ("invoices", "incoming/2026/")],
        ),
        ("scans", "inc", [("scans", "incoming/")]),
        ("scans", "other/", []),
    ],
)
def test_each_bucket_is_compared_and_of_existing_ones_what_is_watched(bucket, prefix, compared):
    found = _listings(a_stack(WATCHING), bucket, prefix)

    assert [(listing.bucket, listing.prefix) for listing in found] == compared


def test_a_bucket_that_the_stack_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(OpsError, match=f"has no bucket scan; it has invoices, scans, {BUCKET}"):
        _listings(a_stack(WATCHING), "scan", "")
