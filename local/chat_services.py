"""Chat services on this machine: each takes the form that the real one documents, and can be made to fail.

What is posted appears on the mailbox's page as the service would show it.
"""

from __future__ import annotations

import json
import mailbox
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import localtime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from domain.channels import SERVICES, ChannelError, ServiceName, parse_webhook
from local.chat_forms import WrongFormError, shown

KEY = "channels"
PATH = "/chat/"
CHANNEL_HEADER, SERVICE_HEADER = "X-Channel", "X-Chat-Service"
HANG_SECONDS = 20.0  # longer than the function waits

Trouble = Literal["fine", "refuses", "limits", "fails", "hangs", "gone"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a service answers. `headers` are beside the usual ones."""

    status: int
    content: str = ""
    kind: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


_ACCEPTED: Mapping[ServiceName, Answer] = {
    "slack": Answer(status=200, content="ok"),
    "teams": Answer(status=202),
    "discord": Answer(status=204),
    "googlechat": Answer(status=200, content='{"name": "spaces/000/messages/000"}', kind="application/json"),
}
_TROUBLE: Mapping[Trouble, Answer] = {
    "refuses": Answer(status=400, content="invalid_payload"),
    "fails": Answer(status=503),
    "gone": Answer(status=404, content="no_service"),
}


@dataclass(frozen=True, kw_only=True)
class _Channel:
    name: str
    service: ServiceName


class ChatServices:
    """The services of the channels in the settings. Messages go into the mailbox's Maildir.

    `trouble` says for a channel's name what is wrong with its service, `retry_after` what it asks for where it limits
    the rate. `requests` counts what was posted to each channel, accepted or not.
    """

    def __init__(self, maildir: Path) -> None:
        self._box = mailbox.Maildir(maildir, create=True)
        self._channels: dict[str, _Channel] = {}
        self._turn = threading.Lock()  # Maildir counts its messages in a class attribute
        self.trouble: dict[str, Trouble] = {}
        self.retry_after = "1"
        self.requests: defaultdict[str, int] = defaultdict(int)

    def serve(self, settings: str, at: str) -> dict[str, str]:
        """Serve the channels of a setting at an address. Returns each service's own address with the one here.

        A setting that cannot be read is left to the program, which says what is wrong with it.
        """
        try:
            urls: Any = json.loads(settings or "{}")
        except ValueError:
            urls = None
        channels: dict[str, _Channel] = {}
        addresses: dict[str, str] = {}
        for name, url in urls.items() if isinstance(urls, dict) else ():
            try:
                webhook = parse_webhook(url)
            except ChannelError:
                continue
            parts = urlsplit(webhook.url)
            addresses[f"https://{parts.netloc}"] = f"{at}{PATH}{parts.hostname}"
            rest = f"{parts.path}?{parts.query}" if parts.query else parts.path
            channels[f"{PATH}{parts.hostname}{rest}"] = _Channel(name=name, service=webhook.service)
        self._channels = channels
        return addresses

    def receive(self, path: str, body: bytes) -> Answer:
        """What the service of a webhook answers. An accepted message is in the mailbox then."""
        channel = self._channels.get(path)
        if channel is None:
            return _TROUBLE["gone"]
        self.requests[channel.name] += 1
        trouble = self.trouble.get(channel.name, "fine")
        if trouble == "hangs":
            time.sleep(HANG_SECONDS)
            return Answer(status=504)
        if trouble == "limits":
            return Answer(status=429, headers={"Retry-After": self.retry_after})
        if trouble in _TROUBLE:
            return _TROUBLE[trouble]
        try:
            title, text = shown(channel.service, json.loads(body))
        except (WrongFormError, ValueError) as error:
            return Answer(status=400, content=f"invalid_payload: {error}")
        self._deliver(channel, title, text)
        return _ACCEPTED[channel.service]

    def _deliver(self, channel: _Channel, title: str, text: str) -> None:
        message = EmailMessage()
        message[CHANNEL_HEADER] = f"channel:{channel.name}"
        message[SERVICE_HEADER] = SERVICES[channel.service].title
        message["Date"] = localtime()
        message["Subject"] = title
        message.set_content(text)
        with self._turn:
            self._box.add(message)
