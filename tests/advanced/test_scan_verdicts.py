"""Verdicts in the catalogue: whatever is received first, twice, late or about an old version."""

from __future__ import annotations

from itertools import permutations

import pytest

from domain.scans import ScanResult
from handlers.data.scan_verdicts import REMEMBERED_VERDICTS, UNCLAIMED_SECONDS, ScanVerdicts
from tests.advanced.uploads import BUCKET, created, hidden

KEY = "invoices/a.pdf"


def result(verdict="clean", *, version="v10", reason="", time="2040-05-20T10:00:10Z", key=KEY):
    return ScanResult(bucket=BUCKET, key=key, version_id=version, verdict=verdict, reason=reason, time=time)


@pytest.fixture
def verdicts(catalogue):
    return ScanVerdicts(catalogue.client, catalogue.table, catalogue.clock)


def stored(catalogue, key=KEY):
    found = catalogue.client.get_item(TableName=catalogue.table, Key={"id": {"S": created(key).file_id}})
    return found.get("Item", {})


def shown(catalogue):
    """The verdict on the version that the item shows."""
    item = catalogue.read(created().file_id)
    return item and item.scan and item.scan.verdict


def test_a_verdict_is_on_the_file(catalogue, verdicts, settle):
    settle(created())

    written, item = verdicts.record(result("infected", reason="EICAR"))

    assert (written, item.scan.verdict, item.scan.reason) == (True, "infected", "EICAR")
    assert shown(catalogue) == "infected"


def test_a_verdict_before_the_upload_is_no_file_yet(catalogue, verdicts):
    assert verdicts.record(result()) == (True, None)
    assert catalogue.read(created().file_id) is None


def test_a_verdict_before_the_upload_is_that_of_the_upload(catalogue, verdicts, settle):
    verdicts.record(result("infected"))
    settle(created())

    assert shown(catalogue) == "infected"
    assert "expires" not in stored(catalogue)


def test_a_verdict_on_what_was_never_uploaded_goes_by_itself(catalogue, verdicts):
    verdicts.record(result())

    assert int(stored(catalogue)["expires"]["N"]) == int(catalogue.clock()) + UNCLAIMED_SECONDS


def test_a_verdict_on_a_known_file_never_makes_it_expire(catalogue, verdicts, settle):
    settle(created())
    verdicts.record(result())

    assert "expires" not in stored(catalogue)


def test_a_new_version_has_no_verdict(catalogue, verdicts, settle):
    settle(created())
    verdicts.record(result("clean"))
    settle(created(sequencer="20"))

    assert shown(catalogue) is None


def test_a_verdict_on_an_old_version_leaves_the_new_one_without(catalogue, verdicts, settle):
    settle(created())
    settle(created(sequencer="20"))

    verdicts.record(result("clean", version="v10"))

    assert shown(catalogue) is None


def test_a_verdict_twice_is_written_twice_and_the_same(verdicts, settle):
    settle(created())
    first = verdicts.record(result("infected"))

    assert verdicts.record(result("infected")) == first


@pytest.mark.parametrize("order", list(permutations(("old", "new", "upload"))))
def test_the_later_of_two_scans_counts_in_whatever_order(catalogue, verdicts, settle, order):
    steps = {
        "old": lambda: verdicts.record(result("unscannable", time="2040-05-20T10:00:10Z")),
        "new": lambda: verdicts.record(result("infected", time="2040-05-20T10:00:20Z")),
        "upload": lambda: settle(created()),
    }
    for step in order:
        steps[step]()

    assert shown(catalogue) == "infected"


def test_an_earlier_scan_is_not_the_one_that_stands(verdicts, settle):
    settle(created())
    verdicts.record(result("infected", time="2040-05-20T10:00:20Z"))

    written, item = verdicts.record(result("clean", time="2040-05-20T10:00:10Z"))

    assert (written, item.scan.verdict) == (False, "infected")


def test_a_verdict_on_a_removed_file_does_not_bring_it_back(catalogue, verdicts, settle):
    settle(created())
    settle(hidden())
    before = stored(catalogue)["expires"]

    verdicts.record(result())

    assert stored(catalogue)["status"]["S"] == "removed"
    assert stored(catalogue)["expires"] == before


def test_of_many_versions_the_last_verdicts_are_kept_and_always_that_of_the_shown_one(catalogue, verdicts, settle):
    settle(created(sequencer="99"))
    verdicts.record(result("infected", version="v99", time="2040-05-20T10:00:00Z"))
    for second in range(10, 30):
        verdicts.record(result(version=f"v{second}", time=f"2040-05-20T10:00:{second}Z"))

    kept = [name for name in stored(catalogue) if name.startswith("scan:")]
    assert len(kept) == REMEMBERED_VERDICTS + 1
    assert shown(catalogue) == "infected"


def test_events_and_verdicts_do_not_disturb_each_other(catalogue, verdicts, settle):
    claim = catalogue.claim(created(), lease_seconds=30)
    verdicts.record(result("clean"))
    catalogue.mark(claim, notified="none")

    assert shown(catalogue) == "clean"
    assert settle(created()).outcome == "duplicate"
