"""Removed files stay in the table for a while as tombstones, which keep their place in the order of events."""

from __future__ import annotations

from domain.topology import TABLE
from handlers.data.catalogue import TOMBSTONE_SECONDS, Catalogue
from handlers.data.findings import Findings
from handlers.data.items import Result
from tests.advanced.conftest import Settle
from tests.advanced.stand_ins import START
from tests.advanced.uploads import TIME, created, deleted, hidden, restored

UPLOAD = created(sequencer="10")
ID = UPLOAD.file_id


def _status(catalogue: Catalogue) -> str | None:
    item = catalogue.read(ID)
    return item.status if item else None


def test_a_removed_file_says_when_it_was_removed(catalogue: Catalogue, settle: Settle):
    settle(UPLOAD)
    settle(hidden(time="2040-05-20T11:00:00.000Z"))

    item = catalogue.read(ID)
    assert item is not None
    assert (item.status, item.removed_at, item.time) == ("removed", "2040-05-20T11:00:00.000Z", UPLOAD.time)


def test_a_removed_file_says_who_removed_it(catalogue: Catalogue, settle: Settle):
    settle(UPLOAD)
    settle(hidden(by="jonas"))

    item = catalogue.read(ID)
    assert item is not None
    assert (item.removed_by, item.by) == ("jonas", UPLOAD.by)


def test_a_version_that_was_deleted_permanently_says_who_deleted_it(catalogue: Catalogue, settle: Settle):
    upload = created(sequencer="10", version_id="v1")
    settle(upload)
    settle(deleted(version="v1", by="jonas"))

    item = catalogue.read(ID)
    assert item is not None
    assert (item.status, item.removed_by) == ("removed", "jonas")


def test_nobody_is_said_to_have_removed_what_is_there_again_or_what_was_removed_by_nobody(
    catalogue: Catalogue, settle: Settle
):
    settle(UPLOAD)
    settle(hidden(sequencer="11", by="jonas"))
    settle(hidden(sequencer="12", by=""))
    removed = catalogue.read(ID)
    settle(hidden(sequencer="13", by="jonas"))
    settle(created(sequencer="14"))
    returned = catalogue.read(ID)

    assert removed is not None
    assert returned is not None
    assert (removed.removed_by, returned.removed_by) == ("", "")


def test_a_tombstone_expires(settle: Settle, item):
    settle(UPLOAD)
    settle(hidden())

    assert item(ID)[TABLE.expires] == {"N": str(int(START) + TOMBSTONE_SECONDS)}


def test_a_file_that_is_there_does_not_expire(settle: Settle, item):
    settle(UPLOAD)

    assert TABLE.expires not in item(ID)


def test_a_tombstone_has_no_result_of_processing(catalogue: Catalogue, findings: Findings, settle: Settle):
    settle(UPLOAD)
    findings.write(
        ID, UPLOAD.order, Result(sha256="ab", content_type="text/plain", facts=(("Lines", "3"),)).changes(TIME)
    )
    settle(hidden())

    item = catalogue.read(ID)
    assert item is not None
    assert (item.sha256, item.content_type, item.facts, item.processed_at) == ("", "", (), "")


def test_a_file_removed_before_its_upload_was_received_stays_removed(catalogue: Catalogue, settle: Settle):
    settle(hidden())
    settle(UPLOAD)

    assert _status(catalogue) == "removed"


def test_an_upload_received_after_its_removal_is_late_once(settle: Settle):
    settle(hidden())

    assert [settle(UPLOAD).outcome for _ in range(2)] == ["late", "duplicate"]


def test_a_removal_that_is_delivered_twice_is_new_once(settle: Settle):
    settle(UPLOAD)

    assert [settle(hidden()).outcome for _ in range(2)] == ["new", "duplicate"]


def test_a_file_uploaded_again_after_its_removal_is_there(catalogue: Catalogue, settle: Settle):
    settle(UPLOAD)
    settle(hidden(sequencer="20"))

    assert settle(created(sequencer="30", size=3)).outcome == "new"
    item = catalogue.read(ID)
    assert item is not None
    assert (item.status, item.size, item.removed_at) == ("received", 3, "")


def test_a_file_uploaded_again_after_its_removal_does_not_expire(settle: Settle, item):
    settle(hidden(sequencer="20"))
    settle(created(sequencer="30"))

    assert TABLE.expires not in item(ID)


def test_a_delete_marker_removes_the_file_though_its_version_is_another(catalogue: Catalogue, settle: Settle):
    settle(UPLOAD)
    settle(hidden(version_id="the-marker's-own"))

    assert _status(catalogue) == "removed"


def test_a_delete_marker_made_by_a_lifecycle_rule_removes_the_file(catalogue: Catalogue, settle: Settle):
    settle(UPLOAD)
    settle(hidden(name="LifecycleExpiration:DeleteMarkerCreated"))

    assert _status(catalogue) == "removed"


def test_a_removal_in_a_bucket_without_versions_removes_the_file(catalogue: Catalogue, settle: Settle):
    settle(created(sequencer="10", version_id=""))
    settle(hidden(name="ObjectRemoved:Delete", version_id=""))

    assert _status(catalogue) == "removed"


def test_deleting_the_version_that_the_item_shows_removes_the_file(catalogue: Catalogue, settle: Settle):
    settle(UPLOAD)

    assert settle(deleted(version=UPLOAD.version_id)).outcome == "new"
    assert _status(catalogue) == "removed"


def test_deleting_another_version_leaves_the_file(catalogue: Catalogue, settle: Settle):
    settle(created(sequencer="10"))
    settle(created(sequencer="20"))
    before = catalogue.read(ID)

    assert settle(deleted(sequencer="30", version="v10")).outcome == "new"
    assert catalogue.read(ID) == before


def test_deleting_another_version_is_new_once(settle: Settle):
    settle(created(sequencer="20"))

    assert [settle(deleted(sequencer="30", version="v10")).outcome for _ in range(2)] == ["new", "duplicate"]


def test_a_version_deleted_before_its_upload_was_received_stays_removed(catalogue: Catalogue, settle: Settle):
    settle(deleted(sequencer="20", version=UPLOAD.version_id))

    late = settle(UPLOAD)
    assert (late.outcome, late.now_removed, _status(catalogue)) == ("late", True, "removed")


def test_an_upload_overtaken_by_the_deletion_of_an_older_version_is_there(catalogue: Catalogue, settle: Settle):
    """Replace a file, delete the replaced version: the second event may come first."""
    settle(created(sequencer="10"))
    settle(deleted(sequencer="30", version="v10"))

    replacement = settle(created(sequencer="20"))
    assert (replacement.outcome, _status(catalogue)) == ("new", "received")


def test_an_upload_overtaken_by_its_own_deletion_stays_removed(catalogue: Catalogue, settle: Settle):
    """Replace a file, delete the new version: the last event may come second."""
    settle(created(sequencer="10"))
    settle(deleted(sequencer="30", version="v20"))

    late = settle(created(sequencer="20"))
    item = catalogue.read(ID)
    assert item is not None
    assert (late.outcome, late.now_removed, item.version_id) == ("late", True, "v10")


def test_a_late_upload_whose_version_is_gone_but_was_replaced_is_of_a_file_that_is_there(settle: Settle):
    settle(created(sequencer="20"))
    settle(deleted(sequencer="30", version="v10"))
    late = settle(created(sequencer="10"))

    assert (late.outcome, late.now_removed) == ("late", False)


def test_an_overtaken_deletion_of_an_older_version_is_late(catalogue: Catalogue, settle: Settle):
    settle(created(sequencer="30"))
    late = settle(deleted(sequencer="20", version="v10"))

    assert (late.outcome, late.now_removed, _status(catalogue)) == ("late", False, "received")


def test_each_deletion_in_a_bucket_that_no_longer_makes_versions_is_an_event(catalogue: Catalogue, settle: Settle):
    """There every upload is the version called null."""
    events = [created(sequencer=f"{n}0", version_id="null") for n in (1, 3)]
    deletions = [deleted(sequencer=f"{n}0", version="null") for n in (2, 4)]
    outcomes = [settle(event).outcome for pair in zip(events, deletions, strict=True) for event in pair]

    assert (outcomes, _status(catalogue)) == (["new"] * 4, "removed")


def test_a_restored_file_is_what_it_was(catalogue: Catalogue, settle: Settle):
    settle(UPLOAD)
    before = catalogue.read(ID)

    assert settle(restored()).outcome == "new"
    assert catalogue.read(ID) == before


def test_a_restore_of_a_removed_file_leaves_it_removed(catalogue: Catalogue, settle: Settle):
    settle(hidden())

    assert settle(restored()).outcome == "new"
    assert _status(catalogue) == "removed"


def test_a_restore_of_an_unknown_file_is_new_once(settle: Settle):
    assert [settle(restored()).outcome for _ in range(2)] == ["new", "duplicate"]


def test_a_restore_alone_makes_no_item(catalogue: Catalogue, settle: Settle):
    settle(restored())

    assert catalogue.read(ID) is None


def test_an_upload_after_a_restore_of_an_unknown_file_makes_the_item(catalogue: Catalogue, settle: Settle):
    settle(restored())

    assert (settle(UPLOAD).outcome, _status(catalogue)) == ("new", "received")


def test_a_version_restored_again_later_is_another_event(settle: Settle):
    """An archived version is restored for some days. It may be restored again months later."""
    times = ("2040-05-20T10:00:00.000Z", "2040-09-20T10:00:00.000Z", "2040-09-20T10:00:00.000Z")

    assert [settle(restored(time=time)).outcome for time in times] == ["new", "new", "duplicate"]


def test_a_claim_knows_whether_the_deleted_version_was_the_current_one(settle: Settle):
    settle(created(sequencer="10", version_id="one"))
    settle(created(sequencer="20", version_id="two"))

    assert settle(deleted(version="one", sequencer="30")).version == "old"
    assert settle(deleted(version="two", sequencer="40")).version == "current"


def test_of_a_file_that_was_never_seen_a_claim_does_not_know_which_version_was_deleted(settle: Settle):
    assert settle(deleted(version="one")).version == "unknown"
