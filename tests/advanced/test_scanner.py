"""Results of malware scans: written, and announced once, whatever comes first, twice, late, or ends in a crash."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from domain.rules import Rule
from domain.scans import SCAN_CHECK_SCHEMA, ScanResult
from handlers.data.items import Result
from handlers.data.scan_verdicts import ScanVerdicts
from handlers.logic.announcer import Announcer
from handlers.logic.scanner import Scanner
from tests.advanced.uploads import BUCKET, TIME, created, hidden

UPLOAD = created()
CHECK = {"schema": SCAN_CHECK_SCHEMA, "id": UPLOAD.file_id, "versionId": UPLOAD.version_id}
RULES = (
    Rule(name="infected", to=("security@example.com",), events=("infected",)),
    Rule(name="clean images", to=("ann@example.com",), events=("clean",), content_type="image/*"),
)


def result(verdict="infected", *, version="v10", reason="EICAR", time="2040-05-20T10:00:10Z"):
    return ScanResult(bucket=BUCKET, key=UPLOAD.key, version_id=version, verdict=verdict, reason=reason, time=time)


class Topic:
    """Takes notifications, but for the next `refuses`."""

    def __init__(self):
        self.taken, self.refuses = [], 0

    def publish(self, notification):
        if self.refuses:
            self.refuses -= 1
            raise ClientError({"Error": {"Code": "InternalError", "Message": ""}}, "Publish")
        self.taken.append(notification)

    @property
    def subjects(self):
        return [notification.subject.split(":")[0] for notification in self.taken]


@pytest.fixture
def topic():
    return Topic()


@pytest.fixture
def later():
    return []


@pytest.fixture
def scanner(catalogue, findings, topic, later):
    return Scanner(
        catalogue=catalogue,
        verdicts=ScanVerdicts(catalogue.client, catalogue.table, catalogue.clock),
        announcer=Announcer(findings=findings, rules=RULES, publish=topic.publish),
        check_later=later.append,
    )


@pytest.fixture
def inspect(findings):
    """inspect() writes what an inspection found of the upload."""

    def write(event=UPLOAD, content_type="text/plain", **result):
        found = Result(**{"sha256": "ab" * 32, "content_type": content_type, **result}).changes(TIME)
        assert findings.write(event.file_id, event.order, found)

    return write


def test_an_inspected_file_that_is_infected_is_announced_with_threat_and_facts(scanner, settle, inspect, topic):
    settle(UPLOAD)
    inspect()

    decision = scanner.record(result())

    assert (decision.name, decision.reason, decision.announced) == ("infected", "EICAR", "infected")
    (notification,) = topic.taken
    assert "EICAR" in notification.text
    assert "ab" * 32 in json.dumps(notification.payload)


@pytest.mark.parametrize("verdict", ["clean", "infected"])
@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ({}, None),
        ({"failure": ("broken", "Cut off.")}, {"code": "broken", "message": "Cut off."}),
        (
            {"facts": (("Extension", "says .pdf, content is a PNG image"),)},
            {"code": "mismatch", "message": "The name says .pdf, the content is a PNG image."},
        ),
    ],
)
def test_a_verdict_says_what_the_inspection_found_wrong(scanner, settle, inspect, topic, verdict, found, problem):
    settle(UPLOAD)
    inspect(content_type="image/png", **found)

    scanner.record(result(verdict, reason=""))

    (notification,) = topic.taken
    assert notification.payload["problem"] == problem
    assert notification.payload["content"]["type"] == "image/png"


def test_of_a_file_that_could_not_be_read_a_verdict_has_no_content(scanner, settle, inspect, topic):
    settle(UPLOAD)
    inspect(content_type="", sha256="", failure=("too-large", "The file has 6.0 GB; up to 5.0 GB are inspected."))

    scanner.record(result())

    (notification,) = topic.taken
    assert notification.payload["content"] == {"sha256": None, "type": None, "facts": []}
    assert notification.payload["problem"] is None


def test_a_result_before_the_inspection_waits_for_it_and_is_announced_then(scanner, settle, inspect, topic):
    settle(UPLOAD)
    scanner.record(result())
    assert topic.taken == []

    inspect()
    assert scanner.follow(CHECK) == "infected"
    assert topic.subjects == ["infected"]


def test_a_result_before_the_upload_is_announced_after_the_inspection(scanner, settle, inspect, topic):
    scanner.record(result())
    settle(UPLOAD)
    inspect()
    scanner.follow(CHECK)

    assert topic.subjects == ["infected"]


def test_a_result_is_announced_once_however_often_anything_is_delivered(scanner, settle, inspect, topic):
    settle(UPLOAD)
    inspect()
    for _ in range(3):
        scanner.record(result())
        scanner.follow(CHECK)
        scanner.check(CHECK)

    assert topic.subjects == ["infected"]


def test_what_could_not_be_published_is_announced_by_the_next_delivery(scanner, settle, inspect, topic):
    settle(UPLOAD)
    inspect()
    topic.refuses = 1
    with pytest.raises(ClientError, match="InternalError"):
        scanner.record(result())

    scanner.record(result())

    assert topic.subjects == ["infected"]


@pytest.mark.parametrize(("content_type", "announced"), [("image/png", ["clean"]), ("text/plain", [])])
def test_a_rule_on_a_type_is_asked_once_the_type_is_known(scanner, settle, inspect, topic, content_type, announced):
    settle(UPLOAD)
    scanner.record(result("clean", reason=""))
    inspect(content_type=content_type)
    scanner.follow(CHECK)

    assert topic.subjects == announced


def test_a_file_that_was_infected_and_later_is_not_is_announced_as_both(scanner, settle, inspect, topic):
    settle(UPLOAD)
    inspect(content_type="image/png")
    scanner.record(result())
    scanner.record(result("clean", reason="", time="2040-05-21T10:00:10Z"))

    assert topic.subjects == ["infected", "clean"]


def test_the_result_of_a_replaced_version_is_not_announced(scanner, settle, inspect, topic):
    newer = created(sequencer="20")
    settle(UPLOAD)
    settle(newer)
    inspect(newer)

    scanner.record(result())

    assert topic.taken == []


def test_the_result_of_a_removed_file_is_not_announced(scanner, settle, inspect, topic):
    settle(UPLOAD)
    inspect()
    settle(hidden())

    scanner.record(result())

    assert topic.taken == []


def test_a_later_scan_is_not_overwritten_by_an_earlier_one(scanner, settle, inspect):
    settle(UPLOAD)
    inspect()
    scanner.record(result(time="2040-05-21T10:00:10Z"))

    decision = scanner.record(result("clean", reason=""))

    assert (decision.name, decision.reason) == ("skipped", "a later scan is known")


def test_an_upload_without_a_result_is_looked_for_later(scanner, settle, inspect, later):
    settle(UPLOAD)
    inspect()

    assert scanner.follow(CHECK) == ""
    assert later == [CHECK]


def test_an_upload_with_a_result_is_not_looked_for_later(scanner, settle, inspect, later):
    settle(UPLOAD)
    scanner.record(result("clean", reason=""))
    inspect()
    scanner.follow(CHECK)

    assert later == []


def test_a_file_without_a_result_is_unscanned_when_it_is_looked_for(scanner, settle, inspect):
    settle(UPLOAD)
    inspect()

    assert scanner.check(CHECK).name == "unscanned"


@pytest.mark.parametrize(
    ("events", "reason"),
    [([], "no such file"), ([UPLOAD, created(sequencer="20")], "superseded"), ([UPLOAD, hidden()], "removed")],
)
def test_a_file_that_is_no_longer_there_needs_no_result(scanner, settle, later, events, reason):
    for event in events:
        settle(event)

    decision = scanner.check(CHECK)

    assert (decision.name, decision.reason) == ("skipped", reason)
    assert scanner.follow(CHECK) == ""
    assert later == []


@pytest.mark.parametrize(
    ("reason", "name"), [("FAILED", "unscanned"), ("ACCESS_DENIED", "unscanned"), ("UNSUPPORTED", "unscannable")]
)
def test_a_scan_that_fails_is_the_operators_matter_and_a_closed_file_is_not(scanner, settle, inspect, reason, name):
    settle(UPLOAD)
    inspect()

    assert scanner.record(result("unscannable", reason=reason)).name == name
