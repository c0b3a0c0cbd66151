"""The item follows the newest event, whatever the order of delivery."""

from __future__ import annotations

import pytest

from handlers.data.catalogue import Catalogue
from tests.advanced.conftest import Settle
from tests.advanced.stand_ins import Clock
from tests.advanced.uploads import created, hidden

OLDER, NEWER = created(sequencer="10", size=1), created(sequencer="20", size=2)


def test_a_newer_event_replaces_the_metadata(catalogue: Catalogue, settle: Settle):
    settle(OLDER)

    assert settle(NEWER).outcome == "new"
    item = catalogue.read(OLDER.file_id)
    assert item is not None
    assert (item.order, item.size, item.version_id) == (NEWER.order, 2, "v20")


def test_an_older_event_after_a_newer_is_late(settle: Settle):
    settle(NEWER)
    late = settle(OLDER)

    assert (late.outcome, late.now_removed) == ("late", False)


def test_a_late_event_leaves_the_item_as_it_is(catalogue: Catalogue, settle: Settle):
    settle(NEWER, notified="digest")
    before = catalogue.read(NEWER.file_id)
    settle(OLDER, notified="immediate")

    assert catalogue.read(NEWER.file_id) == before


def test_a_late_event_is_late_once(settle: Settle):
    settle(NEWER)

    assert [settle(OLDER).outcome for _ in range(3)] == ["late", "duplicate", "duplicate"]


def test_a_late_event_whose_lease_ran_out_is_late_again(catalogue: Catalogue, settle: Settle, clock: Clock):
    settle(NEWER)
    catalogue.claim(OLDER, lease_seconds=30)
    clock.advance(31)

    assert catalogue.claim(OLDER, lease_seconds=30).outcome == "late"


def test_an_event_that_was_overtaken_during_its_crash_is_late_afterwards(
    catalogue: Catalogue, settle: Settle, clock: Clock
):
    assert catalogue.claim(OLDER, lease_seconds=30).outcome == "new"
    settle(NEWER)
    clock.advance(31)

    assert catalogue.claim(OLDER, lease_seconds=30).outcome == "late"


def test_a_newer_event_is_claimed_while_an_older_one_is_being_published(catalogue: Catalogue):
    older = catalogue.claim(OLDER, lease_seconds=30)
    newer = catalogue.claim(NEWER, lease_seconds=30)
    catalogue.mark(newer, notified="immediate")
    catalogue.mark(older, notified="immediate")

    assert [catalogue.claim(event, lease_seconds=30).outcome for event in (OLDER, NEWER)] == ["duplicate"] * 2


def test_an_overtaken_event_does_not_change_how_people_were_notified_of_the_newer_one(catalogue: Catalogue):
    older = catalogue.claim(OLDER, lease_seconds=30)
    newer = catalogue.claim(NEWER, lease_seconds=30)
    catalogue.mark(newer, notified="digest")
    catalogue.mark(older, notified="immediate")

    item = catalogue.read(NEWER.file_id)
    assert item is not None
    assert item.notified == "digest"


def test_an_upload_without_a_sequencer_is_late_once_an_ordered_one_is_known(settle: Settle):
    settle(NEWER)

    assert settle(created(sequencer="", version_id="other")).outcome == "late"


def test_an_ordered_upload_replaces_one_without_a_sequencer(catalogue: Catalogue, settle: Settle):
    settle(created(sequencer="", size=1))
    settle(NEWER)

    item = catalogue.read(NEWER.file_id)
    assert item is not None
    assert item.size == 2


def test_of_uploads_without_a_sequencer_the_item_shows_the_one_received_last(catalogue: Catalogue, settle: Settle):
    settle(created(sequencer="", version_id="first", size=1))
    settle(created(sequencer="", version_id="second", size=2))

    item = catalogue.read(NEWER.file_id)
    assert item is not None
    assert (item.version_id, item.size) == ("second", 2)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("0055AED6DCD90281E5", "0055AED6DCD90281E6"),
        ("0055aed6dcd90281e5", "0055AED6DCD90281E6"),
        ("0055AED6DCD9", "0055aed6dcd90281e5"),
        ("0055AED6DCD9000", "0055AED6DCD901"),
        ("09f", "0A"),
        ("A", "B0000"),
        ("A", "A" + "0" * 70 + "1"),
    ],
)
def test_sequencers_of_odd_lengths_and_cases_are_ordered_in_the_table(settle: Settle, older: str, newer: str):
    settle(created("up", newer))
    settle(created("down", older))

    assert settle(created("up", older)).outcome == "late"
    assert settle(created("down", newer)).outcome == "new"


def test_what_an_upload_does_not_say_is_not_taken_from_the_one_before(catalogue: Catalogue, settle: Settle):
    settle(OLDER)
    settle(created(sequencer="20", size=None, etag="", version_id="", by=""))

    item = catalogue.read(OLDER.file_id)
    assert item is not None
    assert (item.size, item.etag, item.version_id, item.by) == (None, "", "", "")


def test_an_empty_file_has_a_size(catalogue: Catalogue, settle: Settle):
    settle(created(size=0))

    item = catalogue.read(OLDER.file_id)
    assert item is not None
    assert item.size == 0


def test_how_people_were_notified_belongs_to_one_upload(catalogue: Catalogue, settle: Settle):
    settle(OLDER, notified="digest")
    catalogue.claim(NEWER, lease_seconds=30)

    item = catalogue.read(OLDER.file_id)
    assert item is not None
    assert item.notified == ""


def test_a_late_event_of_a_removed_file_says_that_it_was_removed(settle: Settle):
    settle(hidden(sequencer="30"))
    late = settle(NEWER)

    assert (late.outcome, late.now_removed) == ("late", True)


def test_a_late_removal_of_a_file_that_came_back_leaves_it(catalogue: Catalogue, settle: Settle):
    settle(created(sequencer="30"))
    late = settle(hidden(sequencer="20"))

    item = catalogue.read(OLDER.file_id)
    assert item is not None
    assert (late.outcome, late.now_removed, item.status) == ("late", False, "received")
