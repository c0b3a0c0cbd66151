"""What `status` says, and when it asks for attention."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.rules import Rule
from ops import status
from ops.reading.activity import Activity
from ops.reading.people import listeners
from tests.ops.parts import EVERY_FILE, a_stack, a_subscription

STACK = a_stack()


def test_counts_are_said_as_a_sum():
    counts = {"Received": 1204, "Published": 1198, "Unmatched": 4, "Duplicate": 2}

    line = status._delivering_line(Activity(source="metrics", counts=counts), STACK)

    assert line.mark == "fine"
    assert line.text == "1,204 handed over today = 1,198 told + 4 without rule + 2 duplicates"


def test_counts_that_come_from_a_log_say_so():
    line = status._delivering_line(Activity(source="logs", counts={}), STACK)

    assert line.text == "0 handed over today = 0 told   (from the log: the embedded AWS keeps no metrics)"


def test_events_that_ended_nowhere_need_attention():
    line = status._delivering_line(Activity(source="metrics", counts={}, settled={"Received": 2}), STACK)

    assert line.mark == "attention"
    assert "2 events are unaccounted for" in line.text
    assert line.fixes == ["python -m ops doctor --stack dev"]


def test_a_missing_function_is_said():
    assert status._delivering_line(None, STACK).mark == "broken"


@pytest.mark.parametrize(
    ("found", "text", "fix"),
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
def test_people_are_confirmed_pending_or_gone(found, text, fix):
    (line,) = status._listening_lines(listeners([EVERY_FILE], found), "people", "", STACK)

    assert line.text == text
    assert line.fixes == ([fix] if fix else [])


def test_a_missing_topic_is_said_once():
    assert len(status._listening_lines(None, "people", "the topic is missing", STACK)) == 1
    assert status._listening_lines(None, "machines", None, STACK) == []


def test_rules_without_people_are_said():
    (line,) = status._listening_lines([], "people", "", STACK)

    assert (line.mark, line.text) == ("unknown", "no rule names any")


def test_one_recipient_of_several_rules_is_one_listener():
    rules = [EVERY_FILE, Rule(name="invoices", to=("ann@example.com", "+84901234567"))]

    ann, phone = listeners(rules, [a_subscription()])

    assert (ann.rules, ann.state) == (("every file", "invoices"), "confirmed")
    assert (phone.recipient.protocol, phone.state) == ("sms", "gone")


@pytest.mark.parametrize(
    ("waiting", "kept", "mark", "fix"),
    [
        ({"work": 3}, {"failed-events": 0}, "fine", None),
        ({"work": 3}, {"failed-events": 2}, "attention", "python -m ops replay --dry-run --stack dev"),
        ({"work": None}, {"failed-events": 0}, "broken", "python -m ops doctor --stack dev"),
        ({}, {"failed-events": 0}, "fine", None),
    ],
)
def test_queues_need_attention_once_they_keep_something(waiting, kept, mark, fix):
    line = status._queues_line(waiting, kept, STACK)

    assert line.mark == mark
    assert line.fixes == ([fix] if fix else [])


def test_the_newest_file_is_shown_safely():
    newest = {"key": "a\n[red]b", "time": "2026-11-23T11:58:00Z", "status": "processed", "told": "digest"}

    line = status._newest_line(newest, datetime(2026, 11, 23, 12, tzinfo=UTC))

    assert line.text == "a\\u000a[red]b, 2 min ago: processed, in a digest"
