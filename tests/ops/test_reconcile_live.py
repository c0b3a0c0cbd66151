"""`reconcile` on a running stack: what the catalogue lacks is found, and notified once."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.e2e.stack import wait_until
from tests.ops.breakages import notification
from tests.ops.live import CHANGES, unique


@pytest.fixture
def without_events(healthy):
    """During the test, S3 sends no events."""
    undo = notification(lambda _: {})(healthy)
    yield healthy
    undo()


def reconcile(live, prefix, *words):
    return live.document("reconcile", "--prefix", prefix, "--until", "now", *words)


def test_exactly_the_fifty_missing_items_are_notified_once(healthy):
    folder = f"items/{unique()}"
    keys = healthy.upload_many(folder, 60)
    healthy.processed(folder, 60)
    items = healthy.items(folder)
    lost = keys[:50]
    healthy.delete_items(*(items[key]["id"]["S"] for key in lost))

    first = reconcile(healthy, folder, "--notify")
    second = reconcile(healthy, folder, "--notify")
    healthy.processed(folder, 60)
    healthy.wait_for_mailed(folder, 110)
    healthy.settle(*keys)

    assert (first["compared"], first["missing"], first["notified"], first["failed"]) == (60, 50, 50, [])
    assert sorted(file["key"] for file in first["files"]) == lost
    assert (second["missing"], second["notified"]) == (0, 0)
    mailed = Counter(healthy.mailed(folder))
    assert mailed == {**dict.fromkeys(keys, 1), **dict.fromkeys(lost, 2)}


def test_a_file_without_an_event_is_found_and_notified(without_events):
    key = f"no-events/{unique()}/é + &.txt"
    version = without_events.upload(key)

    differences = reconcile(without_events, key)
    result = reconcile(without_events, key, "--notify")
    without_events.processed(key, 1)

    assert [(file["kind"], file["key"], file["versionId"]) for file in differences["files"]] == [
        ("missing", key, version)
    ]
    assert result["notified"] == 1
    assert without_events.wait_for_mailed(key, 1) == [key]
    assert reconcile(without_events, key)["files"] == []


def test_a_newer_version_without_an_event_replaces_the_item(healthy):
    key = f"stale/{unique()}.txt"
    healthy.upload(key, b"old")
    healthy.processed(key, 1)
    undo = notification(lambda _: {})(healthy)
    version = healthy.upload(key, b"newer")
    undo()

    result = reconcile(healthy, key, "--notify")
    healthy.processed(key, 1)

    assert (result["stale"], result["notified"]) == (1, 1)
    assert healthy.items(key)[key]["version"]["S"] == version
    assert len(healthy.wait_for_mailed(key, 2)) == 2
    assert [mail.subject for mail in healthy.mails(key) if "late" in mail.subject] == []


def test_a_later_upload_replaces_an_item_made_from_a_listing(without_events):
    key = f"later/{unique()}.txt"
    without_events.upload(key)
    reconcile(without_events, key, "--notify")
    without_events.invoke({"Records": [_event(without_events, key, "00000660F2B2EA221F")]})

    assert without_events.items(key)[key]["version"]["S"] == "later"
    assert without_events.items(key)[key]["order"]["S"] == "00000660F2B2EA221F"


@pytest.mark.parametrize("permanently", [True, False], ids=["permanently", "behind a delete marker"])
def test_a_file_removed_without_an_event_is_a_ghost_and_notified_as_removed(healthy, permanently):
    key = f"ghost/{unique()}.txt"
    version = healthy.upload(key)
    healthy.processed(key, 1)
    undo = notification(lambda _: {})(healthy)
    healthy.aws.s3.delete_object(Bucket=healthy.bucket, Key=key, **({"VersionId": version} if permanently else {}))
    undo()

    result = reconcile(healthy, key, "--notify")

    assert (result["ghost"], result["notified"]) == (1, 1)
    assert healthy.items(key)[key]["status"]["S"] == "removed"
    (mail,) = healthy.wait_for_mails(key, to=CHANGES)
    assert ("was permanently deleted" in mail.subject) is permanently
    assert reconcile(healthy, key)["files"] == []


def test_an_older_version_that_is_visible_again_replaces_the_item(healthy):
    key = f"again/{unique()}.txt"
    first = healthy.upload(key, b"first")
    healthy.processed(key, 1)
    second = healthy.upload(key, b"second")
    wait_until(lambda: healthy.items(key)[key]["version"]["S"] == second, "the second version is not there")
    healthy.aws.s3.delete_object(Bucket=healthy.bucket, Key=key, VersionId=second)
    wait_until(lambda: healthy.items(key)[key]["status"]["S"] == "removed", "the deletion is not there")

    result = reconcile(healthy, key, "--notify")

    assert result["stale"] == 1
    assert healthy.items(key)[key]["version"]["S"] == first
    assert reconcile(healthy, key)["files"] == []
    healthy.wait_for_decisions(key, 4)


def test_a_file_whose_delete_marker_was_removed_is_shown_again(healthy):
    key = f"back/{unique()}.txt"
    healthy.upload(key)
    healthy.processed(key, 1)
    marker = healthy.aws.s3.delete_object(Bucket=healthy.bucket, Key=key)["VersionId"]
    wait_until(lambda: healthy.items(key)[key]["status"]["S"] == "removed", "the removal is not there")
    healthy.aws.s3.delete_object(Bucket=healthy.bucket, Key=key, VersionId=marker)

    assert reconcile(healthy, key, "--notify")["stale"] == 1
    healthy.processed(key, 1)
    healthy.wait_for_decisions(key, 4)


def test_files_of_another_time_are_not_compared(without_events):
    key = f"times/{unique()}.txt"
    without_events.upload(key)

    assert reconcile(without_events, key)["missing"] == 1
    assert without_events.document("reconcile", "--prefix", key)["missing"] == 0
    assert without_events.document("reconcile", "--prefix", key, "--until", "2026-01-01")["missing"] == 0
    reconcile(without_events, key, "--notify")


def test_folder_markers_without_a_rule_are_no_files(without_events):
    without_events.upload(f"marker/{unique()}/", b"")

    assert reconcile(without_events, "marker/")["compared"] == 0


def test_differences_need_attention_and_are_shown(without_events):
    key = f"shown/{unique()}.txt"
    without_events.upload(key)

    answer = without_events.ops("reconcile", "--prefix", key, "--until", "now")

    assert answer.exit_code == 1
    assert re.search(rf"missing {key}  5 bytes  \d{{4}}-", answer.stdout)
    assert "1 file compared: 1 missing (in the bucket, not in the catalogue)" in answer.stdout
    reconcile(without_events, key, "--notify")


def _event(live, key, sequencer):
    return {
        "eventVersion": "2.1",
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-23T08:41:07.123Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": {"name": live.bucket},
            "object": {"key": key, "size": 5, "versionId": "later", "sequencer": sequencer},
        },
    }
