"""Chat channels: their names, the services that they belong to, and what is kept of each in the parameter store."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlsplit

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38}[A-Za-z0-9])?")

MOST = 10
"""Parameters that are read in one call.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
"""

ServiceName = Literal["slack", "teams", "discord", "googlechat"]


@dataclass(frozen=True, kw_only=True)
class Service:
    """A chat service that posts what is sent to a secret URL. `host` and `path` are what such a URL looks like."""

    title: str
    host: re.Pattern[str]
    path: re.Pattern[str]
    example: str
    source: str


SERVICES: Mapping[ServiceName, Service] = {
    "slack": Service(
        title="Slack",
        host=re.compile(r"hooks\.slack\.com"),
        path=re.compile(r"/services/[^/]+/[^/]+/[^/]+"),
        example="https://hooks.slack.com/services/T000/B000/SECRET",
        source="https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/",
    ),
    "teams": Service(
        title="Teams",
        host=re.compile(r"[a-z0-9.-]+\.(logic\.azure\.com|environment\.api\.powerplatform\.com)"),
        path=re.compile(r"/(.+/)?workflows/[^/]+/triggers/.+"),
        example="https://default000.00.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/"
        "000/triggers/manual/paths/invoke?api-version=1&sig=SECRET",
        source="https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using",
    ),
    "discord": Service(
        title="Discord",
        host=re.compile(r"(?:ptb\.|canary\.)?discord(?:app)?\.com"),
        path=re.compile(r"/api/(?:v[0-9]+/)?webhooks/[0-9]+/[^/]+"),
        example="https://discord.com/api/webhooks/000/SECRET",
        source="https://docs.discord.com/developers/resources/webhook#execute-webhook",
    ),
    "googlechat": Service(
        title="Google Chat",
        host=re.compile(r"chat\.googleapis\.com"),
        path=re.compile(r"/v1/spaces/[^/]+/messages"),
        example="https://chat.googleapis.com/v1/spaces/000/messages?key=KEY&token=SECRET",
        source="https://developers.google.com/workspace/chat/quickstart/webhooks",
    ),
}
"""Every service, by the name that is kept with a channel's URL."""

HOSTS = (
    "hooks.slack.com (Slack), *.environment.api.powerplatform.com or *.logic.azure.com (Teams, Workflows), "
    "discord.com or discordapp.com (Discord), chat.googleapis.com (Google Chat)"
)
RETIRED = re.compile(r"(?:[a-z0-9.-]+\.)?(?:webhook\.office\.com|outlook\.office(?:365)?\.com)")
"""Hosts of the connectors that Teams had before Workflows: they deliver nothing any more."""


class ChannelError(ValueError):
    """A URL that no channel has. The text says what is accepted, and never repeats the URL: it is a secret."""


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """Where a channel's messages are sent. `url` is a secret: anyone who has it can post."""

    service: ServiceName
    url: str = field(repr=False)

    def as_parameter(self) -> str:
        """What the parameter store keeps; webhook_of reads it back."""
        return json.dumps({"service": self.service, "url": self.url}, separators=(",", ":"))


def webhook_of(parameter: str) -> Webhook:
    """Decode what the parameter store has. Raises ChannelError."""
    try:
        kept = json.loads(parameter)
        service, url = kept["service"], kept["url"]
    except (ValueError, TypeError, KeyError):
        raise ChannelError("what the parameter store has is no webhook; run: pulumi up") from None
    # On loopback nothing leaves the machine: the local emulator's services have no certificate.
    is_private = isinstance(url, str) and url.startswith(("https://", "http://127.0.0.1:"))
    if service not in get_args(ServiceName) or not is_private:
        raise ChannelError("what the parameter store has is no webhook; run: pulumi up")
    return Webhook(service=service, url=url)


def parse_webhook(value: object) -> Webhook:
    """Recognize a channel's service by the URL's host. Raises ChannelError, meant for the person who wrote it."""
    if not isinstance(value, str):
        raise ChannelError("is not text; use the URL that the service shows for the webhook")
    try:
        parts = urlsplit(value)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise ChannelError("is not a URL; use the one that the service shows for the webhook") from None
    if parts.scheme != "https":
        raise ChannelError("does not begin with https://: without TLS everyone on the way reads the secret in it")
    if RETIRED.fullmatch(host):
        raise ChannelError(f"is of {host}, a connector that Teams has retired; make a webhook with Workflows instead")
    for name, service in SERVICES.items():
        if service.host.fullmatch(host) and port in (None, 443):
            if not service.path.fullmatch(parts.path):
                raise ChannelError(f"has not the path of a webhook of {service.title}, as in {service.example}")
            if parts.username or parts.fragment or not value.isascii() or not value.isprintable() or " " in value:
                raise ChannelError(f"has parts that no webhook of {service.title} has, which is like {service.example}")
            return Webhook(service=name, url=value)
    shown = host if re.fullmatch(r"[a-z0-9.-]{1,253}", host) else "no service"
    raise ChannelError(f"is of {shown}; use a URL of {HOSTS}")
