"""Posts messages to chat channels, at the pace that each service accepts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from domain.channels import ChannelError, Webhook
from handlers.data.web import Answer, NoAnswerError
from handlers.logic.chat_forms import form
from handlers.logic.chat_messages import ChatMessage

SECONDS_BETWEEN_MESSAGES = 2.0
"""To one channel, of one function. Two may run at a time, and services accept about one message a second.

https://docs.slack.dev/apis/web-api/rate-limits/
"""
MOST_WAIT_SECONDS = 30.0  # for a service that limits the rate, while the function runs
DOWN_SECONDS = 15.0  # a service that failed is left alone, and twice as long each time that it fails again
MOST_DOWN_SECONDS = 600.0
MARGIN_SECONDS = 15.0  # an attempt takes at most 13
ATTEMPTS = 3

_GONE = frozenset({401, 403, 404, 410})
_LIMITED = 429


class NotPostedError(Exception):
    """A message was not posted; the text says why, without the URL. `wait` is the least time until it may be tried."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class PutOffError(NotPostedError):
    """A message was not even tried: its channel is left alone, or the function ends soon."""


class KnownWebhooks(Protocol):
    """Where webhooks are read from: handlers.data.webhooks."""

    def of(self, channel: str) -> Webhook: ...

    def replaced(self, channel: str, used: Webhook) -> Webhook | None: ...


@dataclass(kw_only=True)
class Poster:
    """Posts one message at a time. It remembers when each channel may be used next: one for all batches of a function.

    `post` sends a document to a URL and returns the answer, or raises NoAnswerError. `clock` goes on between batches,
    when Lambda stops the process, and with it time.monotonic: by that, a channel would be left alone for hours.
    """

    webhooks: KnownWebhooks
    post: Callable[[str, Mapping[str, Any]], Answer]
    clock: Callable[[], float] = time.time
    pause: Callable[[float], object] = time.sleep
    _free_at: dict[str, float] = field(default_factory=dict)
    _closed: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Channels that failed: until when they are left alone, and why."""
    _failures: dict[str, int] = field(default_factory=dict)
    """How often each has failed since it last worked."""

    def send(self, channel: str, message: ChatMessage, seconds_left: Callable[[], float]) -> None:
        """Post a message to a channel within the time that is left. Raises NotPostedError or PutOffError."""
        until, why = self._closed.get(channel, (0.0, ""))
        if until > self.clock():
            raise PutOffError(why, until - self.clock())
        try:
            webhook = self.webhooks.of(channel)
        except (ChannelError, ClientError, BotoCoreError) as error:
            raise self._failed(channel, f"its webhook cannot be read: {error}") from None
        for attempt in range(1, ATTEMPTS + 1):
            self._wait(self._free_at.get(channel, 0.0) - self.clock(), seconds_left)
            answer = self._attempt(channel, webhook, message)
            if answer.status < 300:  # noqa: PLR2004
                self._failures.pop(channel, None)
                return
            if answer.status == _LIMITED:
                self._limited(channel, answer, is_last=attempt == ATTEMPTS, seconds_left=seconds_left)
            elif answer.status in _GONE and (new := self._replaced(channel, webhook)) is not None:
                webhook = new
            else:
                raise self._refused(channel, answer)
        raise NotPostedError("its webhook was replaced again and again")

    def _attempt(self, channel: str, webhook: Webhook, message: ChatMessage) -> Answer:
        try:
            return self.post(webhook.url, form(webhook.service, message))
        except NoAnswerError as error:
            raise self._failed(channel, f"the service does not answer ({error})") from None
        finally:
            self._free_at[channel] = self.clock() + SECONDS_BETWEEN_MESSAGES

    def _limited(self, channel: str, answer: Answer, *, is_last: bool, seconds_left: Callable[[], float]) -> None:
        """Wait as long as the service asks for, if the function may run that long."""
        self._free_at[channel] = max(self._free_at[channel], self.clock() + answer.wait)
        if is_last or answer.wait > min(MOST_WAIT_SECONDS, seconds_left() - MARGIN_SECONDS):
            raise self._close(channel, f"the service limits the rate; next in {answer.wait:.0f} s", answer.wait)

    def _replaced(self, channel: str, used: Webhook) -> Webhook | None:
        try:
            return self.webhooks.replaced(channel, used)
        except (ChannelError, ClientError, BotoCoreError):  # the service's own answer is the reason that is reported
            return None

    def _refused(self, channel: str, answer: Answer) -> NotPostedError:
        said = f"{answer.status}{f' {answer.reason}' if answer.reason else ''}"
        if answer.status in _GONE:
            return self._failed(channel, f"the webhook is no longer valid: the service answers {said}")
        if answer.status >= 500:  # noqa: PLR2004
            return self._failed(channel, f"the service fails: {said}", least=answer.wait)
        return NotPostedError(f"the service refuses the message: {said}")

    def _failed(self, channel: str, why: str, *, least: float = 0.0) -> NotPostedError:
        failures = self._failures[channel] = self._failures.get(channel, 0) + 1
        return self._close(channel, why, max(least, min(DOWN_SECONDS * 2.0 ** (failures - 1), MOST_DOWN_SECONDS)))

    def _close(self, channel: str, why: str, seconds: float) -> NotPostedError:
        self._closed[channel] = (self.clock() + seconds, why)
        return NotPostedError(why, seconds)

    def _wait(self, seconds: float, seconds_left: Callable[[], float]) -> None:
        if seconds > seconds_left() - MARGIN_SECONDS:
            raise PutOffError("no time is left in this invocation", seconds)
        if seconds > 0:
            self.pause(seconds)
