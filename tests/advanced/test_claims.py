"""An event is claimed by one function at a time, and published once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from botocore.exceptions import ClientError

from handlers.data.catalogue import Catalogue, LeasedError
from tests.advanced.conftest import Connect, Settle
from tests.advanced.stand_ins import Clock
from tests.advanced.uploads import created, hidden

THREADS = 16
EVENT = created()


def test_the_first_delivery_of_an_event_is_new(catalogue: Catalogue):
    assert catalogue.claim(EVENT, lease_seconds=30).outcome == "new"


def test_a_claim_already_shows_the_file(catalogue: Catalogue):
    catalogue.claim(EVENT, lease_seconds=30)

    item = catalogue.read(EVENT.file_id)
    assert item is not None
    assert (item.id, item.bucket, item.key, item.region) == (EVENT.file_id, EVENT.bucket, EVENT.key, EVENT.region)
    assert (item.status, item.order, item.time, item.notified) == ("received", EVENT.order, EVENT.time, "")
    assert (item.size, item.etag, item.version_id, item.by) == (EVENT.size, EVENT.etag, EVENT.version_id, EVENT.by)


@pytest.mark.parametrize("seconds", [0, 600, 7 * 86_400], ids=["at once", "ten minutes later", "a week later"])
def test_a_done_event_that_is_delivered_again_is_a_duplicate(
    catalogue: Catalogue, settle: Settle, clock: Clock, seconds: float
):
    settle(EVENT)
    clock.advance(seconds)

    assert catalogue.claim(EVENT, lease_seconds=30).outcome == "duplicate"


def test_a_duplicate_changes_nothing_in_the_table(catalogue: Catalogue, settle: Settle, clock: Clock, item):
    settle(EVENT)
    before = item(EVENT.file_id)
    clock.advance(600)
    catalogue.claim(EVENT, lease_seconds=30)

    assert item(EVENT.file_id) == before


def test_an_event_that_another_function_is_publishing_is_left_to_it(catalogue: Catalogue):
    catalogue.claim(EVENT, lease_seconds=30)

    with pytest.raises(LeasedError, match=EVENT.file_id):
        catalogue.claim(EVENT, lease_seconds=30)


def test_a_released_event_is_claimed_again_at_once(catalogue: Catalogue):
    catalogue.release(catalogue.claim(EVENT, lease_seconds=30))

    assert catalogue.claim(EVENT, lease_seconds=30).outcome == "new"


def test_a_lease_holds_until_its_last_moment(catalogue: Catalogue, clock: Clock):
    catalogue.claim(EVENT, lease_seconds=30)
    clock.advance(30)

    with pytest.raises(LeasedError):
        catalogue.claim(EVENT, lease_seconds=30)


def test_an_event_whose_lease_ran_out_is_claimed_again(catalogue: Catalogue, clock: Clock):
    catalogue.claim(EVENT, lease_seconds=30)
    clock.advance(30.001)

    assert catalogue.claim(EVENT, lease_seconds=30).outcome == "new"


def test_a_function_that_lost_its_lease_cannot_mark(catalogue: Catalogue, clock: Clock):
    lost = catalogue.claim(EVENT, lease_seconds=30)
    clock.advance(31)
    catalogue.claim(EVENT, lease_seconds=30)

    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        catalogue.mark(lost, notified="immediate")


def test_a_function_that_lost_its_lease_leaves_that_of_its_successor(catalogue: Catalogue, clock: Clock):
    lost = catalogue.claim(EVENT, lease_seconds=30)
    clock.advance(31)
    catalogue.claim(EVENT, lease_seconds=30)

    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        catalogue.release(lost)
    with pytest.raises(LeasedError):
        catalogue.claim(EVENT, lease_seconds=30)


def test_a_released_claim_cannot_be_marked_any_more(catalogue: Catalogue):
    claim = catalogue.claim(EVENT, lease_seconds=30)
    catalogue.release(claim)

    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        catalogue.mark(claim, notified="immediate")


def test_a_done_event_cannot_be_released(catalogue: Catalogue):
    claim = catalogue.claim(EVENT, lease_seconds=30)
    catalogue.mark(claim, notified="immediate")

    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        catalogue.release(claim)
    assert catalogue.claim(EVENT, lease_seconds=30).outcome == "duplicate"


def test_the_same_sequencer_at_another_key_or_bucket_is_another_event(settle: Settle):
    elsewhere = [created("a"), created("b"), created("a", bucket="other-bucket")]

    assert [settle(event).outcome for event in elsewhere] == ["new"] * 3


def test_created_events_without_a_sequencer_are_distinguished_by_version(settle: Settle):
    events = [created(sequencer="", version_id=version) for version in ("v1", "v2", "v1")]

    assert [settle(event).outcome for event in events] == ["new", "new", "duplicate"]


def test_events_with_neither_sequencer_nor_version_are_distinguished_by_time(settle: Settle):
    times = ("2040-05-20T09:59:58.000Z", "2040-05-20T10:59:58.000Z", "2040-05-20T09:59:58.000Z")
    events = [created(sequencer="", version_id="", time=time) for time in times]

    assert [settle(event).outcome for event in events] == ["new", "new", "duplicate"]


def _all_at_once(catalogues: list[Catalogue], events: list) -> list[str]:
    """Each catalogue claims its event, all in the same moment. Returns the outcomes."""
    start = Barrier(len(events))

    def claim(catalogue: Catalogue, event) -> str:
        start.wait()
        try:
            return catalogue.claim(event, lease_seconds=30).outcome
        except LeasedError:
            return "leased"

    with ThreadPoolExecutor(len(events)) as functions:
        return list(functions.map(claim, catalogues, events))


@pytest.fixture
def containers(connect: Connect, table: str, clock: Clock) -> list[Catalogue]:
    return [Catalogue(connect("dynamodb"), table, clock) for _ in range(THREADS)]


def test_of_sixteen_functions_with_the_same_event_exactly_one_wins(containers: list[Catalogue]):
    assert Counter(_all_at_once(containers, [EVENT] * THREADS)) == {"new": 1, "leased": THREADS - 1}


def test_of_sixteen_functions_after_a_crash_exactly_one_takes_over(containers: list[Catalogue], clock: Clock):
    containers[0].claim(EVENT, lease_seconds=30)
    clock.advance(31)

    assert Counter(_all_at_once(containers, [EVENT] * THREADS)) == {"new": 1, "leased": THREADS - 1}


def test_of_sixteen_functions_with_the_same_late_event_exactly_one_wins(containers: list[Catalogue], settle: Settle):
    settle(hidden())

    assert Counter(_all_at_once(containers, [EVENT] * THREADS)) == {"late": 1, "leased": THREADS - 1}


def test_sixteen_events_of_one_file_at_once_leave_the_newest_in_the_item(containers: list[Catalogue]):
    events = [created(sequencer=f"{number:02X}1", size=number) for number in range(1, THREADS + 1)]
    outcomes = Counter(_all_at_once(containers, events))

    item = containers[0].read(EVENT.file_id)
    assert item is not None
    assert (item.order, item.size) == (max(event.order for event in events), THREADS)
    assert outcomes["new"] + outcomes["late"] == THREADS
