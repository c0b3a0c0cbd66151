"""An upload costs five write units at most, processing included, as DynamoDB bills them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.billing import UNIT, Meter, index_units, item_size
from domain.events import FileEvent
from domain.findings import Finding, FindingKind
from domain.rules import Rule
from handlers.data.catalogue import REMEMBERED_DELETIONS, REMEMBERED_EVENTS, Catalogue
from handlers.data.findings import Findings
from handlers.data.items import ANNOUNCED, Result
from handlers.data.storm_guard import StormGuard
from handlers.logic.announcer import Announcer
from handlers.logic.findings import finding_of
from handlers.logic.notifier import Notifier
from tests.advanced.conftest import Connect, Settle
from tests.advanced.stand_ins import Clock, Recorder
from tests.advanced.uploads import TIME, created, deleted, hidden
from tests.examples import a_finding

SYSTEM = "https://hooks.example.com/files"
COMMON_KEY = "invoices/2040/invoice-0423-acme-corp.pdf"
LONG_KEY = f"departments/{'x' * 184}.pdf"
FACTS = (
    ("Format", "JPEG"),
    ("Width", "4032"),
    ("Height", "3024"),
    ("Colours", "RGB"),
    ("Taken", "2040-05-20 09:58:11"),
)
MOST_KINDS: tuple[FindingKind, ...] = ("processed", "broken", "clean")
"""As many as one version has in practice: the outcome changed when it was processed again, and it was scanned."""
FOUND = Result(sha256="0123456789abcdef" * 4, content_type="image/jpeg", facts=FACTS)


def _upload(key: str, number: int = 1, **changes: Any) -> FileEvent:
    """Of the sizes that AWS really uses; a listing sorts by the time, which is another for each upload."""
    usual: dict[str, Any] = {
        "bucket": "file-notifications-uploads-1a2b3c4",
        "region": "ap-southeast-1",
        "version_id": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH",
        "time": f"2040-05-20T09:59:{number:02}.000Z",
        "by": "maria.mustermann@example.com",
    }
    return created(key, f"0055AED6DCD90281{number:02X}", **{**usual, **changes})


@pytest.fixture
def meter(catalogue: Catalogue, connect: Connect) -> Meter:
    return Meter(events=catalogue.client.meta.events, reader=connect("dynamodb"))


@pytest.fixture
def published_and_processed(catalogue: Catalogue, findings: Findings, clock: Clock):
    """Everything that one upload writes: claim with its index entry, guard, mark, result; and what announcing adds."""
    rules = (Rule(name="invoices", to=("ann@example.com",)),)
    guard = StormGuard(catalogue.client, catalogue.table, 1000, clock)
    notifier = Notifier(rules=rules, partition="aws", publish=Recorder(), catalogue=catalogue, guard=guard)

    def settle_and_process(event: FileEvent, *asking: Rule) -> None:
        """`asking` are the rules on findings."""
        assert notifier.notify(event, seconds_left=30) == "published"
        announcer = Announcer(findings=findings, rules=asking, publish=Recorder(), guard=guard)
        stored = catalogue.read(event.file_id)
        assert stored
        event = stored.event(found(FOUND))
        outcome = announcer.announce(event, FOUND.changes(TIME))
        assert outcome == ("published" if announcer.wants(event) else "unmatched")
        clock.advance(1)

    return settle_and_process


def found(result: Result) -> Finding:
    finding = finding_of(result, TIME)
    assert finding
    return finding


@pytest.fixture
def full_history(published_and_processed):
    """The file has been uploaded so often that its item remembers as many events as it ever does."""

    def upload(key: str) -> None:
        for number in range(1, REMEMBERED_EVENTS + 1):
            published_and_processed(_upload(key, number))

    return upload


def test_the_examples_are_of_the_sizes_they_are_named_for():
    assert (len(COMMON_KEY), len(LONG_KEY)) == (40, 200)


def test_sizes_follow_the_documented_rules():
    item = {"id": {"S": "é"}, "n": {"N": "-1234500"}, "f": {"L": [{"L": [{"S": "ab"}, {"BOOL": True}]}]}}

    # Name and text; name, three bytes of digits, one more, the sign; name, two lists of 3, an element each + content.
    assert item_size(item) == (2 + 2) + (1 + 3 + 1 + 1) + (1 + 3 + 1 + 3 + 1 + 2 + 1 + 1)


def test_a_common_item_with_all_its_events_and_results_stays_within_one_unit(full_history, item):
    full_history(COMMON_KEY)
    item = item(_upload(COMMON_KEY).file_id)

    assert {"facts", "sha256", "notified"} <= item.keys()
    assert len([name for name in item if name.startswith("e:")]) == REMEMBERED_EVENTS
    assert item_size(item) <= UNIT


def test_an_item_that_also_remembers_deleted_versions_and_findings_stays_within_one_unit(
    full_history, settle: Settle, findings: Findings, clock, item
):
    full_history(COMMON_KEY)
    upload = _upload(COMMON_KEY)
    newest = _upload(COMMON_KEY, REMEMBERED_EVENTS)
    for kind in MOST_KINDS:
        findings.mark(findings.claim(replace(newest, finding=a_finding(kind=kind)), {}, lease_seconds=30))
    for number in range(REMEMBERED_DELETIONS):
        clock.advance(1)
        settle(deleted(COMMON_KEY, f"FF{number}", version=f"w{number}", bucket=upload.bucket))

    assert len([name for name in item(upload.file_id) if name.startswith("gone:")]) == REMEMBERED_DELETIONS
    assert {ANNOUNCED[kind] for kind in MOST_KINDS} <= item(upload.file_id).keys()
    assert item_size(item(upload.file_id)) <= UNIT


def test_a_new_file_costs_five_write_units(published_and_processed, meter: Meter):
    published_and_processed(_upload(COMMON_KEY))

    ours, guards = _upload(COMMON_KEY).file_id, "counters#us-east-1#2040-05-20T10"
    # claim and index, guard, mark, result
    assert meter.units == [(ours, 1, 1), (guards, 1, 0), (ours, 1, 0), (ours, 1, 0)]
    assert meter.total == 5


def test_a_rule_of_systems_on_findings_costs_one_write_unit_more(published_and_processed, meter: Meter):
    published_and_processed(_upload(COMMON_KEY), Rule(name="ready", to=(SYSTEM,), events=("processed",)))

    assert meter.total == 6
    assert meter.units[-1] == (_upload(COMMON_KEY).file_id, 1, 0)  # the mark


def test_a_rule_of_people_on_findings_is_counted_by_the_storm_guard_as_well(published_and_processed, meter: Meter):
    published_and_processed(_upload(COMMON_KEY), Rule(name="ready", to=("ann@example.com",), events=("processed",)))

    assert [(name.partition("#")[0], units) for name, units, _ in meter.units[-2:]] == [
        ("counters", 1),
        (_upload(COMMON_KEY).file_id, 1),
    ]
    assert meter.total == 7


def test_a_rule_on_findings_costs_nothing_for_files_it_does_not_match(published_and_processed, meter: Meter):
    published_and_processed(_upload(COMMON_KEY), Rule(name="broken", to=(SYSTEM,), events=("broken",)))

    assert meter.total == 5


def test_the_first_upload_of_a_month_costs_one_unit_more_and_once(catalogue: Catalogue, meter: Meter):
    first, second = (Catalogue(catalogue.client, catalogue.table) for _ in range(2))
    for container in (first, first, second):
        container.claim(_upload(COMMON_KEY, time="2041-01-01T00:00:00.000Z"), lease_seconds=-1)

    assert [unit for unit in meter.units if unit[0].startswith("months#")] == [("months#us-east-1", 1, 0)]


def test_an_environment_asks_once_which_months_there_are(catalogue: Catalogue, clock: Clock):
    asked = []
    catalogue.client.meta.events.register(
        "before-call.dynamodb.GetItem", lambda params, **_: asked.append(params["body"])
    )
    environment = Catalogue(catalogue.client, catalogue.table, clock)

    for number in range(1, 4):
        environment.claim(_upload(COMMON_KEY, number), lease_seconds=30)

    assert len(asked) == 1


def test_a_new_file_with_a_long_key_costs_five_write_units(published_and_processed, meter: Meter):
    published_and_processed(_upload(LONG_KEY))

    assert meter.total == 5


def test_a_file_uploaded_again_costs_one_more_as_its_index_entry_moves(full_history, published_and_processed, meter):
    full_history(COMMON_KEY)
    meter.units.clear()
    published_and_processed(_upload(COMMON_KEY, REMEMBERED_EVENTS + 1))

    assert [(table, index) for _, table, index in meter.units] == [(1, 2), (1, 0), (1, 0), (1, 0)]


def test_an_event_that_is_late_writes_to_no_index(settle: Settle, meter: Meter):
    settle(_upload(COMMON_KEY, 2))
    meter.units.clear()
    settle(_upload(COMMON_KEY, 1))

    assert sum(index for _, _, index in meter.units) == 0


def test_a_duplicate_costs_one_write_unit(settle: Settle, meter: Meter):
    settle(_upload(COMMON_KEY))
    meter.units.clear()
    settle(_upload(COMMON_KEY))

    assert meter.total == 1


def test_a_removal_leaves_the_index_as_it_is(settle: Settle, meter: Meter):
    settle(_upload(COMMON_KEY))
    meter.units.clear()
    settle(hidden(COMMON_KEY, "FF", bucket="file-notifications-uploads-1a2b3c4"))

    assert meter.total == 2


def test_an_entry_of_the_index_costs_by_what_changes_in_it():
    entry = {"id": {"S": "a"}, "month": {"S": "2040-05"}, "arrived": {"S": "1"}, "size": {"N": "1"}}

    assert index_units({}, entry) == 1
    assert index_units(entry, {**entry, "notified": {"S": "digest"}}) == 0
    assert index_units(entry, {**entry, "size": {"N": "2"}}) == 1
    assert index_units(entry, {**entry, "arrived": {"S": "2"}}) == 2
    assert index_units(entry, {"id": {"S": "a"}}) == 1
