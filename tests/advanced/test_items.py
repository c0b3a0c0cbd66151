"""What an item stores beside the metadata: its last events, and the result of processing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handlers.data.catalogue import REMEMBERED_DELETIONS, REMEMBERED_EVENTS, Catalogue, LeasedError
from handlers.data.findings import Findings
from handlers.data.items import Result
from handlers.data.storm_guard import StormGuard
from tests.advanced.conftest import Settle
from tests.advanced.stand_ins import START, Clock
from tests.advanced.uploads import TIME, created, deleted, hidden

UPLOAD = created(sequencer="10")
ID = UPLOAD.file_id
FOUND = Result(sha256="ab" * 32, content_type="image/png", facts=(("Width", "640"), ("Height", "480")))


def _uploads(count: int) -> list[Any]:
    return [created(sequencer=f"{number:02X}1") for number in range(1, count + 1)]


@pytest.fixture
def settled_in_turn(settle: Settle, clock: Clock):
    """settled_in_turn(events) settles them, a second apart."""

    def settle_all(events: list[Any]) -> None:
        for event in events:
            settle(event)
            clock.advance(1)

    return settle_all


def _remembered(item: dict[str, Any]) -> list[str]:
    return [name for name in item if name.startswith("e:")]


def test_the_last_sixteen_events_are_remembered(catalogue: Catalogue, settled_in_turn):
    events = _uploads(REMEMBERED_EVENTS)
    settled_in_turn(events)

    assert {catalogue.claim(event, lease_seconds=30).outcome for event in events} == {"duplicate"}


def test_the_oldest_event_is_forgotten_first(catalogue: Catalogue, settled_in_turn):
    oldest, *others = _uploads(REMEMBERED_EVENTS + 1)
    settled_in_turn([oldest, *others])

    assert {catalogue.claim(event, lease_seconds=30).outcome for event in others} == {"duplicate"}
    assert catalogue.claim(oldest, lease_seconds=30).outcome == "late"


def test_an_item_does_not_grow_with_its_events(settled_in_turn, item):
    settled_in_turn(_uploads(REMEMBERED_EVENTS + 5))

    assert len(_remembered(item(ID))) == REMEMBERED_EVENTS


def test_an_event_that_is_being_published_is_never_forgotten(catalogue: Catalogue, settled_in_turn):
    slow, *others = _uploads(REMEMBERED_EVENTS + 5)
    claim = catalogue.claim(slow, lease_seconds=300)
    settled_in_turn(others)

    with pytest.raises(LeasedError):
        catalogue.claim(slow, lease_seconds=30)
    catalogue.mark(claim, notified="immediate")
    assert catalogue.claim(slow, lease_seconds=30).outcome == "duplicate"


def test_an_item_does_not_grow_with_its_deleted_versions(settled_in_turn, item):
    settled_in_turn(
        [UPLOAD, *(deleted(sequencer=f"{n:02X}2", version=f"w{n}") for n in range(REMEMBERED_DELETIONS + 3))]
    )

    assert len([name for name in item(ID) if name.startswith("gone:")]) == REMEMBERED_DELETIONS


def test_the_last_deleted_versions_are_remembered(catalogue: Catalogue, settled_in_turn):
    settled_in_turn([deleted(sequencer=f"{n:02X}2", version=f"w{n}") for n in range(REMEMBERED_DELETIONS + 3)])
    uploads = [created(sequencer=f"{n:02X}1", version_id=f"w{n}") for n in range(3, REMEMBERED_DELETIONS + 3)]

    assert {catalogue.claim(upload, lease_seconds=30).outcome for upload in uploads} == {"late"}


def test_a_removal_does_not_change_how_people_were_notified_of_the_upload(catalogue: Catalogue, settle: Settle):
    settle(UPLOAD, notified="digest")
    settle(hidden(), notified="immediate")

    item = catalogue.read(ID)
    assert item is not None
    assert item.notified == "digest"


def test_the_result_of_processing_is_written(catalogue: Catalogue, findings: Findings, settle: Settle):
    settle(UPLOAD)

    assert findings.write(ID, UPLOAD.order, FOUND.changes(TIME)) is True
    item = catalogue.read(ID)
    assert item is not None
    assert (item.status, item.sha256, item.content_type, item.facts) == (
        "processed",
        "ab" * 32,
        "image/png",
        FOUND.facts,
    )
    assert (item.failure, item.processed_at) == (None, TIME)


def test_why_processing_failed_is_written(catalogue: Catalogue, findings: Findings, settle: Settle):
    settle(UPLOAD)
    findings.write(ID, UPLOAD.order, Result(failure=("too-large", "6 GB; files up to 5 GB are read")).changes(TIME))

    item = catalogue.read(ID)
    assert item is not None
    assert (item.status, item.failure) == ("failed", ("too-large", "6 GB; files up to 5 GB are read"))


def test_processing_again_leaves_nothing_of_the_time_before(catalogue: Catalogue, findings: Findings, settle: Settle):
    settle(UPLOAD)
    findings.write(ID, UPLOAD.order, Result(failure=("forbidden", "no access")).changes(TIME))
    findings.write(ID, UPLOAD.order, FOUND.changes(TIME))
    findings.write(ID, UPLOAD.order, Result(sha256="cd").changes(TIME))

    item = catalogue.read(ID)
    assert item is not None
    assert (item.status, item.sha256, item.content_type, item.facts, item.failure) == ("processed", "cd", "", (), None)


@pytest.mark.parametrize("order", ["0F", "11"], ids=["older", "newer"])
def test_a_result_of_another_upload_is_not_written(
    catalogue: Catalogue, findings: Findings, settle: Settle, order: str
):
    settle(UPLOAD)
    before = catalogue.read(ID)

    assert findings.write(ID, order, FOUND.changes(TIME)) is False
    assert catalogue.read(ID) == before


def test_a_result_is_not_written_on_a_removed_file(findings: Findings, settle: Settle):
    removal = hidden(sequencer="20")
    settle(removal)

    assert findings.write(ID, removal.order, FOUND.changes(TIME)) is False


def test_a_result_makes_no_item(findings: Findings, item):
    assert findings.write("unknown", UPLOAD.order, FOUND.changes(TIME)) is False
    assert item("unknown") == {}


def test_a_newer_upload_has_no_result_yet(catalogue: Catalogue, findings: Findings, settle: Settle):
    settle(UPLOAD)
    findings.write(ID, UPLOAD.order, FOUND.changes(TIME))
    settle(created(sequencer="20"))

    item = catalogue.read(ID)
    assert item is not None
    assert (item.status, item.sha256, item.content_type, item.facts, item.processed_at) == ("received", "", "", (), "")


def test_a_result_can_be_written_while_the_event_is_still_being_published(catalogue: Catalogue, findings: Findings):
    claim = catalogue.claim(UPLOAD, lease_seconds=30)
    findings.write(ID, UPLOAD.order, FOUND.changes(TIME))
    catalogue.mark(claim, notified="immediate")

    item = catalogue.read(ID)
    assert item is not None
    assert (item.status, item.notified) == ("processed", "immediate")


def test_an_item_is_read_as_it_was_last_written(catalogue: Catalogue):
    """Process reads what notify wrote a moment ago; the emulator's table has no replica that lags behind."""
    requests: list[dict[str, Any]] = []
    catalogue.client.meta.events.register(
        "before-call.dynamodb.GetItem", lambda params, **_: requests.append(json.loads(params["body"]))
    )

    catalogue.read(ID)

    assert [request["ConsistentRead"] for request in requests] == [True]


def test_an_unknown_file_has_no_item(catalogue: Catalogue):
    assert catalogue.read("unknown") is None


def test_a_counter_of_the_storm_guard_is_not_one_of_a_file(catalogue: Catalogue, clock: Clock):
    StormGuard(catalogue.client, catalogue.table, 5, clock).is_storm()

    assert clock() == START
    assert catalogue.read("counters#us-east-1#2040-05-20T10") is None
