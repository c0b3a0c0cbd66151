"""`reconcile` on a running stack: what the catalogue lost is found, and told once."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.e2e.stack import wait_until
from tests.ops.breakages import notification
from tests.ops.live import CHANGES, unique


@pytest.fixture
def deaf(healthy):
    """While in use, S3 hands nothing over."""
    undo = notification(lambda _: {})(healthy)
    yield healthy
    undo()


def reconcile(live, prefix, *words):
    return live.told("reconcile", "--prefix", prefix, "--until", "now", *words)


def test_fifty_rows_that_are_gone_are_told_again_exactly_these_and_once(healthy):
    folder = f"rows/{unique()}"
    keys = healthy.upload_many(folder, 60)
    healthy.processed(folder, 60)
    rows = healthy.rows(folder)
    lost = keys[:50]
    healthy.delete_rows(*(rows[key]["id"]["S"] for key in lost))

    first = reconcile(healthy, folder, "--notify")
    second = reconcile(healthy, folder, "--notify")
    healthy.processed(folder, 60)

    assert (first["compared"], first["missing"], first["told"], first["failed"]) == (60, 50, 50, [])
    assert sorted(one["key"] for one in first["files"]) == lost
    assert (second["missing"], second["told"]) == (0, 0)
    mailed = Counter(healthy.mailed(folder))
    assert mailed == {**dict.fromkeys(keys, 1), **dict.fromkeys(lost, 2)}


def test_a_file_that_no_event_came_for_is_found_and_told(deaf):
    key = f"deaf/{unique()}/é + &.txt"
    version = deaf.upload(key)

    found = reconcile(deaf, "deaf/")
    told = reconcile(deaf, "deaf/", "--notify")
    deaf.processed(key, 1)

    assert [(one["kind"], one["key"], one["versionId"]) for one in found["files"]] == [("missing", key, version)]
    assert told["told"] == 1
    assert deaf.mailed("deaf/") == [key]
    assert reconcile(deaf, "deaf/")["files"] == []


def test_a_newer_version_that_no_event_came_for_takes_the_rows_place(healthy):
    key = f"stale/{unique()}.txt"
    healthy.upload(key, b"old")
    healthy.processed(key, 1)
    undo = notification(lambda _: {})(healthy)
    version = healthy.upload(key, b"newer")
    undo()

    told = reconcile(healthy, key, "--notify")
    healthy.processed(key, 1)

    assert (told["stale"], told["told"]) == (1, 1)
    assert healthy.rows(key)[key]["version"]["S"] == version
    assert len(healthy.mailed(key)) == 2
    assert "late" not in healthy.mails(key)[-1].subject


def test_a_later_upload_follows_on_a_row_that_was_made_from_a_listing(deaf):
    key = f"later/{unique()}.txt"
    deaf.upload(key)
    reconcile(deaf, key, "--notify")
    deaf.invoke({"Records": [_event(deaf, key, "00000660F2B2EA221F")]})

    assert deaf.rows(key)[key]["version"]["S"] == "later"
    assert deaf.rows(key)[key]["order"]["S"] == "00000660F2B2EA221F"


@pytest.mark.parametrize("for_good", [True, False], ids=["for good", "behind a delete marker"])
def test_a_file_that_went_unheard_is_a_ghost_and_is_told_as_removed(healthy, for_good):
    key = f"ghost/{unique()}.txt"
    version = healthy.upload(key)
    healthy.processed(key, 1)
    undo = notification(lambda _: {})(healthy)
    healthy.aws.s3.delete_object(Bucket=healthy.bucket, Key=key, **({"VersionId": version} if for_good else {}))
    undo()

    told = reconcile(healthy, key, "--notify")

    assert (told["ghost"], told["told"]) == (1, 1)
    assert healthy.rows(key)[key]["status"]["S"] == "removed"
    (mail,) = healthy.wait_for_mails(key, to=CHANGES)
    assert ("was permanently deleted" in mail.subject) is for_good
    assert reconcile(healthy, key)["files"] == []


def test_an_older_version_that_is_visible_again_takes_the_rows_place(healthy):
    key = f"again/{unique()}.txt"
    first = healthy.upload(key, b"first")
    healthy.processed(key, 1)
    second = healthy.upload(key, b"second")
    wait_until(lambda: healthy.rows(key)[key]["version"]["S"] == second, "the second version is not there")
    healthy.aws.s3.delete_object(Bucket=healthy.bucket, Key=key, VersionId=second)
    wait_until(lambda: healthy.rows(key)[key]["status"]["S"] == "removed", "the deletion is not there")

    told = reconcile(healthy, key, "--notify")

    assert told["stale"] == 1
    assert healthy.rows(key)[key]["version"]["S"] == first
    assert reconcile(healthy, key)["files"] == []


def test_a_file_whose_delete_marker_was_taken_away_is_shown_again(healthy):
    key = f"back/{unique()}.txt"
    healthy.upload(key)
    healthy.processed(key, 1)
    marker = healthy.aws.s3.delete_object(Bucket=healthy.bucket, Key=key)["VersionId"]
    wait_until(lambda: healthy.rows(key)[key]["status"]["S"] == "removed", "the removal is not there")
    healthy.aws.s3.delete_object(Bucket=healthy.bucket, Key=key, VersionId=marker)

    assert reconcile(healthy, key, "--notify")["stale"] == 1
    healthy.processed(key, 1)


def test_files_of_another_time_are_left_alone(deaf):
    key = f"times/{unique()}.txt"
    deaf.upload(key)

    assert reconcile(deaf, key)["missing"] == 1
    assert deaf.told("reconcile", "--prefix", key)["missing"] == 0
    assert deaf.told("reconcile", "--prefix", key, "--until", "2026-01-01")["missing"] == 0
    reconcile(deaf, key, "--notify")


def test_folder_markers_that_no_rule_asks_for_are_no_files(deaf):
    deaf.upload(f"marker/{unique()}/", b"")

    assert reconcile(deaf, "marker/")["compared"] == 0


def test_differences_need_attention_and_are_shown(deaf):
    key = f"shown/{unique()}.txt"
    deaf.upload(key)

    answer = deaf.ops("reconcile", "--prefix", key, "--until", "now")

    assert answer.exit_code == 1
    assert f"missing {key}  5 bytes  2026-" in answer.stdout
    assert "1 file compared: 1 missing (in the bucket, unknown to the catalogue)" in answer.stdout
    reconcile(deaf, key, "--notify")


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
