"""Events that are made from a listing: read by the handlers like S3's own, and ordered between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.envelopes import raw_records
from domain.events import FileEvent, order_of
from domain.s3_events import file_event
from handlers.data.items import Item
from ops.reconcile.bucket import Stored
from ops.reconcile.comparison import Difference, compared
from ops.reconcile.events import CREATED, DIGITS, event, sequencer_after

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEQUENCERS = st.text("0123456789ABCDEF", min_size=12, max_size=24).filter(lambda text: text.strip("0"))


def stored(**changes):
    return Stored(**{"key": "a/é b+c.pdf", "version_id": "v2", "size": 7, "etag": "e", "modified": NOW, **changes})


def an_item(**changes):
    known = {"id": "1", "bucket": "b", "key": "k", "region": "r", "status": "received", "order": "0A"}
    return Item(**{**known, "time": "2026-11-23T11:00:00.000Z", "version_id": "v1", "etag": "old", **changes})


def read(difference) -> FileEvent:
    (raw,) = raw_records(event(difference, region="eu-west-1", now=NOW))
    made = file_event(raw)
    assert isinstance(made, FileEvent)
    return made


def test_an_event_for_a_missing_file_has_every_fact_of_the_listing():
    made = read(Difference(kind="missing", bucket="b", key="a/é b+c.pdf", time=NOW, stored=stored()))

    assert (made.action, made.name) == ("created", CREATED)
    assert (made.key, made.size, made.etag, made.version_id) == ("a/é b+c.pdf", 7, "e", "v2")
    assert made.time == "2026-11-23T12:00:00.000Z"


@pytest.mark.parametrize(("marker", "name", "version"), [("m1", "DeleteMarkerCreated", "m1"), ("", "Delete", "v1")])
def test_an_event_for_a_ghost_has_the_kind_of_removal(marker, name, version):
    made = read(Difference(kind="ghost", bucket="b", key="k", time=NOW, item=an_item(), marker=marker))

    assert (made.action, made.name, made.version_id) == ("removed", f"ObjectRemoved:{name}", version)


@given(SEQUENCERS)
def test_a_made_sequencer_follows_the_item_and_precedes_every_later_one_of_s3(sequencer):
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
def test_systems_that_pad_with_zeros_order_it_in_the_same_way(sequencer):
    made = sequencer_after(order_of(sequencer))

    assert int(sequencer.ljust(64, "0"), 16) < int(made.ljust(64, "0"), 16)
    assert int(made.ljust(64, "0"), 16) < int(sequencer.ljust(64, "0"), 16) + 16 ** (64 - len(sequencer))


@given(SEQUENCERS)
def test_any_event_of_s3_beats_one_that_was_made_for_a_file_without_an_item(sequencer):
    assert order_of(sequencer_after("")) < order_of(sequencer)


def test_made_sequencers_of_one_item_follow_each_other():
    first = order_of(sequencer_after("0A"))

    assert first == f"0A{'0' * (DIGITS - 2)}1"
    assert first < order_of(sequencer_after(first))


def test_two_runs_make_one_event():
    difference = Difference(kind="missing", bucket="b", key="k", time=NOW, stored=stored())

    assert read(difference).identity == read(difference).identity


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (None, "missing"),
        (an_item(), "stale"),
        (an_item(version_id="v2"), None),
        (an_item(version_id="v2", status="removed"), "stale"),
        (an_item(status="removed", removed_at="2026-11-23T11:30:00Z"), "stale"),
        (an_item(version_id="", etag="e"), None),
        (an_item(version_id="", etag="other"), "stale"),
        (an_item(time="2026-11-23T12:10:00Z"), "stale"),
        (an_item(time="2026-11-23T12:30:01Z"), None),
        (an_item(status="removed", removed_at="2026-11-23T12:30:01Z"), None),
    ],
    ids=[
        "no item",
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
def test_a_file_and_its_item_are_compared(item, kind):
    assert compared(stored(), item, settled=NOW + timedelta(minutes=30)) == kind
