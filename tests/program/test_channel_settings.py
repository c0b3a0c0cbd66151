"""Chat channels in the settings: what is accepted, and that no message repeats a URL."""

from __future__ import annotations

import pulumi
import pytest

from components.settings import SettingsError
from domain.channels import SERVICES
from tests.program import conftest
from tests.program.conftest import WEBHOOKS

EMAILS = {"emails": ["a@b.co"]}
SLACK = WEBHOOKS["alerts"]
SECRET = "a-slack-secret"
EXAMPLE = SERVICES["slack"].example


def problems(read, **config):
    with pytest.raises(SettingsError) as raised:
        read(**{**EMAILS, **config})
    return str(raised.value)


def test_the_service_of_a_channel_is_recognized_by_the_host_of_its_url(read):
    channels = read(**EMAILS, channels=WEBHOOKS).channels

    assert {channel.name: channel.webhook.service for channel in channels} == {
        "alerts": "slack",
        "ops": "teams",
        "games": "discord",
        "sales": "googlechat",
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://prod-12.westeurope.logic.azure.com:443/workflows/0/triggers/manual/paths/invoke?sig=x",
        "https://discordapp.com/api/webhooks/1/x",
        "https://discord.com/api/v10/webhooks/1/x",
        "https://HOOKS.slack.com/services/T0/B0/x",
    ],
)
def test_other_spellings_of_a_services_url_are_accepted(read, url):
    assert read(**EMAILS, channels={"alerts": url}).channels[0].name == "alerts"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://hooks.slack.com/services/T0/B0/SECRET", "does not begin with https://"),
        ("https://hooks.slack.com/SECRET", "has not the path of a webhook of Slack"),
        ("https://hooks.slack.com/", "has not the path of a webhook of Slack"),
        ("https://hooks.slack.com:8443/services/T0/B0/SECRET", "is of hooks.slack.com; use a URL of"),
        ("https://example.com/services/T0/B0/SECRET", "is of example.com; use a URL of hooks.slack.com (Slack), "),
        ("https://hooks.slack.com.evil.example/services/T0/B0/SECRET", "is of hooks.slack.com.evil.example; use"),
        (
            "https://acme.webhook.office.com/webhookb2/SECRET",
            "is of acme.webhook.office.com, a connector that Teams has retired",
        ),
        ("https://outlook.office.com/webhook/SECRET", "is of outlook.office.com, a connector that Teams has retired"),
        ("https://SECRET@hooks.slack.com/services/T0/B0/x", "has parts that no webhook of Slack has"),
        ("https://hooks.slack.com/services/T0/B0/SECRET\n", "has parts that no webhook of Slack has"),
        ("https://[SECRET", "is not a URL"),
        ("SECRET", "does not begin with https://"),
        (42, "is not text"),
        (None, "is not text"),
    ],
)
def test_a_url_that_is_no_webhook_is_explained_and_not_repeated(read, url, expected):
    text = problems(read, channels={"alerts": url})

    assert f"channels.alerts {expected}" in text
    assert f"pulumi config set --secret --path channels.alerts {EXAMPLE}" in text
    assert "SECRET" not in text.replace(EXAMPLE, "")


@pytest.mark.parametrize("name", ["", "a b", "a.b", "-a", "a" * 41, "ä", "a\nb", "@everyone"])
def test_a_name_with_other_characters_is_refused(read, name):
    assert "use 1 to 40 letters, digits, dashes or underscores" in problems(read, channels={name: SLACK})


def test_names_that_differ_only_in_case_are_refused(read):
    assert "has both 'Alerts' and 'alerts'" in problems(read, channels={"Alerts": SLACK, "alerts": SLACK})


@pytest.mark.parametrize("value", [SLACK, [SLACK], "not JSON {", 3])
def test_what_is_no_map_is_refused_without_being_repeated(read, value):
    text = problems(read, channels=value)

    assert "channels is not a map of names to URLs" in text
    assert SECRET not in text


def test_more_channels_than_are_read_at_once_are_refused(read):
    channels = {f"channel-{number}": SLACK for number in range(11)}

    assert "channels has 11 channels; the chat function reads the URLs of 10" in problems(read, channels=channels)


def test_channels_that_are_not_secret_are_refused(read, monkeypatch):
    monkeypatch.setattr(conftest, "SECRETS", set())

    text = problems(read, channels={"alerts": SLACK})

    assert "channels is not secret" in text
    assert "pulumi config set --secret --path channels.alerts URL" in text
    assert SECRET not in text


def test_the_url_is_in_no_representation_of_the_settings(read):
    settings = read(**EMAILS, channels=WEBHOOKS)

    assert "secret" not in f"{settings!r} {settings}".replace("a_secret", "")


def test_a_rule_may_name_a_channel(read):
    rule = {"name": "invoices", "to": ["channel:alerts"]}

    (read_rule,) = read(alarmEmails=["a@b.co"], channels={"alerts": SLACK}, rules=[rule]).rules

    assert read_rule.channels == ("alerts",)
    assert read_rule.notifies_people


def test_a_rule_that_names_an_unknown_channel_gets_the_nearest_one(read):
    rule = {"name": "invoices", "to": ["channel:alrts"]}

    text = problems(read, channels={"alerts": SLACK}, rules=[rule])

    assert "rules[0].to[0] is 'channel:alrts', which channels does not have; use one of alerts, or set it" in text
    assert "pulumi config set --path 'rules[0].to[0]' channel:alerts" in text


def test_a_rule_that_names_a_channel_where_there_is_none_says_how_to_set_it(read):
    text = problems(read, rules=[{"name": "invoices", "to": ["channel:alerts"]}])

    assert "which channels does not have; set it first" in text
    assert f"pulumi config set --secret --path channels.alerts {EXAMPLE}" in text


def test_a_channel_whose_url_is_wrong_is_one_problem_and_not_two(read):
    rule = {"name": "invoices", "to": ["channel:alerts"]}

    assert "a problem:" in problems(read, channels={"alerts": "https://example.com/"}, rules=[rule])


def test_alarms_may_go_to_channels(read):
    assert read(**EMAILS, channels={"alerts": SLACK}, alarmChannels=["alerts"]).alarm_channels == ("alerts",)


def test_an_unknown_channel_for_alarms_is_refused(read):
    text = problems(read, channels={"alerts": SLACK}, alarmChannels=["alert"])

    assert "alarmChannels[0] is 'alert', which channels does not have" in text
    assert "pulumi config set --path 'alarmChannels[0]' alerts" in text


def test_alarms_need_an_email_address_as_well_since_chat_itself_may_fail(read):
    rule = {"name": "invoices", "to": ["channel:alerts"]}

    with pytest.raises(SettingsError, match="alarmEmails and emails are both empty"):
        read(channels={"alerts": SLACK}, rules=[rule], alarmChannels=["alerts"])


def test_a_channel_that_nothing_names_is_a_warning(monkeypatch):
    warned = []
    monkeypatch.setattr(pulumi, "warn", lambda text, *_: warned.append(text))

    deployment = conftest.run(emails=["a@b.co"], channels={"alerts": SLACK})

    assert warned == ["channels has alerts, which no rule's `to` and not alarmChannels names"]
    assert deployment.of("Parameter") == []
