"""What a channel gets of a notification, of a digest and of an alarm."""

from __future__ import annotations

import json

import pytest

from domain.digests import digest_notification
from domain.findings import Problem
from domain.messages import MalformedMessageError
from domain.notifications import MESSAGE_LIMIT, Notification, Routing, upload_notification
from handlers.logic.chat_messages import LONGEST_LINE, MOST_LINES, chat_message, envelope_in
from tests.examples import a_file, a_finding, a_rule, enveloped

PAGE = "https://d111abc.cloudfront.net"


def uploaded(**of_it):
    rule = a_rule(name="invoices", to=("channel:alerts",))
    event = a_file(key="invoices/2026/invoice-0423.pdf", size=186_368, by="maria", **of_it)
    return upload_notification(event, [rule], Routing(deliver=("invoices",)), partition="aws", page=PAGE)


def test_a_notification_is_a_short_message_with_name_size_who_and_a_link():
    envelope = envelope_in(enveloped(uploaded()))

    message = chat_message(envelope, envelope.rules)

    assert envelope.rules == ("invoices",)
    assert message.title == "invoice-0423.pdf arrived in invoices/2026 (182 KB)"
    assert message.lines[0].endswith(" UTC by maria")
    assert message.lines[1] == "Rule: invoices"
    assert message.link is not None
    assert message.link[0] == "See it"
    assert message.link[1].startswith(f"{PAGE}/files/")


@pytest.mark.parametrize(
    ("finding", "says"),
    [
        (
            a_finding(
                kind="broken", problem=Problem(code="broken", message="The image is cut off: its end is missing.")
            ),
            ["The image is cut off: its end is missing."],
        ),
        (a_finding(kind="infected", threats=("EICAR-Test-File",)), ["The malware scan found EICAR-Test-File"]),
        (
            a_finding(kind="infected", threats=("EICAR",), problem=Problem(code="broken", message="It is cut off.")),
            ["The malware scan found EICAR", "It is cut off."],
        ),
        (a_finding(), []),
    ],
    ids=["broken", "infected", "infected and broken", "ready"],
)
def test_a_finding_says_what_was_found_and_who_uploaded_the_file_when(finding, says):
    envelope = envelope_in(enveloped(uploaded(finding=finding)))

    message = chat_message(envelope, envelope.rules)

    assert message.lines == (*says, "2026-11-23 08:41:07 UTC by maria", "Rule: invoices")


def test_the_log_line_of_a_message_can_name_its_file():
    assert envelope_in(enveloped(uploaded())).file_id == a_file(key="invoices/2026/invoice-0423.pdf").file_id


def test_without_a_page_the_link_leads_to_the_console():
    event = a_file(key="a b/ü (1).pdf")
    notification = upload_notification(event, [a_rule()], Routing(deliver=("invoices",)), partition="aws")

    message = chat_message(envelope_in(enveloped(notification)))

    assert message.link is not None
    assert message.link[0] == "Console"


def test_a_digest_is_a_message_with_its_folders_and_a_link_to_all_files():
    events = [a_file(key=f"invoices/{number}.pdf", size=1024) for number in range(40)]
    events += [a_file(key=f"photos/{number}.jpg", size=2048) for number in range(12)]

    message = chat_message(envelope_in(enveloped(digest_notification(events, a_rule(), page=PAGE))), ["invoices"])

    assert message.title.startswith("52 files arrived (64 KB), ")
    assert message.lines == ("invoices/ – 40 files, 40 KB", "photos/ – 12 files, 24 KB", "Rule: invoices")
    assert message.link == ("See it", f"{PAGE}/files")


def test_a_digest_of_many_folders_stays_short_and_counts_the_rest():
    events = [a_file(key=f"{number:03}/{file}.pdf") for number in range(20) for file in range(2)]

    message = chat_message(envelope_in(enveloped(digest_notification(events, a_rule()))), ["invoices"])

    assert len(message.lines) == MOST_LINES
    assert message.lines[-2] == "… and 20 more in other folders"


def test_a_digest_with_its_payload_stays_far_below_snss_limit():
    key = "ordner-" * 30
    events = [a_file(key=f"{key}{number}/{'ü' * 100}{number}.pdf") for number in range(1000)]

    request = digest_notification(events, a_rule(), page=PAGE).publish_request("topic")

    assert len(request["Message"].encode()) < MESSAGE_LIMIT / 4


def test_a_notification_of_a_kind_that_nobody_knew_is_posted_as_its_subject_and_facts():
    notification = Notification(
        subject="missing in reports/: expected 1 file by 06:00, 0 arrived",
        text="…",
        sms="…",
        attributes={"kind": "missing", "deliver": ("reports",)},
        payload={"schema": "file-notifications/missing/1", "expected": 1, "page": f"{PAGE}/files"},
    )

    message = chat_message(envelope_in(enveloped(notification)), ["reports"])

    assert message.title == "missing in reports/: expected 1 file by 06:00, 0 arrived"
    assert message.lines == ("Rule: reports",)
    assert message.link == ("See it", f"{PAGE}/files")


def test_a_notification_without_a_payload_is_posted_as_the_first_lines_of_its_text():
    text = "\n\n".join(f"  line {number} {'x' * 500}" for number in range(30))
    notification = Notification(subject="news", text=text, sms="", attributes={"deliver": ("a",)})

    message = chat_message(envelope_in(enveloped(notification)), ["a"])

    assert len(message.lines) == MOST_LINES
    assert message.lines[0].startswith("line 0 xx")
    assert max(map(len, message.lines)) <= LONGEST_LINE


ALARM = {
    "AlarmName": "file-notifications-alarms-failed-events-1a2b3c4",
    "AlarmDescription": 'File events failed. Begin with "python -m ops replay"; what to do is in docs/runbook.md',
    "AlarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:file-notifications-alarms-failed-events-1a2b3c4",
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed: 1 datapoint [2.0] was greater than or equal to the threshold (1.0).",
}


def alarmed(**of_it):
    return json.dumps({"Type": "Notification", "Subject": "ALARM", "Message": json.dumps({**ALARM, **of_it})})


def test_an_alarm_is_posted_with_name_state_meaning_and_a_link_to_it():
    envelope = envelope_in(alarmed())

    message = chat_message(envelope)

    assert envelope.is_alarm
    assert message.title == "ALARM: file-notifications-alarms-failed-events-1a2b3c4"
    assert message.lines == (ALARM["AlarmDescription"], ALARM["NewStateReason"])
    assert message.link == (
        "Alarm",
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/"
        + ALARM["AlarmName"],
    )


def test_an_alarm_without_a_description_is_posted_all_the_same():
    message = chat_message(envelope_in(alarmed(AlarmDescription=None, AlarmArn="")))

    assert message.lines == (ALARM["NewStateReason"],)
    assert message.link is None


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://evil.example/)[x](", "https://a b", "https://x/<", 'https://x/"', 3]
)
def test_what_could_leave_its_place_in_a_services_form_is_no_link(url):
    notification = Notification(subject="x", text="", sms="", attributes={}, payload={"page": url, "console": url})

    assert chat_message(envelope_in(enveloped(notification))).link is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"Type": "Notification"}',
        '{"Type": "Notification", "Message": 3}',
        '{"Type": "Notification", "Message": "x", "MessageAttributes": {"deliver": {"Value": "3"}}}',
        '{"Type": "Notification", "Message": "x", "MessageAttributes": {"deliver": {"Value": "[3]"}}}',
        '{"Type": "Notification", "Message": "x", "MessageAttributes": {"deliver": {"Value": "["}}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_notification_of_snss_is_refused(body):
    with pytest.raises(MalformedMessageError):
        envelope_in(body)
