"""The malware gate: which files are handed out, in each setting and state, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from domain.access import EVERYTHING
from domain.events import file_id_of
from domain.scans import CHECKED_AFTER_SECONDS
from handlers.data.items import Scan
from handlers.logic.gate import Gate, NotCleanError, gate_of
from handlers.logic.responses import details_of, scan_of
from tests.examples import a_person
from tests.handlers.processing import BUCKET, an_item
from tests.handlers.test_read_only_files import OWN, api

BEGAN = datetime(2026, 11, 20, tzinfo=UTC)
UPLOADED = "2026-11-23T08:41:07.123Z"
BEFORE = "2026-11-19T08:41:07.123Z"


def scan(verdict, reason=""):
    return Scan(verdict=verdict, reason=reason, time="2026-11-23T08:41:20Z")


FILES = {
    "clean": an_item(time=UPLOADED, scan=scan("clean")),
    "infected": an_item(time=UPLOADED, scan=scan("infected", "EICAR-Test-File")),
    "pending": an_item(time=UPLOADED),
    "unscannable": an_item(time=UPLOADED, scan=scan("unscannable", "UNSUPPORTED")),
    "unscanned": an_item(time=BEFORE),
}
PASSES = {"off": set(FILES), "on": {"clean", "unscannable", "unscanned"}, "strict": {"clean"}}


def gate(mode, *, minutes=1):
    """A gate so many minutes after the upload."""
    now = datetime.fromisoformat(UPLOADED) + timedelta(minutes=minutes)
    return Gate(mode=mode, since={BUCKET: BEGAN}, clock=now.timestamp)


def refusal(mode, item, **options):
    with pytest.raises(NotCleanError) as refused:
        gate(mode, **options).check(item)
    return str(refused.value)


@pytest.mark.parametrize("state", FILES)
@pytest.mark.parametrize("mode", PASSES)
def test_a_file_passes_in_a_setting_or_is_refused(mode, state):
    assert gate(mode).is_open(FILES[state]) is (state in PASSES[mode])


@pytest.mark.parametrize("state", FILES)
def test_a_file_is_in_one_state(state):
    assert gate("on").state_of(FILES[state]) == state


def test_nothing_is_said_of_scans_where_there_are_none():
    assert all(scan_of(item, gate("off")) is None for item in FILES.values())


def test_a_removed_file_is_in_no_state():
    assert gate("strict").state_of(an_item(status="removed", time=UPLOADED)) is None


def test_a_result_counts_also_for_a_file_from_before_scanning():
    assert gate("on").state_of(an_item(time=BEFORE, scan=scan("infected", "x"))) == "infected"


def test_a_file_in_a_bucket_of_another_program_is_unscanned():
    assert gate("on").state_of(an_item(bucket="theirs", time=UPLOADED)) == "unscanned"


def test_a_file_whose_time_cannot_be_read_stays_behind_the_gate():
    assert gate("on").state_of(an_item(time="yesterday")) == "pending"


@pytest.mark.parametrize(
    ("mode", "item", "said"),
    [
        ("on", FILES["infected"], "is infected: EICAR-Test-File"),
        ("on", FILES["pending"], "is being scanned"),
        ("strict", FILES["unscannable"], r"could not be scanned for malware (UNSUPPORTED)"),
        ("strict", FILES["unscanned"], "was uploaded before files were scanned"),
        ("strict", an_item(bucket="theirs"), "in the bucket theirs, in which nothing is scanned"),
    ],
)
def test_a_refusal_says_why(mode, item, said):
    assert said in refusal(mode, item)


def test_a_file_without_a_result_for_long_is_no_longer_said_to_be_scanned():
    late = refusal("on", FILES["pending"], minutes=CHECKED_AFTER_SECONDS / 60 + 1)

    assert "has not been scanned for malware since its upload on 2026-11-23 08:41:07 UTC" in late


def test_the_name_of_a_threat_cannot_hide_what_is_said():
    assert "\u202e" not in refusal("on", an_item(scan=scan("infected", "a\u202eb")))


def test_a_refused_file_shows_no_preview_and_says_so():
    item = an_item(status="processed", content_type="image/png", time=UPLOADED)

    shown = details_of(item, EVERYTHING, scan=scan_of(item, gate("on")))

    assert (shown["scan"], "preview" in shown) == ({"state": "pending", "refused": True}, False)


def test_a_file_that_passes_is_marked_with_its_state():
    item = an_item(status="processed", content_type="image/png", time=UPLOADED, scan=scan("unscannable", "FAILED"))

    shown = details_of(item, EVERYTHING, scan=scan_of(item, gate("on")))

    assert (shown["scan"], shown["preview"]) == ({"state": "unscannable", "reason": "FAILED"}, "image")


def test_the_gate_is_read_from_the_environment():
    regions = [{"bucket": BUCKET, "scannedSince": "2026-11-20T00:00:00Z"}, {"bucket": "b"}, {}]

    made = gate_of("strict", regions)

    assert (made.mode, made.since) == ("strict", {BUCKET: BEGAN})


def test_a_setting_that_does_not_exist_opens_no_gate():
    with pytest.raises(ValueError, match="SCAN is 'maybe'; use off, on, strict"):
        gate_of("maybe", [])


@pytest.mark.parametrize("make_link", ["download_file", "preview_file"])
def test_every_operation_that_makes_a_link_asks_the_gate(make_link):
    files = replace(api(boto3.client("s3", region_name="eu-west-1")), gate=Gate(mode="strict"))

    with pytest.raises(NotCleanError, match="in which nothing is scanned"):
        getattr(files, make_link)(file_id_of(OWN, "in/a.pdf"), a_person("admins"))
