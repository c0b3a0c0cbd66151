"""Events that are made from a listing: read by the handlers like S3's own, and ordered between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import FileEvent, file_event, order_of, raw_records
from handlers.data.items import Row
from ops.reconcile.comparison import Difference, Stored, compared
from ops.reconcile.events import CREATED, DIGITS, event, sequencer_after

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEQUENCERS = st.text("0123456789ABCDEF", min_size=12, max_size=24).filter(lambda text: text.strip("0"))


def stored(**changes):
    return Stored(**{"key": "a/é b+c.pdf", "version_id": "v2", "size": 7, "etag": "e", "modified": NOW, **changes})


def row(**changes):
    known = {"id": "1", "bucket": "b", "key": "k", "region": "r", "status": "received", "order": "0A"}
    return Row(**{**known, "time": "2026-11-23T11:00:00.000Z", "version_id": "v1", "etag": "old", **changes})


def read(difference) -> FileEvent:
    (raw,) = raw_records(event(difference, bucket="b", region="eu-west-1", now=NOW))
    found = file_event(raw)
    assert isinstance(found, FileEvent)
    return found


def test_an_event_for_a_missing_file_says_all_that_the_listing_says():
    found = read(Difference(kind="missing", key="a/é b+c.pdf", time=NOW, stored=stored()))

    assert (found.action, found.name) == ("created", CREATED)
    assert (found.key, found.size, found.etag, found.version_id) == ("a/é b+c.pdf", 7, "e", "v2")
    assert found.time == "2026-11-23T12:00:00.000Z"


@pytest.mark.parametrize(("marker", "name", "version"), [("m1", "DeleteMarkerCreated", "m1"), ("", "Delete", "v1")])
def test_an_event_for_a_ghost_says_how_it_is_gone(marker, name, version):
    found = read(Difference(kind="ghost", key="k", time=NOW, row=row(), marker=marker))

    assert (found.action, found.name, found.version_id) == ("removed", f"ObjectRemoved:{name}", version)


@given(SEQUENCERS)
def test_a_made_sequencer_comes_after_the_row_and_before_all_that_s3_gives_later(sequencer):
    order = order_of(sequencer)
    made = order_of(sequencer_after(order))
    next_of_s3 = order_of(f"{int(sequencer, 16) + 1:X}".rjust(len(sequencer), "0"))

    assert order < made < next_of_s3


@given(SEQUENCERS, SEQUENCERS)
def test_a_made_sequencer_never_beats_a_greater_one_of_s3(first, second):
    smaller, greater = sorted((order_of(first), order_of(second)))
    if smaller != greater:
        assert order_of(sequencer_after(smaller)) < greater


@given(SEQUENCERS)
def test_machines_that_pad_with_zeros_order_it_in_the_same_way(sequencer):
    made = sequencer_after(order_of(sequencer))

    assert int(sequencer.ljust(64, "0"), 16) < int(made.ljust(64, "0"), 16)
    assert int(made.ljust(64, "0"), 16) < int(sequencer.ljust(64, "0"), 16) + 16 ** (64 - len(sequencer))


@given(SEQUENCERS)
def test_any_event_of_s3_beats_one_that_was_made_for_a_file_without_a_row(sequencer):
    assert order_of(sequencer_after("")) < order_of(sequencer)


def test_made_sequencers_of_one_row_follow_each_other():
    first = order_of(sequencer_after("0A"))

    assert first == f"0A{'0' * (DIGITS - 2)}1"
    assert first < order_of(sequencer_after(first))


def test_two_runs_make_one_event():
    difference = Difference(kind="missing", key="k", time=NOW, stored=stored())

    assert read(difference).identity == read(difference).identity


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (None, "missing"),
        (row(), "stale"),
        (row(version_id="v2"), None),
        (row(version_id="v2", status="removed"), "stale"),
        (row(status="removed", removed_at="2026-11-23T11:30:00Z"), "stale"),
        (row(version_id="", etag="e"), None),
        (row(version_id="", etag="other"), "stale"),
        (row(time="2026-11-23T12:10:00Z"), "stale"),
        (row(time="2026-11-23T12:30:01Z"), None),
        (row(status="removed", removed_at="2026-11-23T12:30:01Z"), None),
    ],
    ids=[
        "no row",
        "an older version",
        "the same version",
        "the same version, removed",
        "removed before",
        "no version, same contents",
        "no version, other contents",
        "a newer version that is gone",
        "written since the listing",
        "removed since the listing",
    ],
)
def test_a_file_and_its_row_are_compared(row, kind):
    assert compared(stored(), row, settled=NOW + timedelta(minutes=30)) == kind
