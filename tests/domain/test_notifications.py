"""For every file name, the notification is one that SNS accepts, people can trust and systems can parse."""

from __future__ import annotations

import json
import re
import string
import unicodedata
from functools import cache
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from domain.digests import digest_notification
from domain.envelopes import raw_records
from domain.findings import FINDING_KINDS, Problem
from domain.messages import event_of, upload_payload_in
from domain.notifications import (
    Notification,
    NotificationTooLargeError,
    Routing,
    upload_notification,
)
from domain.s3_events import file_event
from domain.wording import length, visible
from tests.examples import TOPIC, a_file, a_finding, a_rule, golden

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "notification-schema.json").read_text())
SNS_LIMIT = 262_144
FAMILY = "👨‍👩‍👧‍👦"

nasty = st.text(
    st.sampled_from("ab /.\n\r\t\0\x85\u2028\u202e\u2066\u200b\u200d\u0301é日🚀🇻🇳👨‍👩‍👧\\\"'<&+%"),
    min_size=1,
    max_size=250,
)
anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=250)
keys = (nasty | anything).filter(lambda key: len(key.encode()) <= 1024)
findings = st.builds(
    lambda kind, text, many: a_finding(
        kind=kind,
        content_type=text[:100],
        facts=tuple((text, value) for value in many),
        problem=Problem(code="broken", message=text) if kind == "broken" else None,
        threats=tuple(many) if kind == "infected" else (),
    ),
    st.sampled_from(FINDING_KINDS),
    nasty | anything,
    st.lists(nasty | anything, max_size=20),
)
things = st.sampled_from(["created", "removed", "restored"]).map(lambda action: {"action": action}) | findings.map(
    lambda finding: {"finding": finding}
)
events = st.builds(
    lambda key, size, by, version, kind: a_file(key=key, size=size, by=by, version_id=version, **kind),
    keys,
    st.none() | st.integers(0, 50 * 2**40),
    nasty | st.just(""),
    st.just("") | st.just("3sL4kqtJlcpXroDTDmJ"),
    things,
)


def notification_of(event, *rules, partition="aws"):
    rules = rules or (a_rule(),)
    people = tuple(rule.name for rule in rules if rule.notifies_people)
    return upload_notification(event, rules, Routing(deliver=people), partition=partition)


@cache
def sns_client():
    return boto3.client("sns", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")


def as_sns_counts(request):
    """SNS counts the message and its attributes: names, types and values."""
    attributes = request["MessageAttributes"]
    return len(request["Message"].encode()) + sum(
        len(f"{name}{value['DataType']}{value['StringValue']}".encode()) for name, value in attributes.items()
    )


@given(events)
def test_every_subject_has_fewer_than_a_hundred_characters(event):
    assert 0 < length(notification_of(event).subject) < 100


@given(events)
def test_no_subject_holds_a_control_character_or_a_line_break(event):
    subject = notification_of(event).subject

    assert [char for char in subject if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"}] == []
    assert subject.splitlines() == [subject]


@given(events)
@example(a_file(key="🚀.pdf"))
@example(a_file(key="\u0301.pdf"))
@example(a_file(key="\u200d.pdf"))
@example(a_file(key="   "))
def test_every_subject_starts_with_a_letter_a_number_or_punctuation(event):
    first = notification_of(event).subject[0]

    assert unicodedata.category(first)[0] in "LNP" or first in string.punctuation


@given(events)
@example(a_file(key=" /x", action="removed", name="ObjectRemoved:Delete", size=None))
@example(a_file(key="folder /x", action="removed", name="ObjectRemoved:Delete", size=None))
def test_no_subject_starts_or_ends_with_a_space(event):
    subject = notification_of(event).subject

    assert subject == subject.strip()


@given(events)
def test_nothing_in_a_mail_hides_or_reorders_text(event):
    notification = notification_of(event)
    joiners = "\u200c\u200d"

    shown = notification.subject + notification.text.replace("\n", "") + notification.sms

    assert [
        char for char in shown if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} and char not in joiners
    ] == []


@given(events)
def test_no_name_can_add_a_line_to_a_mail(event):
    harmless = a_file(**{**vars(event), "key": "a/b", "by": "x" if event.by else ""})

    assert len(notification_of(event).text.splitlines()) == len(notification_of(harmless).text.splitlines())


@given(events)
def test_every_mail_shows_the_whole_key(event):
    shown = [line.removeprefix("  File ").lstrip() for line in notification_of(event).text.split("\n")]

    assert visible(event.key).lstrip() in shown


@given(events)
def test_every_sms_is_one_message(event):
    assert 0 < length(notification_of(event).sms) <= 70


@pytest.mark.parametrize("characters", [120, 1024])
def test_a_long_key_is_cut_in_the_subject_and_whole_in_the_body(characters):
    key = "x" * (characters - 4) + ".pdf"
    notification = notification_of(a_file(key=key))

    assert length(notification.subject) == 99
    assert notification.subject.endswith("… arrived (182 KB)")
    assert key in notification.text


def test_a_long_folder_leaves_room_for_the_name():
    notification = notification_of(a_file(key=f"{'folder/' * 40}invoice-0423.pdf"))

    assert notification.subject.startswith("invoice-0423.pdf arrived in folder/folder/")
    assert notification.subject.endswith("…")


@pytest.mark.parametrize("cluster", [FAMILY, "🇻🇳", "e\u0323\u0302", "🏳️‍🌈"])
def test_a_subject_never_shows_half_an_emoji(cluster):
    name = notification_of(a_file(key=f"x{cluster * 40}")).subject.split("…")[0].removeprefix("x")

    assert name == cluster * (len(name) // len(cluster))
    assert name


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("s3_put", "arrived in reports"),
        ("s3_delete_marker", "was removed from reports"),
        ("s3_delete", "summary.pdf: a version was permanently deleted from reports"),
        ("s3_lifecycle_expiration", "was removed from logs/2025"),
        ("s3_restore_completed", "was restored in archive/2019"),
        ("eventbridge_deleted", "was removed"),
    ],
)
def test_the_subject_says_what_happened(name, verb):
    (raw,) = raw_records(golden(name))

    assert verb in notification_of(file_event(raw)).subject


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("current", "summary.pdf was permanently deleted from reports"),
        ("old", "summary.pdf: an old version was permanently deleted from reports"),
        ("unknown", "summary.pdf: a version was permanently deleted from reports"),
    ],
)
def test_the_deletion_of_a_version_says_which_one_as_far_as_it_is_known(version, said):
    (raw,) = raw_records(golden("s3_delete"))
    event = file_event(raw)

    notification = upload_notification(event, [a_rule()], Routing(), partition="aws", version=version)

    assert notification.subject == said
    assert notification.text.startswith(f"{said}.\n")


def test_a_deletion_in_a_bucket_without_versions_is_the_files():
    event = a_file(action="removed", name="ObjectRemoved:Delete", size=None, version_id="", key="a/b.pdf")

    assert notification_of(event).subject == "b.pdf was permanently deleted from a"


def test_the_reason_names_only_rules_of_people():
    systems = a_rule(name="systems", to=("https://hooks.example.com/",))

    notification = notification_of(a_file(), a_rule(), systems)

    assert '"systems"' not in notification.text


def test_every_rule_that_notifies_a_person_is_named():
    notification = notification_of(
        a_file(), a_rule(name="a"), a_rule(name="b", suffix=".pdf"), a_rule(name="c", prefix="invoices/")
    )

    assert notification.text.endswith(
        'because rule "a" matches every file, rule "b" matches *.pdf and rule "c" matches invoices/*.\n'
    )


@given(events)
def test_every_publish_request_is_one_that_sns_understands(event):
    request = notification_of(event).publish_request(TOPIC)

    with Stubber(sns_client()) as sns:
        sns.add_response("publish", {"MessageId": "1"}, request)
        assert sns_client().publish(**request)["MessageId"] == "1"


@given(events)
def test_people_get_text_and_systems_of_any_protocol_the_payload(event):
    notification = notification_of(event)
    texts = json.loads(notification.publish_request(TOPIC)["Message"])

    assert set(texts) == {"default", "email", "sms"}
    assert texts["email"] == notification.text
    assert texts["sms"] == notification.sms
    assert json.loads(texts["default"]) == notification.payload


@given(events)
def test_every_notification_is_within_what_sns_accepts(event):
    assert as_sns_counts(notification_of(event).publish_request(TOPIC)) <= SNS_LIMIT


@pytest.mark.parametrize("char", ["x", "\0", "\u202e", '"', "đ", "🚀"])
def test_the_longest_key_that_matches_a_hundred_rules_can_be_published(char):
    key = char * (1024 // len(char.encode()))
    rules = [a_rule(name=f"rule {number}", prefix=key, suffix=key) for number in range(100)]

    request = notification_of(a_file(key=key), *rules).publish_request(TOPIC)

    assert as_sns_counts(request) <= SNS_LIMIT


def test_a_digest_of_the_longest_findings_can_be_published():
    finding = a_finding(kind="infected", threats=("🚀" * 500,) * 50, facts=(("é" * 500, "đ" * 500),) * 50)

    digest = digest_notification([a_file(key="đ" * 512, finding=finding)] * 500, a_rule())

    assert as_sns_counts(digest.publish_request(TOPIC)) <= SNS_LIMIT


@pytest.mark.parametrize("text", ["x" * SNS_LIMIT, "é" * (SNS_LIMIT // 2)], ids=["one byte", "two bytes"])
def test_a_notification_that_sns_would_refuse_is_refused_before_it_is_sent(text: str):
    notification = Notification(subject="s", text=text, sms="s", attributes={"kind": "upload"})

    with pytest.raises(NotificationTooLargeError, match="SNS accepts 262144"):
        notification.publish_request(TOPIC)


def test_attributes_carry_the_routing():
    rules = a_rule(name="people"), a_rule(name="systems", to=("https://hooks.example.com/",))

    attributes = notification_of(a_file(), *rules).publish_request(TOPIC)["MessageAttributes"]

    assert attributes == {
        "kind": {"DataType": "String", "StringValue": "upload"},
        "event": {"DataType": "String", "StringValue": "created"},
        "rules": {"DataType": "String.Array", "StringValue": '["people", "systems"]'},
        "deliver": {"DataType": "String.Array", "StringValue": '["people"]'},
    }


@pytest.mark.parametrize("kind", FINDING_KINDS)
def test_the_event_attribute_says_what_was_found(kind):
    attributes = notification_of(a_file(finding=a_finding(kind=kind))).publish_request(TOPIC)["MessageAttributes"]

    assert (attributes["kind"]["StringValue"], attributes["event"]["StringValue"]) == ("upload", kind)


@pytest.mark.parametrize("action", ["created", "removed", "restored"])
def test_the_event_attribute_says_what_happened(action):
    attributes = notification_of(a_file(action=action)).publish_request(TOPIC)["MessageAttributes"]

    assert attributes["event"]["StringValue"] == action


def test_an_attribute_without_a_value_is_left_out_because_sns_refuses_it():
    notification = notification_of(a_file(), a_rule(to=("https://hooks.example.com/",)))

    assert set(notification.publish_request(TOPIC)["MessageAttributes"]) == {"kind", "event", "rules"}


@given(events)
def test_every_payload_conforms_to_the_published_schema(event):
    validator = Draft202012Validator(SCHEMA, format_checker=FormatChecker())

    assert list(validator.iter_errors(notification_of(event).payload)) == []


@pytest.mark.parametrize(
    "name", ["s3_put_versioned", "s3_delete", "s3_delete_marker", "s3_restore_completed", "s3_put_china"]
)
def test_an_event_as_aws_documents_it_becomes_a_payload_as_we_document_it(name):
    (raw,) = raw_records(golden(name))

    Draft202012Validator(SCHEMA).validate(notification_of(file_event(raw)).payload)


def test_the_schema_itself_is_sound_and_so_are_its_examples():
    Draft202012Validator.check_schema(SCHEMA)

    for payload in SCHEMA["examples"]:
        Draft202012Validator(SCHEMA).validate(payload)


def test_nothing_is_sent_that_the_schema_does_not_describe():
    payload = notification_of(a_file(finding=a_finding())).payload

    assert set(payload) | {"expected"} == set(SCHEMA["properties"])  # which only a file has that comes too late
    assert set(payload["content"]) == set(SCHEMA["properties"]["content"]["properties"])
    assert set(payload["file"]) == set(SCHEMA["properties"]["file"]["properties"])


@pytest.mark.parametrize("action", ["created", "removed", "restored"])
def test_the_events_of_s3_are_sent_as_before_there_were_findings(action):
    payload = notification_of(a_file(action=action)).payload

    assert payload["schema"] == "file-notifications/upload/1"
    assert set(payload) == set(SCHEMA["required"])


def test_the_schema_describes_every_property_in_words():
    properties = {**SCHEMA["properties"], **SCHEMA["properties"]["file"]["properties"]}

    assert [name for name, said in properties.items() if len(said.get("description", "")) < 10] == []


@given(events)
@example(a_file(key="a\ufffeb\\\uffff.pdf", by="\uffff"))
def test_queues_get_only_characters_that_sqs_accepts(event):
    payload = json.loads(notification_of(event).publish_request(TOPIC)["Message"])["default"]

    assert re.fullmatch("[\t\n\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+", payload)


@given(events)
@example(a_file(key="a\ufffeb\\\uffff.pdf"))
def test_systems_get_the_key_as_it_is(event):
    payload = json.loads(json.loads(notification_of(event).publish_request(TOPIC)["Message"])["default"])

    assert payload["file"]["key"] == event.key


@given(events)
def test_the_event_can_be_read_back_from_its_payload(event):
    payload = upload_payload_in(json.dumps(notification_of(event).payload))

    assert event_of(payload) == event


@given(st.lists(events, min_size=1, max_size=5))
def test_every_digest_is_within_what_sns_accepts(several):
    notification = digest_notification(several, a_rule())

    assert 0 < length(notification.subject) < 100
    assert not [
        char
        for char in notification.subject + notification.text.replace("\n", "")
        if unicodedata.category(char) == "Cc"
    ]
    assert as_sns_counts(notification.publish_request(TOPIC)) <= SNS_LIMIT


@pytest.mark.parametrize("char", ["\0", "\u202e", '"', "日", "🚀"])
def test_the_largest_digest_can_be_published(char):
    key = char * (1020 // len(char.encode()))
    files = [a_file(key=f"{key}{number:04}", size=5 * 2**40) for number in range(1000)]

    request = digest_notification(files, a_rule(prefix=key)).publish_request(TOPIC)

    assert as_sns_counts(request) <= SNS_LIMIT


def test_a_digest_of_several_buckets_says_which_file_is_in_which():
    one, other = a_file(bucket="scans", key="in/a.pdf"), a_file(bucket="invoices", key="in/a.pdf")

    text = digest_notification([one, other], a_rule()).text

    assert "scans/in/a.pdf" in text
    assert "invoices/in/a.pdf" in text


def test_a_digest_of_one_bucket_does_not_name_it():
    assert "scans" not in digest_notification([a_file(bucket="scans", key="in/a.pdf")] * 2, a_rule()).text
