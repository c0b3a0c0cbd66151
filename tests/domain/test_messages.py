"""Payloads of queues: what is written can be read back, and malformed messages are refused."""

from __future__ import annotations

import json
from typing import get_type_hints

import pytest

from domain.finding_payloads import ContentPayload, ProblemPayload, VerdictPayload
from domain.findings import Finding, Problem
from domain.messages import (
    FilePayload,
    FoundPayload,
    MalformedMessageError,
    UploadPayload,
    WorkMessage,
    event_of,
    reprocess_request,
    upload_payload,
    upload_payload_in,
    work_message_in,
)
from tests.domain.test_notifications import SCHEMA
from tests.examples import a_file, a_finding

FOUND = a_file(finding=a_finding())
BROKEN = a_file(finding=a_finding(kind="broken", problem=Problem(code="mismatch", message="The name says .pdf.")))
INFECTED = a_file(finding=a_finding(kind="infected", threats=("EICAR-Test-File",)))
UNREAD = a_file(sequencer="", finding=Finding(kind="clean", time="2026-11-23T08:41:12Z"))
REMOVED = a_file(action="removed", name="ObjectRemoved:Delete", size=None, etag="", by="")


def payload(event, late=None):
    links = {"page": None, "console": "https://console.example.com"}
    return upload_payload(event, rules=["a", "b"], digest=["b"], late=late, **links)


def with_finding(**changes):
    return {**payload(BROKEN), **changes}


def with_file(**changes):
    made = payload(a_file())
    return {**made, "file": {**made["file"], **changes}}


def without(name):
    return {key: value for key, value in payload(a_file()).items() if key != name}


@pytest.mark.parametrize(
    "event",
    [
        a_file(),
        REMOVED,
        a_file(sequencer="", available_until="2026-11-30T00:00:00Z"),
        FOUND,
        BROKEN,
        INFECTED,
        UNREAD,
    ],
)
def test_an_event_is_read_back_from_its_payload(event):
    assert event_of(upload_payload_in(json.dumps(payload(event)))) == event


def test_a_payload_names_all_rules_and_those_of_the_next_digest():
    made = payload(a_file())

    assert (made["rules"], made["digest"]) == (["a", "b"], ["b"])


def test_the_work_queue_gets_the_event_that_was_published():
    assert work_message_in(json.dumps(payload(a_file()))) == WorkMessage(
        file_id=a_file().file_id, event="created", order=a_file().order
    )


@pytest.mark.parametrize(("late", "is_gone"), [(None, False), ("replaced", False), ("removed", True)])
def test_a_work_message_says_whether_its_version_is_gone(late, is_gone):
    assert work_message_in(json.dumps(payload(a_file(), late))).is_gone is is_gone


def test_a_request_to_process_a_file_again_has_no_order():
    request = reprocess_request(a_file().file_id, "maria")

    assert work_message_in(json.dumps(request)) == WorkMessage(file_id=a_file().file_id, event="created", order=None)


@pytest.mark.parametrize("name", SCHEMA["then"]["required"])
def test_a_finding_without_one_of_its_properties_is_refused(name):
    with pytest.raises(MalformedMessageError, match=f"{name} is None"):
        upload_payload_in(json.dumps({key: value for key, value in payload(FOUND).items() if key != name}))


def test_a_finding_in_the_work_queue_is_no_upload():
    assert work_message_in(json.dumps(payload(FOUND))).event == "processed"


@pytest.mark.parametrize("name", [name for name in SCHEMA["required"] if name != "schema"])
def test_a_payload_without_one_of_its_properties_is_refused(name):
    with pytest.raises(MalformedMessageError, match=f"{name} is None"):
        upload_payload_in(json.dumps(without(name)))


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({**payload(a_file()), "schema": "file-notifications/upload/3"}, "use file-notifications/upload/1, "),
        ({**payload(a_file()), "schema": "file-notifications/upload/2"}, "event is 'created'"),
        ({**payload(a_file()), "event": "processed"}, "event is 'processed'"),
        (with_finding(content={"sha256": None, "type": None}), "content is"),
        (with_finding(content={"sha256": "x", "type": None, "facts": []}), "content is"),
        (with_finding(content={"sha256": None, "type": None, "facts": [{"label": "a"}]}), "content is"),
        (
            with_finding(content={"sha256": None, "type": None, "facts": [{"label": "a", "value": "b"}] * 101}),
            "content",
        ),
        (with_finding(problem={"code": "broken", "message": 7}), "problem is"),
        (with_finding(verdict={"result": "processed", "threats": []}), "verdict is"),
        (with_finding(uploaded=None), "uploaded is None"),
        ({**payload(a_file()), "event": "exploded"}, "event is 'exploded'"),
        ({**payload(a_file()), "late": "tomorrow"}, "late is 'tomorrow'"),
        ({**payload(a_file()), "digest": "b"}, "digest is 'b'"),
        ({**payload(a_file()), "digest": ["no:name"]}, "digest is"),
        (with_file(id="../../etc/passwd"), "id is"),
        (with_file(size="big"), "size is 'big'"),
        (with_file(size=True), "size is True"),
        (with_file(sequencer=7), "sequencer is 7"),
    ],
)
def test_a_payload_with_a_value_that_no_notification_has_is_refused(changed, what):
    with pytest.raises(MalformedMessageError, match=what):
        work_message_in(json.dumps(changed))


def test_the_payloads_type_has_the_properties_of_the_published_schema():
    assert set(get_type_hints(UploadPayload)) - {"expected"} == set(SCHEMA["required"])
    assert set(get_type_hints(FoundPayload)) == set(SCHEMA["properties"])
    assert set(get_type_hints(ContentPayload)) == set(SCHEMA["properties"]["content"]["properties"])
    assert set(get_type_hints(ProblemPayload)) == set(SCHEMA["properties"]["problem"]["properties"])
    assert set(get_type_hints(VerdictPayload)) == set(SCHEMA["properties"]["verdict"]["properties"])
    assert set(get_type_hints(FilePayload)) == set(SCHEMA["properties"]["file"]["properties"])
