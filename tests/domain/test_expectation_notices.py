"""Notifications about expectations: what SNS accepts, people can trust and systems can parse."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from domain.digests import digest_notification
from domain.expectation_notices import digest_expected_earlier, expected_earlier, missing_notification
from domain.expectations import Expectation, Window
from domain.notifications import SMS_LIMIT, SUBJECT_LIMIT, Routing, upload_notification
from domain.shortfalls import MissingPayload, Shortfall, expected_in
from domain.wording import length
from tests.examples import TOPIC, a_file, a_rule

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA = json.loads((DOCS / "missing-schema.json").read_text())
FILE_SCHEMA = json.loads((DOCS / "notification-schema.json").read_text())
WINDOW = Window(
    start=datetime(2026, 11, 29, 23, 0, tzinfo=UTC), end=datetime(2026, 11, 30, 5, 0, tzinfo=UTC), zone="Europe/Berlin"
)
RULE = a_rule(name="invoices", prefix="invoices/", suffix=".pdf", expect=Expectation(by="06:00"))

anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


def shortfall(**changes) -> Shortfall:
    return Shortfall(**{"rule": "invoices", "window": WINDOW, "files": 1, "arrived": 0, **changes})


def problems(payload, schema=SCHEMA):
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(json.loads(json.dumps(payload)))]


def test_the_mail_says_what_was_expected_and_what_is_there():
    notification = missing_notification(
        RULE, shortfall(), buckets=["uploads"], newest=a_file(key="invoices/a.pdf", time="2026-11-27T04:51:07Z")
    )

    assert notification.subject == 'Missing: expected 1 file by 06:00, 0 arrived (rule "invoices")'
    assert (
        notification.text
        == """\
Missing: expected 1 file by 06:00, 0 arrived.

  Files      invoices/*.pdf
  Expected   1 by 2026-11-30 06:00 (Europe/Berlin)
  Arrived    0 since 2026-11-30 00:00
  Newest     invoices/a.pdf, 2026-11-27 04:51:07 UTC
  Bucket     uploads

You get this because rule "invoices" expects 1 file.
"""
    )
    assert notification.sms == "Missing: expected 1 file by 06:00, 0 arrived (invoices)"


def test_the_payloads_type_has_the_properties_of_the_published_schema():
    assert set(get_type_hints(MissingPayload)) == set(SCHEMA["properties"]) == set(SCHEMA["required"])
    assert problems(SCHEMA["examples"][0]) == []


@given(anything, anything, st.none() | st.integers(0, 50_000), st.integers(1, 10_000))
def test_whatever_the_files_are_called_sns_accepts_it_and_systems_can_parse_it(prefix, key, searched, files):
    rule = a_rule(name="x" * 50, prefix=prefix, expect=Expectation(by="06:00", files=files))
    newest = a_file(key=key)

    notification = missing_notification(
        rule, shortfall(rule=rule.name, files=files), buckets=["a", "b"], newest=newest, searched=searched
    )
    request = notification.publish_request(TOPIC)

    assert length(request["Subject"]) <= SUBJECT_LIMIT
    assert length(notification.sms) <= SMS_LIMIT
    assert request["Subject"].isprintable()
    assert problems(notification.payload) == []
    facts = notification.text.split("\n\n")[1]
    assert len(facts.splitlines()) == len(facts.split("\n")) == 5  # no key breaks a line


def test_a_file_that_comes_too_late_says_when_it_was_expected():
    event = a_file(key="invoices/a.pdf")
    before = upload_notification(event, [RULE], Routing(deliver=("invoices",)), partition="aws")

    notification = expected_earlier(before, [shortfall()])

    assert notification.subject == "a.pdf arrived in invoices (182 KB), expected by 06:00"
    assert notification.text.startswith(
        "a.pdf arrived in invoices.\n\n"
        'Expected by 2026-11-30 06:00 (Europe/Berlin): 0 of 1 file had arrived then (rule "invoices").\n\n'
        "  File       invoices/a.pdf\n"
    )
    assert notification.payload is not None
    assert notification.payload["expected"] == [
        {"rule": "invoices", "by": "2026-11-30T05:00:00Z", "files": 1, "arrived": 0}
    ]
    assert problems(notification.payload, FILE_SCHEMA) == []
    assert notification.attributes == before.attributes


def test_a_file_that_nobody_waited_for_is_notified_as_ever():
    notification = upload_notification(a_file(), [RULE], Routing(), partition="aws")

    assert expected_earlier(notification, []) is notification


def test_nothing_is_added_to_the_payload_of_a_digest():
    digest = digest_notification([a_file(), a_file(key="b")], RULE)

    assert expected_earlier(digest, [shortfall()]).payload == digest.payload


@given(anything)
def test_a_long_name_leaves_room_for_the_time(key):
    notification = upload_notification(a_file(key=key * 3), [RULE], Routing(), partition="aws")

    late = expected_earlier(notification, [shortfall()])

    assert late.subject.endswith(", expected by 06:00")
    assert length(late.subject) <= SUBJECT_LIMIT
    assert length(late.sms) <= SMS_LIMIT


def test_a_digest_says_for_which_windows_files_came_too_late():
    digest = digest_notification([a_file(), a_file(key="b")], RULE)

    noted = digest_expected_earlier(digest, [shortfall().as_payload()] * 2)

    assert noted.text.count("Expected by 2026-11-30 05:00:00 UTC: 0 of 1 had arrived then.\n\n") == 1
    assert noted.attributes == digest.attributes


values = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(values.filter(lambda value: value != []))
def test_what_a_message_says_of_expectations_is_what_is_written_or_refused(value):
    with pytest.raises(ValueError, match="which no message of this system has"):
        expected_in({"expected": value})


def test_what_is_sent_of_expectations_is_read_back():
    assert expected_in({"expected": [shortfall().as_payload()]}) == (shortfall().as_payload(),)
    assert expected_in({}) == ()
