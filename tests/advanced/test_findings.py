"""Findings in the table: claimed by the write that stores them, announced once for each version and kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.events import FileEvent
from domain.findings import FINDING_KINDS
from handlers.data.catalogue import REMEMBERED_EVENTS, Catalogue
from handlers.data.findings import Findings
from handlers.data.items import ANNOUNCED, Result
from handlers.data.leases import LeasedError
from tests.advanced.conftest import Settle
from tests.advanced.stand_ins import Clock
from tests.advanced.uploads import TIME, created, hidden
from tests.examples import a_finding

UPLOAD = created()
ID = UPLOAD.file_id
CHANGES = Result(sha256="ab" * 32, content_type="image/png").changes(TIME)


def found(kind: str = "processed", upload: FileEvent = UPLOAD) -> FileEvent:
    return replace(upload, finding=a_finding(kind=kind))


@pytest.fixture
def announced(findings: Findings) -> Callable[..., str]:
    """announced(event) claims and marks a finding, as one undisturbed function does. Returns the claim's outcome."""

    def claim_and_mark(event: FileEvent) -> str:
        claim = findings.claim(event, CHANGES, lease_seconds=30)
        if claim.outcome == "new":
            findings.mark(claim)
        return claim.outcome

    return claim_and_mark


def test_the_claim_is_the_write_that_stores_what_was_found(catalogue, findings, settle: Settle):
    settle(UPLOAD)
    findings.claim(found(), CHANGES, lease_seconds=30)

    item = catalogue.read(ID)
    assert (item.status, item.sha256, item.content_type, item.announced) == ("processed", "ab" * 32, "image/png", {})


def test_a_finding_is_announced_once(announced, settle: Settle):
    settle(UPLOAD)

    assert [announced(found()) for _ in range(3)] == ["new", "duplicate", "duplicate"]


def test_each_kind_of_finding_is_announced_once(announced, settle: Settle):
    settle(UPLOAD)

    outcomes = [announced(found(kind)) for kind in (*FINDING_KINDS, *FINDING_KINDS)]
    assert outcomes == ["new"] * 4 + ["duplicate"] * 4


def test_each_version_is_announced_once(announced, settle: Settle):
    newer = created(sequencer="20")
    settle(UPLOAD)
    outcomes = [announced(found())]
    settle(newer)
    outcomes += [announced(found(upload=newer)), announced(found(upload=newer))]

    assert outcomes == ["new", "new", "duplicate"]


def test_a_duplicate_is_written_all_the_same(catalogue, findings, announced, settle: Settle):
    settle(UPLOAD)
    announced(found())
    claim = findings.claim(found(), Result(sha256="cd" * 32).changes(TIME), lease_seconds=30)

    assert (claim.outcome, catalogue.read(ID).sha256) == ("duplicate", "cd" * 32)


@pytest.mark.parametrize("since", [created(sequencer="20"), hidden()], ids=["replaced", "removed"])
def test_of_a_file_that_has_moved_on_nothing_is_claimed_or_written(findings, settle: Settle, item, since):
    settle(UPLOAD)
    settle(since)
    before = item(ID)

    assert findings.claim(found(), CHANGES, lease_seconds=30).outcome == "superseded"
    assert item(ID) == before


def test_of_an_unknown_file_nothing_is_claimed_or_written(findings, item):
    assert findings.claim(found(), CHANGES, lease_seconds=30).outcome == "superseded"
    assert item(ID) == {}


def test_while_one_function_announces_it_no_other_can(catalogue, findings, clock: Clock, settle: Settle):
    settle(UPLOAD)
    findings.claim(found(), CHANGES, lease_seconds=30)

    with pytest.raises(LeasedError, match="processed 10 of"):
        findings.claim(found(), Result(sha256="cd" * 32).changes(TIME), lease_seconds=30)
    assert catalogue.read(ID).sha256 == "ab" * 32
    clock.advance(31)
    assert findings.claim(found(), CHANGES, lease_seconds=30).outcome == "new"


def test_after_a_release_it_can_be_claimed_at_once(findings, settle: Settle):
    settle(UPLOAD)
    findings.release(findings.claim(found(), CHANGES, lease_seconds=30))

    assert findings.claim(found(), CHANGES, lease_seconds=30).outcome == "new"


def test_a_finding_is_marked_though_a_newer_version_has_arrived_since(findings, settle: Settle, item):
    settle(UPLOAD)
    claim = findings.claim(found(), CHANGES, lease_seconds=30)
    settle(created(sequencer="20"))
    findings.mark(claim)

    assert list(item(ID)[ANNOUNCED["processed"]]) == ["S"]


def test_while_an_older_version_is_announced_the_newer_waits(findings, settle: Settle):
    settle(UPLOAD)
    older = findings.claim(found(), CHANGES, lease_seconds=30)
    newer = created(sequencer="20")
    settle(newer)

    with pytest.raises(LeasedError):
        findings.claim(found(upload=newer), CHANGES, lease_seconds=30)
    findings.mark(older)
    assert findings.claim(found(upload=newer), CHANGES, lease_seconds=30).outcome == "new"


def test_an_upload_that_is_claimed_again_after_a_crash_is_not_announced_again(
    catalogue: Catalogue, announced, clock: Clock
):
    catalogue.claim(UPLOAD, lease_seconds=30)
    announced(found())
    clock.advance(31)
    catalogue.claim(UPLOAD, lease_seconds=30)

    assert announced(found()) == "duplicate"


def test_findings_leave_the_memory_of_events_as_it_is(announced, settle: Settle, clock: Clock, item):
    for number in range(1, REMEMBERED_EVENTS + 1):
        clock.advance(1)
        upload = created(sequencer=f"{number:02X}")
        settle(upload)
        outcomes = [announced(found(kind, upload)) for kind in FINDING_KINDS]
        assert outcomes == ["new"] * 4

    assert sum(name.startswith("e:") for name in item(ID)) == REMEMBERED_EVENTS
