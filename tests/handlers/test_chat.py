"""The chat function as Lambda runs it: batches of the chat queue, with services that the test plays."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from domain.channels import Webhook
from domain.rules import Rule
from handlers.data.web import Answer, NoAnswerError
from tests import emf
from tests.examples import a_rule
from tests.handlers.started import started

QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/file-notifications-chat-queue"
URLS = {name: f"https://hooks.slack.com/services/T0/B0/secret-{name}" for name in ("alerts", "ops")}
OK, DOWN = Answer(status=200), Answer(status=503)
INVOICES = a_rule(name="invoices", to=("ann@example.com", "channel:alerts"))
SCANS = a_rule(name="scans", to=("channel:alerts", "channel:ops"))


@dataclass
class Services:
    """Each channel gives the next of its answers, and then accepts. `posted` are channels and titles."""

    answers: dict[str, list[Answer | Exception]] = field(default_factory=dict)
    posted: list[tuple[str, str]] = field(default_factory=list)
    closed_after: list[int] = field(default_factory=list)
    """How many were posted each time that connections were closed."""

    def close(self) -> None:
        self.closed_after.append(len(self.posted))

    def post(self, url: str, document: Any) -> Answer:
        (channel,) = [name for name, known in URLS.items() if known == url]
        self.posted.append((channel, document["text"]))
        answer = self.answers[channel].pop(0) if self.answers.get(channel) else OK
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Running:
    """handlers.chat, what was posted, and what SQS was asked for; with `sqs_refuses` it does nothing of it."""

    module: ModuleType
    services: Services
    rules_file: Path
    read_output: Callable[[], str]
    retried: dict[str, int] = field(default_factory=dict)
    copies: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    seconds_left: float = 150.0
    sqs_refuses: bool = False

    def follows(self, *rules: Rule) -> None:
        self.rules_file.write_text(json.dumps([rule.as_json() for rule in rules]))

    def receives(self, *messages: dict[str, Any]) -> list[str]:
        """Run the function. Returns which messages failed."""
        context = SimpleNamespace(
            aws_request_id="c6af9ac6", get_remaining_time_in_millis=lambda: int(self.seconds_left * 1000)
        )
        reply = self.module.handler({"Records": list(messages)}, context)
        return [failure["itemIdentifier"] for failure in reply["batchItemFailures"]]

    @property
    def log(self) -> list[dict[str, Any]]:
        printed = self.read_output()
        assert "secret" not in printed
        return emf.logged(printed)


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Running]:
    monkeypatch.setenv("CHANNELS", json.dumps({name: f"p-{name}" for name in URLS}))
    monkeypatch.setenv("ALARM_CHANNELS", '["ops"]')
    monkeypatch.setenv("QUEUE_URL", QUEUE)
    monkeypatch.setattr("handlers.logic.poster.SECONDS_BETWEEN_MESSAGES", 0.0)
    services = Services()
    clients = {"ssm": boto3.client("ssm"), "sqs": boto3.client("sqs")}
    with (
        started("chat", clients, monkeypatch) as module,
        Stubber(clients["ssm"]) as ssm,
        Stubber(clients["sqs"]) as sqs,
    ):
        monkeypatch.setattr(module, "RULES", tmp_path / "rules.json")
        monkeypatch.setattr(module, "Web", lambda: services)
        running = Running(module, services, tmp_path / "rules.json", lambda: capsys.readouterr().out)
        parameters = [
            {"Name": f"p-{name}", "Value": Webhook(service="slack", url=url).as_parameter()}
            for name, url in URLS.items()
        ]
        ssm.add_response("get_parameters", {"Parameters": parameters})

        def retried(params: dict[str, Any], **_: object) -> None:
            running.retried |= {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in params["Entries"]}
            if running.sqs_refuses:
                sqs.add_client_error("change_message_visibility_batch", "InternalError", http_status_code=400)
            else:
                sqs.add_response("change_message_visibility_batch", {"Successful": [], "Failed": []})

        def copied(params: dict[str, Any], **_: object) -> None:
            running.copies.append(params)
            if running.sqs_refuses:
                sqs.add_client_error("send_message", "InternalError", http_status_code=400)
            else:
                sqs.add_response("send_message", {"MessageId": "copy"})

        def deleted(params: dict[str, Any], **_: object) -> None:
            running.deleted.append(params["ReceiptHandle"])
            sqs.add_response("delete_message", {})

        events = clients["sqs"].meta.events
        events.register("provide-client-params.sqs.DeleteMessage", deleted)
        events.register("provide-client-params.sqs.ChangeMessageVisibilityBatch", retried)
        events.register("provide-client-params.sqs.SendMessage", copied)
        running.follows(INVOICES, SCANS)
        yield running


def a_message(
    *rules: str, number: int = 1, received: int = 1, channel: str = "", since: float = 0, message: object = None
) -> dict[str, Any]:
    """A notification in the chat queue, as Lambda gets it."""
    envelope = {
        "Type": "Notification",
        "Subject": f"{number}.pdf arrived",
        "Message": json.dumps({"file": {"id": f"file-{number}"}} if message is None else message),
        "MessageAttributes": {"deliver": {"Type": "String.Array", "Value": json.dumps(rules)}} if rules else {},
    }
    copied = {"channel": {"stringValue": channel, "dataType": "String"}} if channel else {}
    copied |= {"since": {"stringValue": str(int(since)), "dataType": "Number"}} if since else {}
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": json.dumps(envelope),
        "attributes": {"ApproximateReceiveCount": str(received)},
        "messageAttributes": copied,
        "eventSource": "aws:sqs",
    }


def test_a_message_is_posted_to_the_channels_of_its_rules_and_to_no_others(chat):
    assert chat.receives(a_message("invoices"), a_message("scans", number=2)) == []

    assert chat.services.posted == [
        ("alerts", "1.pdf arrived"),
        ("alerts", "2.pdf arrived"),
        ("ops", "2.pdf arrived"),
    ]


def test_a_channel_that_several_rules_name_gets_a_message_once(chat):
    chat.receives(a_message("invoices", "scans"))

    assert sorted(channel for channel, _ in chat.services.posted) == ["alerts", "ops"]


def test_what_was_posted_is_logged_with_channel_and_file(chat):
    chat.receives(a_message("invoices"))

    (line,) = chat.log
    assert (line["message"], line["channel"], line["file_id"]) == ("posted", "alerts", "file-1")


def test_an_alarm_is_posted_to_the_channels_for_alarms(chat):
    chat.receives(a_message(message={"AlarmName": "gap", "NewStateValue": "ALARM"}))

    assert chat.services.posted == [("ops", "ALARM: gap")]


def test_only_what_failed_stays_in_the_queue(chat):
    chat.services.answers["alerts"] = [OK, Answer(status=400, reason="invalid_payload"), OK]

    failed = chat.receives(*(a_message("invoices", number=number) for number in (1, 2, 3)))

    assert failed == ["message-2"]
    assert chat.retried == {"receipt-2": 15}
    reasons = [line["reason"] for line in chat.log if line["message"] == "not posted"]
    assert reasons == ["the service refuses the message: 400 invalid_payload"]


@pytest.mark.parametrize(("received", "seconds"), [(1, 15), (2, 60), (3, 240), (4, 600), (5, 900), (8, 900)])
def test_a_failed_message_comes_back_later_each_time(chat, received, seconds):
    chat.services.answers["alerts"] = [DOWN]

    chat.receives(a_message("invoices", received=received))

    assert chat.retried == {"receipt-1": seconds}


def test_a_message_does_not_come_back_before_the_service_wants_it(chat):
    chat.services.answers["alerts"] = [Answer(status=429, wait=300)]

    chat.receives(a_message("invoices"))

    assert 299 <= chat.retried["receipt-1"] <= 300


def test_what_was_posted_is_deleted_at_once_in_case_the_function_ends_before_its_batch(chat):
    chat.services.answers["alerts"] = [OK, Answer(status=400)]

    chat.receives(*(a_message("invoices", number=number) for number in (1, 2, 3)))

    assert chat.deleted == ["receipt-1", "receipt-3"]


def test_a_service_that_is_down_is_asked_once_and_the_other_messages_of_the_batch_are_put_off(chat):
    chat.services.answers["alerts"] = [NoAnswerError("ReadTimeoutError")]

    failed = chat.receives(*(a_message("invoices", number=number) for number in range(10)))

    assert failed == ["message-0"]
    assert len(chat.services.posted) == 1
    assert [copy["DelaySeconds"] for copy in chat.copies] == [15] * 9
    assert {copy["MessageAttributes"]["channel"]["StringValue"] for copy in chat.copies} == {"alerts"}


def test_a_message_that_was_put_off_remembers_since_when(chat):
    chat.services.answers["alerts"] = [DOWN]
    since = int(time.time()) - 1800

    chat.receives(a_message("invoices"), a_message("invoices", number=2, channel="alerts", since=since))

    (copy,) = chat.copies
    assert copy["MessageAttributes"]["since"] == {"DataType": "Number", "StringValue": str(since)}


def test_a_message_that_was_put_off_for_an_hour_counts_as_failed(chat):
    chat.services.answers["alerts"] = [DOWN]
    since = time.time() - 3601

    failed = chat.receives(a_message("invoices"), a_message("invoices", number=2, channel="alerts", since=since))

    assert failed == ["message-1", "message-2"]
    assert chat.copies == []


def test_of_several_channels_only_the_one_that_missed_a_message_gets_it_again(chat):
    chat.services.answers["ops"] = [DOWN]
    message = a_message("scans")

    assert chat.receives(message) == []

    (copy,) = chat.copies
    assert copy["MessageBody"] == message["body"]
    assert copy["MessageAttributes"] == {"channel": {"DataType": "String", "StringValue": "ops"}}
    assert copy["DelaySeconds"] == 15


def test_a_copy_waits_no_longer_than_sqs_delays_a_message(chat):
    chat.services.answers["ops"] = [Answer(status=429, wait=3600)]

    assert chat.receives(a_message("scans")) == []

    (copy,) = chat.copies
    assert copy["DelaySeconds"] == 900


def test_a_message_is_hidden_no_longer_than_sqs_hides_one(chat):
    chat.services.answers["alerts"] = [Answer(status=429, wait=7 * 86_400)]

    assert chat.receives(a_message("invoices")) == ["message-1"]

    (seconds,) = chat.retried.values()
    assert 11 * 3600 < seconds < 12 * 3600


def test_the_clock_of_what_is_remembered_goes_on_while_lambda_has_the_function_stopped(chat):
    poster = chat.module._poster()

    assert poster.clock is time.time
    assert poster.webhooks.clock is time.time


def test_no_connection_is_kept_from_one_invocation_to_the_next(chat):
    chat.receives(a_message("invoices"), a_message("invoices", number=2))
    chat.services.answers["alerts"] = [NoAnswerError("ReadTimeoutError")]
    chat.receives(a_message("invoices", number=3))

    assert chat.services.closed_after == [2, 3]


def test_a_copy_is_posted_to_its_channel_alone(chat):
    chat.receives(a_message("scans", channel="ops"))

    assert chat.services.posted == [("ops", "1.pdf arrived")]


def test_a_copy_that_fails_again_stays_itself_so_that_it_becomes_a_dead_letter_in_the_end(chat):
    chat.services.answers["ops"] = [DOWN]

    assert chat.receives(a_message("scans", channel="ops", received=3)) == ["message-1"]
    assert chat.copies == []


def test_a_message_whose_rule_or_channel_was_removed_is_logged_and_dropped(chat):
    assert chat.receives(a_message("removed"), a_message("invoices", number=2, channel="removed")) == []

    assert [line["message"] for line in chat.log] == ["unmatched", "unmatched"]
    assert chat.services.posted == []


def test_a_malformed_message_keeps_no_other_back(chat):
    bad = {**a_message("invoices"), "body": "not JSON"}

    assert chat.receives(bad, a_message("invoices", number=2)) == ["message-1"]

    assert chat.services.posted == [("alerts", "2.pdf arrived")]
    assert "error" in [line["message"] for line in chat.log]


def test_a_retry_that_sqs_refuses_to_set_is_logged_and_comes_after_the_visibility_timeout(chat):
    chat.services.answers["alerts"] = [DOWN]
    chat.sqs_refuses = True

    assert chat.receives(a_message("invoices")) == ["message-1"]
    assert [line["message"] for line in chat.log] == ["not posted", "retry not set"]


def test_a_copy_that_sqs_does_not_take_leaves_the_message_in_the_queue_for_all_channels(chat):
    chat.services.answers["ops"] = [DOWN]
    chat.sqs_refuses = True

    assert chat.receives(a_message("scans")) == ["message-1"]


def test_channels_and_rules_are_the_functions_own(chat):
    chat.follows(a_rule(name="other", to=("channel:ops",)))

    chat.receives(a_message("other"))

    assert chat.services.posted == [("ops", "1.pdf arrived")]
