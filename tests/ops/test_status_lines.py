"""The lines of `status`, and when it needs attention."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.rules import Rule
from handlers.data.items import Item
from handlers.data.listing import Listing, Page
from ops import status
from ops.reading.activity import Activity
from ops.reading.recipients import subscribers
from tests.ops.parts import ADVANCED, BUCKET, EVERY_FILE, REGION, a_stack, a_subscription, deployed

STACK = a_stack()


def test_counts_are_a_sum():
    counts = {"Received": 1204, "Published": 1198, "Unmatched": 4, "Duplicate": 2}

    line = status._delivering_line(Activity(source="metrics", counts=counts), STACK)

    assert line.mark == "fine"
    assert line.text == "1,204 received today = 1,198 notified + 4 without rule + 2 duplicates"


def test_counts_from_a_log_name_their_source():
    line = status._delivering_line(Activity(source="logs", counts={}), STACK)

    assert line.text == "0 received today = 0 notified   (from the log: the emulator has no metrics)"


@pytest.mark.parametrize(("lost", "text"), [(1, "1 event is"), (2, "2 events are")])
def test_events_without_an_outcome_need_attention(lost, text):
    line = status._delivering_line(Activity(source="metrics", counts={}, settled={"Received": lost}), STACK)

    assert line.mark == "attention"
    assert f"{text} unaccounted for" in line.text
    assert line.fixes == ["python -m ops doctor --stack dev"]


def at(minute):
    return datetime(2026, 11, 23, 8, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counts", "last", "mark"),
    [
        ({"Failed": 3}, {"Failed": at(5)}, "broken"),
        ({"Failed": 3, "Published": 1}, {"Failed": at(5), "Published": at(4)}, "broken"),
        ({"Failed": 3, "Published": 1}, {"Failed": at(5), "Published": at(5)}, "fine"),
        ({"Failed": 3, "Unmatched": 1}, {"Failed": at(5), "Unmatched": at(6)}, "fine"),
        ({}, {"Failed": at(5)}, "fine"),  # on another day
    ],
)
def test_failed_attempts_after_which_nothing_succeeded_are_no_delivery(counts, last, mark):
    line = status._delivering_line(Activity(source="metrics", counts=counts, last=last), STACK)

    assert line.mark == mark
    assert line.fixes == (["python -m ops doctor --stack dev"] if mark == "broken" else [])


def test_a_missing_function_is_reported():
    assert status._delivering_line(None, STACK).mark == "broken"


@pytest.mark.parametrize(
    ("subscriptions", "text", "fix"),
    [
        ([a_subscription()], "1 confirmed", None),
        (
            [a_subscription(is_pending=True)],
            "0 confirmed   1 pending: ann@example.com",
            "python -m ops confirm LINK --stack dev",
        ),
        ([], "0 confirmed   1 gone: ann@example.com", "python -m ops doctor --stack dev"),
    ],
)
def test_people_are_confirmed_pending_or_gone(subscriptions, text, fix):
    (line,) = status._subscriber_lines(subscribers([EVERY_FILE], subscriptions), "people", "", STACK)

    assert line.text == text
    assert (line.mark, line.fixes) == (("attention", [fix]) if fix else ("fine", []))


def test_a_missing_topic_is_reported_once():
    assert len(status._subscriber_lines(None, "people", "the topic is missing", STACK)) == 1
    assert status._subscriber_lines(None, "systems", None, STACK) == []


def test_rules_without_people_are_reported():
    (line,) = status._subscriber_lines([], "people", "", STACK)

    assert (line.mark, line.text) == ("unknown", "no rule names any")


def test_a_recipient_of_several_rules_is_one_subscriber():
    rules = [EVERY_FILE, Rule(name="invoices", to=("ann@example.com", "+84901234567"))]

    ann, phone = subscribers(rules, [a_subscription()])

    assert (ann.rules, ann.state) == (("every file", "invoices"), "confirmed")
    assert (phone.recipient.protocol, phone.state) == ("sms", "gone")


@pytest.mark.parametrize(
    ("waiting", "failed", "mark", "fix"),
    [
        ({"work": 3}, {"failed-events": 0}, "fine", None),
        ({"work": 3}, {"failed-events": 2}, "attention", "python -m ops replay --dry-run --stack dev"),
        ({"work": None}, {"failed-events": 0}, "broken", "python -m ops doctor --stack dev"),
        ({"work": 3}, {"failed-events": None}, "broken", "python -m ops doctor --stack dev"),
        ({}, {"failed-events": 0}, "fine", None),
    ],
)
def test_failed_messages_need_attention(waiting, failed, mark, fix):
    line = status._queues_line(waiting, failed, STACK)

    assert line.mark == mark
    assert line.fixes == ([fix] if fix else [])


def test_the_newest_file_is_shown_safely():
    newest = {"key": "a\n[red]b", "time": "2026-11-23T11:58:00Z", "status": "processed", "notified": "digest"}

    line = status._newest_line(newest, datetime(2026, 11, 23, 12, tzinfo=UTC), STACK)

    assert line.text == "a\\u000a[red]b, 2 min ago: processed, in a digest"


class Catalogue:
    """A listing that hands out these pages; each but the last has a cursor."""

    def __init__(self, *pages):
        self.pages = pages

    latest = Listing.latest

    def newest(self, _limit, cursor):
        number = int(cursor or 0)
        following = str(number + 1) if number + 1 < len(self.pages) else None
        return Page(items=self.pages[number], cursor=following)


def newest_of(*pages):
    return status._newest(deployed(a_stack(ADVANCED), table={}, listing=Catalogue(*pages)))


FILE = Item(
    id="1", bucket=BUCKET, key="a.pdf", region=REGION, status="processed", order="", time="2026-11-23T11:58:00Z"
)


def test_the_newest_file_is_found_behind_pages_of_removed_ones():
    assert newest_of((), (), (FILE,))["key"] == "a.pdf"


def test_a_catalogue_without_files_has_no_newest_file():
    assert newest_of(()) is None
    assert status._newest_line(None, datetime.now(UTC), STACK).text == "none"


def test_a_newest_file_that_is_not_found_within_bounds_is_unknown():
    newest = newest_of(*[()] * 100, (FILE,))

    assert newest == "unknown"
    assert status._newest_line(newest, datetime.now(UTC), STACK).text.startswith("unknown: all the newest files")


def test_the_newest_file_says_which_bucket_it_is_in_where_there_are_several():
    watching = a_stack({**ADVANCED, "existingBuckets": [{"name": "scans", "prefixes": [], "ruleName": "r"}]})
    newest = {"bucket": "scans", "key": "a", "time": "2026-11-23T11:58:00Z", "status": "processed", "notified": "none"}

    line = status._newest_line(newest, datetime(2026, 11, 23, 12, tzinfo=UTC), watching)

    assert line.text.startswith("a in scans, 2 min ago")
