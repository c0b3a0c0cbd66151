"""The stand-ins of chat services: what they take, what they refuse, and how they can be made to fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handlers.logic.chat_forms import form
from handlers.logic.chat_messages import ChatMessage
from local import chat_services
from local.chat_services import Answer, ChatServices
from local.mailbox import Mailbox
from tests.program.conftest import WEBHOOKS

AT = "http://127.0.0.1:4000"
SLACK = "/chat/hooks.slack.com/services/T0/B0/a-slack-secret"
MESSAGE = ChatMessage(title="a.pdf arrived", lines=("at noon",), link=("Console", "https://example.com/a"))
SLACKS = form("slack", MESSAGE)


@pytest.fixture
def services(tmp_path: Path) -> ChatServices:
    services = ChatServices(tmp_path / "mail")
    services.serve(json.dumps(WEBHOOKS), AT)
    return services


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mail")


def post(services: ChatServices, document: object = SLACKS, path: str = SLACK) -> Answer:
    return services.receive(path, json.dumps(document).encode())


def test_the_address_of_each_service_has_one_on_this_machine(services: ChatServices) -> None:
    assert services.serve(json.dumps(WEBHOOKS), AT) == {
        "https://hooks.slack.com": f"{AT}/chat/hooks.slack.com",
        "https://default0.00.environment.api.powerplatform.com:443": (
            f"{AT}/chat/default0.00.environment.api.powerplatform.com"
        ),
        "https://discord.com": f"{AT}/chat/discord.com",
        "https://chat.googleapis.com": f"{AT}/chat/chat.googleapis.com",
    }


@pytest.mark.parametrize("settings", ["", "{}", "[", "[]", '{"a": 3}', '{"a": "https://example.com/"}'])
def test_settings_that_cannot_be_read_are_left_to_the_program(services: ChatServices, settings: str) -> None:
    assert services.serve(settings, AT) == {}


def test_a_message_is_in_the_mailbox_with_its_channel_and_service(services: ChatServices, mailbox: Mailbox) -> None:
    assert post(services) == Answer(status=200, content="ok")

    (message,) = mailbox.messages()
    assert (message.to, message.via, message.subject) == ("channel:alerts", "Slack", "a.pdf arrived")
    assert message.body == "at noon\nConsole: https://example.com/a"


@pytest.mark.parametrize("path", ["/chat/", "/chat/hooks.slack.com/services/T0/B0/another", f"{SLACK}?x=1"])
def test_an_unknown_webhook_is_a_404_as_at_the_real_service(
    services: ChatServices, mailbox: Mailbox, path: str
) -> None:
    assert post(services, path=path) == Answer(status=404, content="no_service")
    assert mailbox.messages() == []


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {**SLACKS, "text": ""},
        {**SLACKS, "text": "<!channel>"},
        {**SLACKS, "text": "a & b"},
        {**SLACKS, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*a*"}}]},
        form("discord", MESSAGE),
        form("teams", MESSAGE),
        form("googlechat", MESSAGE),
    ],
)
def test_a_form_that_slack_does_not_document_is_refused(
    services: ChatServices, mailbox: Mailbox, document: object
) -> None:
    answer = post(services, document)

    assert (answer.status, answer.content.split(":")[0]) == (400, "invalid_payload")
    assert mailbox.messages() == []


def test_what_is_not_json_is_refused(services: ChatServices) -> None:
    assert services.receive(SLACK, b"{").status == 400


@pytest.mark.parametrize(
    ("trouble", "status"), [("refuses", 400), ("limits", 429), ("fails", 503), ("gone", 404), ("hangs", 504)]
)
def test_a_service_can_be_made_to_fail(
    services: ChatServices,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    trouble: chat_services.Trouble,
    status: int,
) -> None:
    monkeypatch.setattr(chat_services, "HANG_SECONDS", 0.0)
    services.trouble["alerts"] = trouble

    assert post(services).status == status
    assert mailbox.messages() == []
    assert services.requests["alerts"] == 1


def test_a_service_that_limits_the_rate_says_for_how_long(services: ChatServices) -> None:
    services.trouble["alerts"], services.retry_after = "limits", "30"

    assert post(services).headers == {"Retry-After": "30"}
