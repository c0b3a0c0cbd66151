"""Chat: one queue and one function for all channels, whose URLs are secrets and stay so."""

from __future__ import annotations

import json

import pytest

from components.dead_letter_queue import RETENTION_SECONDS
from domain.channels import webhook_of
from handlers.chat import RETRY_SECONDS
from tests.program.conftest import CHAT, CONFIGS, PROJECT, WEBHOOKS, run, strings

SECRETS = ("a-slack-secret", "a-teams-secret", "a-discord-secret", "a-google-secret")
SECRET_MARK = "4dabf18193072939515e22adb298388d"  # Pulumi's: what is beside it is encrypted in the state


@pytest.fixture
def chat(deploy):
    return deploy(**CONFIGS["chat"])


def outside_secrets(value):
    """The value as it would be in the state in plain: what is secret is left out."""
    if isinstance(value, dict):
        kept = {} if SECRET_MARK in value else value
        return {name: outside_secrets(item) for name, item in kept.items()}
    return [outside_secrets(item) for item in value] if isinstance(value, list) else value


def test_a_channels_url_is_an_encrypted_parameter(chat):
    parameters = {parameter.name: parameter.inputs for parameter in chat.of("Parameter")}

    assert parameters.keys() == {f"{PROJECT}-chat-{name}" for name in WEBHOOKS}
    for name, url in WEBHOOKS.items():
        inputs = parameters[f"{PROJECT}-chat-{name}"]
        assert inputs["type"] == "SecureString"
        assert webhook_of(inputs["value"]["value"]).url == url


@pytest.mark.parametrize("config", ["chat", "regions"])
def test_no_url_is_anywhere_else_in_the_state_or_in_the_outputs(deploy, config):
    deployment = deploy(**CONFIGS[config])
    plain = [
        *strings(deployment.exports),
        *(text for r in deployment.resources for text in strings(outside_secrets(r.inputs))),
    ]

    assert len(plain) > 100
    assert [text for text in plain if any(secret in text for secret in SECRETS)] == []


def test_a_new_url_changes_its_parameter_and_nothing_else(chat):
    changed = {**WEBHOOKS, "alerts": "https://hooks.slack.com/services/T0/B0/another"}

    later = {r.urn: r for r in run(**{**CONFIGS["chat"], "channels": changed}).resources}

    assert later.keys() == chat.names
    differing = {r.name for r in chat.resources if comparable(r) != comparable(later[r.urn])}
    assert differing == {f"{PROJECT}-chat-alerts"}


def comparable(resource):
    code = resource.inputs.get("code")
    return {
        **resource.inputs,
        "code": {name: getattr(asset, "text", getattr(asset, "path", "")) for name, asset in code.assets.items()}
        if code
        else None,
    }


def test_a_channel_can_move_to_another_service_without_a_new_function(chat):
    changed = {**WEBHOOKS, "alerts": "https://discord.com/api/webhooks/2/x"}

    later = {r.urn: r for r in run(**{**CONFIGS["chat"], "channels": changed}).resources}

    differing = {r.name for r in chat.resources if comparable(r) != comparable(later[r.urn])}
    assert differing == {f"{PROJECT}-chat-alerts"}


def test_the_function_may_read_the_parameters_of_its_channels_and_no_others(chat):
    (allowed,) = [s for s in chat.statements() if "ssm:GetParameters" in s.actions]

    assert allowed.resource.name == f"{PROJECT}-chat-policy"
    assert sorted(allowed.content["Resource"]) == sorted(
        f"arn:aws:ssm:eu-west-1:111122223333:{PROJECT}-chat-{name}" for name in WEBHOOKS
    )


def test_one_subscription_serves_all_channels_with_the_rules_that_name_one(deploy):
    config = CONFIGS["chat"]
    deployment = deploy(**{**config, "rules": [*config["rules"], {"name": "scans", "to": ["channel:ops"]}]})

    subscription = deployment.named("chat-subscription")

    assert json.loads(subscription.inputs["filterPolicy"]) == {"deliver": ["invoices", "scans"]}
    assert "rawMessageDelivery" not in subscription.inputs


def test_alarms_reach_the_chat_queue_where_a_channel_receives_them(chat):
    subscription = chat.named("chat-alarms")

    assert subscription.inputs["topic"] == chat.exports["alarmTopicArn"]
    (accepts,) = [s for s in chat.statements() if s.resource.name == f"{PROJECT}-chat-policy" and s.services]
    assert accepts.content["Condition"]["ArnLike"]["aws:SourceArn"] == [
        chat.exports["topicArn"],
        chat.exports["alarmTopicArn"],
    ]


def test_no_message_comes_before_the_function_that_knows_its_channels_reads_the_queue(chat):
    subscriptions = [s for s in chat.of("TopicSubscription") if s.inputs["endpoint"].endswith("chat-queue")]

    assert len(subscriptions) == 2
    assert all(chat.comes_before(chat.the("EventSourceMapping"), subscription) for subscription in subscriptions)


def test_without_a_channel_for_alarms_they_are_mails_only(deploy):
    deployment = deploy(**{**CONFIGS["chat"], "alarmChannels": []})

    assert [r.name for r in deployment.resources if r.name == f"{PROJECT}-chat-alarms"] == []


def test_with_channels_for_alarms_only_no_notification_comes(deploy):
    deployment = deploy(emails=["a@b.co"], channels={"ops": WEBHOOKS["ops"]}, alarmChannels=["ops"])

    assert [r.name for r in deployment.of("TopicSubscription") if "-chat-" in r.name] == [f"{PROJECT}-chat-alarms"]


def test_every_region_has_its_own_queue_function_and_parameters(deploy):
    for part in deploy(**CONFIGS["regions"]).regions.values():
        assert [r.inputs["type"] for r in part.of("Parameter")] == ["SecureString"]
        assert part.exports["chatQueueUrl"].rsplit("/", 1)[-1].endswith("-chat-queue")


def test_a_message_is_retried_for_an_hour_before_it_is_a_dead_letter(chat):
    redrive = json.loads(chat.named("chat-queue").inputs["redrivePolicy"])

    assert redrive["maxReceiveCount"] == len(RETRY_SECONDS) + 1
    assert 3600 <= sum(RETRY_SECONDS) < 3700


def test_lambda_does_not_take_messages_that_are_put_off_again_and_again_for_a_loop(chat):
    allowing = chat.the("FunctionRecursionConfig")

    assert allowing.inputs["functionName"] == chat.the("EventSourceMapping").inputs["functionName"]
    assert allowing.inputs["recursiveLoop"] == "Allow"
    assert chat.comes_before(allowing, chat.the("EventSourceMapping"))


def test_a_message_waits_in_the_queue_no_longer_than_in_the_one_of_dead_letters(chat):
    assert chat.named("chat-queue").inputs["messageRetentionSeconds"] == RETENTION_SECONDS


def test_switching_the_mode_keeps_the_channels(deploy):
    config = {"emails": ["ann@example.com"], **CHAT}
    before, after = deploy(**config), deploy(**config, mode="advanced")

    later = {r.urn: r for r in after.resources}
    kept = [r for r in before.resources if "-chat" in r.name]
    assert kept
    assert [r.name for r in kept if comparable(r) != comparable(later[r.urn])] == []
