"""Reading the channels' webhooks from the parameter store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from domain.channels import ChannelError, Webhook
from handlers.data.webhooks import FRESH_SECONDS, Webhooks

OLD = Webhook(service="slack", url="https://hooks.slack.com/services/T0/B0/old-secret")
NEW = Webhook(service="discord", url="https://discord.com/api/webhooks/1/new-secret")


@dataclass
class Store:
    """A parameter store that counts its calls, and fails while `fails`."""

    values: dict[str, str] = field(
        default_factory=lambda: {"p-alerts": OLD.as_parameter(), "p-ops": NEW.as_parameter()}, repr=False
    )
    calls: list[list[str]] = field(default_factory=list)
    fails: bool = False

    def get_parameters(self, *, Names: list[str], WithDecryption: bool) -> Any:  # noqa: N803 - boto3's names
        assert WithDecryption
        self.calls.append(Names)
        if self.fails:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slower"}}, "GetParameters")
        found = [{"Name": name, "Value": self.values[name]} for name in Names if name in self.values]
        return {"Parameters": found, "InvalidParameters": []}


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def webhooks(store, now) -> Webhooks:
    parameters = {"alerts": "p-alerts", "ops": "p-ops"}
    return Webhooks(client=store, parameters=parameters, clock=lambda: now[0])


def test_all_webhooks_are_read_in_one_call_when_the_first_is_needed(webhooks, store):
    assert store.calls == []
    assert [webhooks.of("alerts"), webhooks.of("ops")] == [OLD, NEW]
    assert store.calls == [["p-alerts", "p-ops"]]


def test_a_new_webhook_is_used_after_five_minutes_even_if_the_old_one_still_works(webhooks, store, now):
    webhooks.of("alerts")
    store.values["p-alerts"] = NEW.as_parameter()

    now[0] += FRESH_SECONDS - 1
    assert webhooks.of("alerts") == OLD
    now[0] += 1
    assert webhooks.of("alerts") == NEW


def test_a_webhook_that_was_refused_is_read_again_at_once(webhooks, store):
    webhooks.of("alerts")
    assert webhooks.replaced("alerts", OLD) is None

    store.values["p-alerts"] = NEW.as_parameter()
    assert webhooks.replaced("alerts", OLD) == NEW


def test_a_known_webhook_serves_while_the_parameter_store_fails(webhooks, store, now):
    webhooks.of("alerts")
    store.fails = True
    now[0] += FRESH_SECONDS

    assert webhooks.of("alerts") == OLD
    assert webhooks.of("alerts") == OLD
    assert len(store.calls) == 2


def test_without_a_known_webhook_the_failure_is_raised(webhooks, store):
    store.fails = True

    with pytest.raises(ClientError):
        webhooks.of("alerts")


def test_a_missing_parameter_is_said_by_its_channel(webhooks, store):
    del store.values["p-ops"]

    with pytest.raises(ChannelError, match="no webhook of channel ops; run: pulumi up"):
        webhooks.of("ops")


@pytest.mark.parametrize(
    "value",
    ["", "[]", "https://hooks.slack.com/services/T0/B0/secret", '{"service": "irc", "url": "https://x/secret"}',
     '{"service": "slack", "url": "http://hooks.slack.com/secret"}', '{"service": "slack", "url": 3}'],
)  # fmt: skip
def test_what_is_no_webhook_is_refused_and_not_repeated(webhooks, store, value):
    store.values["p-alerts"] = value

    with pytest.raises(ChannelError) as raised:
        webhooks.of("alerts")
    assert "secret" not in str(raised.value)


def test_no_representation_has_a_url(webhooks):
    webhook = webhooks.of("alerts")

    assert "old-secret" not in f"{webhooks!r} {webhook!r} {webhook}"
