"""The watcher: what it counts as arrived, what it publishes, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from domain.expectations import Expectation
from handlers.logic.watcher import SmallMemory
from tests.examples import a_rule
from tests.watching import BUCKET, DENIED, Shelf, Watching

NOW = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
IN_TIME, BEFORE, AFTER = NOW - timedelta(hours=1), NOW - timedelta(hours=7), NOW + timedelta(minutes=5)


def expecting(files: int = 1, **rule):
    return a_rule(**{"name": "invoices", "prefix": "invoices/", "expect": Expectation(by="06:00", files=files), **rule})


@pytest.fixture
def watching() -> Watching:
    return Watching([expecting()])


def test_nothing_is_published_if_the_file_is_there(watching):
    watching.shelf.put("invoices/a.pdf", IN_TIME)

    assert (watching.check(NOW), watching.published) == ("met", [])


def test_a_missing_file_is_published_to_the_rules_own_recipients(watching):
    assert watching.check(NOW) == "missing"

    (notification,) = watching.published
    assert notification.subject == 'Missing: expected 1 file by 06:00, 0 arrived (rule "invoices")'
    assert notification.attributes == {
        "kind": "upload",
        "event": "missing",
        "rules": ("invoices",),
        "deliver": ("invoices",),
    }


@pytest.mark.parametrize("at", [BEFORE, AFTER, NOW - timedelta(hours=6)], ids=["before", "after", "at its start"])
def test_what_arrives_outside_of_the_window_does_not_count(watching, at):
    watching.shelf.put("invoices/a.pdf", at)

    assert watching.check(NOW) == "missing"


def test_what_arrives_at_the_end_is_in_time(watching):
    watching.shelf.put("invoices/a.pdf", NOW)

    assert watching.check(NOW) == "met"


@pytest.mark.parametrize(
    ("rule", "key", "size"),
    [
        ({"prefix": "other/"}, "invoices/a.pdf", 1),
        ({"suffix": ".csv"}, "invoices/a.pdf", 1),
        ({"min_bytes": 100}, "invoices/a.pdf", 99),
        ({"max_bytes": 100}, "invoices/a.pdf", 101),
        ({}, "invoices/", 0),
        ({"bucket": "scans"}, "invoices/a.pdf", 1),
    ],
    ids=["elsewhere", "another suffix", "too small", "too large", "a folder marker", "another bucket"],
)
def test_only_what_the_rule_matches_counts(rule, key, size):
    watching = Watching([expecting(**rule)])
    watching.shelf.put(key, IN_TIME, size)

    assert watching.check(NOW) == "missing"


def test_a_file_that_is_replaced_within_the_window_counts_once():
    watching = Watching([expecting(files=2)])
    watching.shelf.put("invoices/a.pdf", IN_TIME)
    watching.shelf.put("invoices/a.pdf", IN_TIME + timedelta(minutes=1))

    assert watching.check(NOW) == "missing"
    assert "expected 2 files by 06:00, 1 arrived" in watching.subjects[0]


def test_a_file_that_is_replaced_after_the_window_has_arrived_in_it(watching):
    watching.shelf.put("invoices/a.pdf", IN_TIME)
    watching.shelf.put("invoices/a.pdf", AFTER)

    assert watching.check(NOW) == "met"


def test_one_key_in_two_buckets_is_two_files():
    shelf = Shelf()
    watching = Watching([expecting(files=2)], sources=[shelf.source("here"), shelf.source("there")])
    shelf.put("invoices/a.pdf", IN_TIME)

    assert watching.check(NOW) == "met"


def test_letters_with_accents_are_found_however_they_were_typed():
    watching = Watching([expecting(prefix="Übergabe/")])
    watching.shelf.put("Übergabe/a.pdf", IN_TIME)

    assert watching.check(NOW) == "met"


@pytest.mark.parametrize(
    ("watched", "listed"),
    [
        (("",), ["invoices/"]),
        (("invoices/2026/",), ["invoices/2026/"]),
        (("in",), ["invoices/"]),
        (("scans/",), []),
    ],
)
def test_a_bucket_is_listed_where_it_is_watched_and_the_rule_looks(watched, listed):
    shelf = Shelf()
    watching = Watching([expecting()], sources=[shelf.source("scans", watched)])

    watching.check(NOW)

    assert [prefix for _, prefix in shelf.requests] == listed


def test_the_listing_ends_when_enough_has_arrived(watching):
    for number in range(20):
        watching.shelf.put(f"invoices/{number:02}.pdf", IN_TIME)

    watching.check(NOW)

    assert len(watching.shelf.requests) == 1


def test_a_search_that_ends_at_its_bound_says_so_to_people_and_systems():
    watching = Watching([expecting()], most=5)
    for number in range(20):
        watching.shelf.put(f"invoices/{number:02}.pdf", BEFORE)

    watching.check(NOW)

    (notification,) = watching.published
    assert "This is not certain: the search ended after 5 versions of files." in notification.text
    assert notification.payload is not None
    assert notification.payload["isComplete"] is False


def test_delete_markers_count_as_looked_at():
    """Folders that are emptied each day are full of them: pages without any version end the search as well."""
    watching = Watching([expecting()], most=5)
    for number in range(20):
        watching.shelf.remove(f"invoices/{number:02}.pdf", BEFORE)

    watching.check(NOW)

    assert "This is not certain: the search ended after 5 versions" in watching.published[0].text
    assert len(watching.shelf.requests) == 2


def test_a_bound_that_is_just_enough_is_no_bound():
    watching = Watching([expecting()], most=5)
    for number in range(5):
        watching.shelf.put(f"invoices/{number:02}.pdf", BEFORE)

    watching.check(NOW)

    assert "not certain" not in watching.published[0].text


def test_a_search_leaves_time_to_publish(watching):
    for number in range(20):
        watching.shelf.put(f"invoices/{number:02}.pdf", BEFORE)

    watching.check(NOW, seconds=5)

    assert "the search ended after 0 versions" in watching.published[0].text


def test_the_newest_file_until_the_end_is_named(watching):
    watching.shelf.put("invoices/older.pdf", BEFORE - timedelta(days=1))
    watching.shelf.put("invoices/newest.pdf", BEFORE)
    watching.shelf.put("invoices/too-late.pdf", AFTER)

    watching.check(NOW)

    assert "  Newest     invoices/newest.pdf, 2026-11-29 23:00:00 UTC\n" in watching.published[0].text


def test_a_window_is_published_once_however_often_it_is_due(watching):
    assert [watching.check(NOW) for _ in range(3)] == ["missing", "duplicate", "duplicate"]
    assert len(watching.published) == 1


def test_a_failure_is_raised_and_the_next_attempt_publishes(watching):
    watching.shelf.fails.append(DENIED)

    with pytest.raises(ClientError):
        watching.check(NOW)

    assert (watching.check(NOW), len(watching.published)) == ("missing", 1)


def test_an_attempt_that_fails_gives_the_window_back(watching, monkeypatch):
    released = []
    monkeypatch.setattr(SmallMemory, "release", lambda _, rule, window: released.append((rule, window.end)))
    watching.shelf.fails.append(DENIED)

    with pytest.raises(ClientError):
        watching.check(NOW)

    assert released == [("invoices", NOW)]


def test_an_attempt_that_comes_hours_later_looks_at_the_same_window(watching):
    watching.shelf.put("invoices/a.pdf", AFTER)

    assert watching.check(NOW) == "missing"
    assert "0 arrived" in watching.subjects[0]


def test_rules_whose_windows_end_together_are_published_one_after_the_other():
    rules = [expecting(name=f"rule {number}") for number in range(3)]
    watching = Watching(rules)

    for rule in rules:
        watching.check(NOW, rule.name)

    assert watching.paused == [0, 0.2, 0.4]


def test_a_time_at_which_nothing_is_expected_is_logged_and_no_more(watching):
    assert watching.check(NOW + timedelta(minutes=1)) is None
    assert [line for line, _ in watching.log.lines] == ["not expected"]


def test_a_rule_that_is_gone_expects_nothing(watching):
    assert watching.check(NOW, "a rule of yesterday") is None


def test_the_decision_is_one_line_in_the_log(watching):
    watching.check(NOW)

    assert watching.log.lines == [
        (
            "missing",
            {
                "rule": "invoices",
                "by": "2026-11-30 06:00 (UTC)",
                "expected": 1,
                "arrived": 0,
                "is_complete": True,
            },
        )
    ]


def test_systems_get_what_was_expected_in_utc(watching):
    watching.shelf.put("invoices/a.pdf", BEFORE)

    watching.check(NOW)

    assert watching.published[0].payload == {
        "schema": "file-notifications/missing/1",
        "rule": "invoices",
        "files": 1,
        "arrived": 0,
        "isComplete": True,
        "since": "2026-11-30T00:00:00Z",
        "by": "2026-11-30T06:00:00Z",
        "timeZone": "UTC",
        "prefix": "invoices/",
        "suffix": "",
        "buckets": [BUCKET],
        "newest": {"bucket": BUCKET, "key": "invoices/a.pdf", "time": "2026-11-29T23:00:00Z"},
    }
