"""Chat channels on the local stack: the real function posts to the stand-ins of all four services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.events import file_id_of
from local.emulator.server import Emulator
from local.mailbox import Message
from local.stack import Stack, running
from tests.e2e.stack import logged, wait_until
from tests.ops.parts import ops
from tests.program.conftest import WEBHOOKS
from tests.program.test_chat import SECRETS

EVERYWHERE = [f"channel:{name}" for name in WEBHOOKS]
SETTINGS = {
    "emails": json.dumps(["oncall@example.com"]),
    "channels": json.dumps(WEBHOOKS),
    "alarmChannels": '["ops"]',
    "rules": json.dumps(
        [
            {"name": "everywhere", "prefix": "everywhere/", "to": EVERYWHERE},
            {"name": "alerts", "prefix": "alerts/", "to": ["channel:alerts"]},
        ]
    ),
    "protectData": "false",
}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("chat")
    with running(SETTINGS, emulator=Emulator(0), ready_file=folder / "stack.json") as stack:
        yield stack


@pytest.fixture
def stack(started: Stack) -> Iterator[Stack]:
    """The stack, with services that work and the first settings."""
    yield started
    started.chat.trouble.clear()
    started.deploy(SETTINGS)


def upload(stack: Stack, key: str) -> None:
    stack.aws.s3.put_object(Bucket=stack.outputs["bucketName"], Key=key, Body=b"hello")


def posted(stack: Stack, about: str, *, count: int = 1) -> list[Message]:
    """The chat messages about something, once there are so many."""

    def found() -> list[Message] | None:
        messages = [one for one in stack.mailbox.messages() if one.via and about in one.subject + one.body]
        return messages if len(messages) >= count else None

    return wait_until(found, f"{count} chat messages about {about}", seconds=180) or []


def wait_for_log(stack: Stack, key: str, *outcomes: tuple[str, str]) -> None:
    """Wait until chat has logged these outcomes of a file's message, each with its channel: a message that is posted,
    or refused, is in the log a moment later."""
    file_id = file_id_of(stack.outputs["bucketName"], key)

    def found() -> bool:
        said = {(entry["message"], entry.get("channel")) for entry in logged(stack.aws, "chat", file_id)}
        return said >= set(outcomes)

    wait_until(found, f"no {outcomes} of {key} in chat's log", seconds=180)


def command(stack: Stack, *words: str) -> str:
    assert stack.ready_file is not None
    result = ops(*words, "--ready-file", str(stack.ready_file))
    return result.output


def test_a_file_is_posted_to_the_channels_of_its_rule_in_each_services_form(stack: Stack, unique: str) -> None:
    name = f"{unique} *@everyone* <!channel> [x](y) `z` ~w~.pdf"

    upload(stack, f"everywhere/{name}")

    messages = posted(stack, unique, count=4)
    assert {message.subject for message in messages} == {f"{name} arrived in everywhere (5 bytes)"}
    assert {(message.to, message.via) for message in messages} == {
        ("channel:alerts", "Slack"),
        ("channel:ops", "Teams"),
        ("channel:games", "Discord"),
        ("channel:sales", "Google Chat"),
    }
    assert all("Console: https://" in message.body for message in messages)


def test_the_mailboxs_page_shows_chat_messages_with_their_service(stack: Stack, unique: str) -> None:
    upload(stack, f"alerts/{unique}")
    posted(stack, unique)

    import urllib.request

    with urllib.request.urlopen(stack.ready.mailbox) as answer:  # noqa: S310 - our own http address
        page = answer.read().decode()
    assert "channel:alerts · Slack" in page


def test_an_alarm_is_posted_to_the_channels_for_alarms(stack: Stack) -> None:
    (alarm,) = [
        one["AlarmName"]
        for one in stack.aws.cloudwatch.describe_alarms()["MetricAlarms"]
        if "notify-errors" in one["AlarmName"]
    ]

    stack.aws.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")

    (message,) = posted(stack, f"ALARM: {alarm}")
    assert (message.to, message.via) == ("channel:ops", "Teams")
    assert "what to do is in docs/runbook.md" in message.body


def test_a_service_that_limits_the_rate_gets_the_message_once_after_its_time(stack: Stack, unique: str) -> None:
    stack.chat.trouble["alerts"] = "limits"
    upload(stack, f"alerts/{unique}")
    wait_for_log(stack, f"alerts/{unique}", ("not posted", "alerts"))

    stack.chat.trouble.clear()

    wait_for_log(stack, f"alerts/{unique}", ("posted", "alerts"))
    assert len(posted(stack, unique)) == 1


def test_a_new_webhook_is_used_at_once_and_only_its_parameter_was_changed(stack: Stack, unique: str) -> None:
    upload(stack, f"alerts/{unique}-before")
    posted(stack, f"{unique}-before")
    renewed = {**WEBHOOKS, "alerts": "https://hooks.slack.com/services/T0/B0/another"}

    deployment = stack.deploy({**SETTINGS, "channels": json.dumps(renewed)})

    assert [(change.name, change.properties) for change in deployment.changes] == [
        ("file-notifications-chat-alerts", ("value",))
    ]
    upload(stack, f"alerts/{unique}-after")  # the old one now answers 404
    posted(stack, f"{unique}-after")


def test_a_dead_letter_is_posted_by_a_replay(stack: Stack, unique: str) -> None:
    envelope = {
        "Type": "Notification",
        "Subject": f"{unique} arrived",
        "Message": "{}",
        "MessageAttributes": {"deliver": {"Type": "String.Array", "Value": '["everywhere"]'}},
    }
    stack.aws.sqs.send_message(
        QueueUrl=stack.outputs["chatDeadLettersUrl"],
        MessageBody=json.dumps(envelope),
        MessageAttributes={"channel": {"DataType": "String", "StringValue": "games"}},
    )

    listed = command(stack, "replay", "--queue", "chat-dead-letters", "--dry-run")
    replayed = command(stack, "replay", "--queue", "chat-dead-letters")

    assert f"{unique} arrived → channel games" in listed
    assert "1 replayed, 0 remaining" in replayed
    assert [message.to for message in posted(stack, unique)] == ["channel:games"]


def test_a_removed_webhook_is_a_finding_with_the_command_that_sets_a_new_one(stack: Stack, unique: str) -> None:
    stack.chat.trouble["alerts"] = "gone"
    upload(stack, f"alerts/{unique}")
    wait_for_log(stack, f"alerts/{unique}", ("not posted", "alerts"))

    def findings() -> list[dict[str, Any]]:
        said = json.loads(command(stack, "doctor", "--json"))
        return [one for one in said["findings"] if one["id"] == "channel-failing"]

    (finding,) = wait_until(findings, "a finding")
    assert "Channel alerts did not take the latest message" in finding["what"]
    assert "no longer valid: the service answers 404 no_service" in finding["what"]
    assert finding["fix"] == "pulumi config set --secret --path channels.alerts && pulumi up"


def test_a_stack_whose_channels_work_is_healthy_and_its_test_names_the_channel(stack: Stack, unique: str) -> None:
    to = ["channel:alerts", "channel:games"]
    stack.deploy(
        {
            **SETTINGS,
            "emails": "[]",
            "alarmEmails": SETTINGS["emails"],
            "rules": json.dumps([{"name": "all", "to": to}]),
        }
    )
    upload(stack, unique)
    posted(stack, unique, count=2)
    # An earlier test's message may have failed: doctor looks at the latest one in the log.
    wait_for_log(stack, unique, ("posted", "alerts"), ("posted", "games"))

    said = json.loads(command(stack, "doctor", "--send-test", "--wait", "60", "--json"))

    assert said["findings"] == []
    assert said["test"]["lost"] is None
    steps = [step["text"] for step in said["test"]["steps"] if step["step"] == "posted"]
    assert steps == [f"channel {name} has the message" for name in ("alerts", "games")]
    status = json.loads(command(stack, "status", "--json"))
    assert {one["address"]: one["state"] for one in status["people"]} == dict.fromkeys(to, "confirmed")


@pytest.mark.parametrize("words", [("status",), ("doctor",), ("cost",), ("replay", "--dry-run")], ids=" ".join)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["for people", "as JSON"])
def test_no_command_shows_a_webhook(stack: Stack, words: tuple[str, ...], form: tuple[str, ...]) -> None:
    said = command(stack, *words, *form)

    assert said
    assert [secret for secret in SECRETS if secret in said] == []


def test_no_webhook_is_in_a_log_an_output_or_an_environment(stack: Stack, unique: str) -> None:
    stack.chat.trouble["alerts"] = "fails"
    upload(stack, f"everywhere/{unique}")
    others = [("posted", channel) for channel in WEBHOOKS if channel != "alerts"]
    wait_for_log(stack, f"everywhere/{unique}", ("not posted", "alerts"), *others)
    lines = [
        event["message"]
        for group in stack.aws.logs.describe_log_groups()["logGroups"]
        for page in stack.aws.logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        for event in page["events"]
    ]
    functions = [json.dumps(function["Environment"]) for function in stack.aws.lambda_.list_functions()["Functions"]]
    said = [*lines, *functions, json.dumps(dict(stack.outputs)), _ready(stack)]

    assert any("posted" in line for line in lines)
    assert [text for text in said if any(secret in text for secret in SECRETS)] == []


def _ready(stack: Stack) -> str:
    return Path(str(stack.ready_file)).read_text()
