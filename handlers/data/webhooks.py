"""The channels' secret webhooks in the parameter store."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from domain.channels import ChannelError, Webhook, webhook_of

FRESH_SECONDS = 300
"""A URL that was replaced may still work: after this time the new one is used all the same."""


class ParameterStore(Protocol):
    """The parameter store's client, as far as it is used here: its stubs are another distribution."""

    def get_parameters(self, *, Names: list[str], WithDecryption: bool) -> Any: ...  # noqa: N803 - boto3's names


@dataclass(kw_only=True)
class Webhooks:
    """Reads all webhooks at once, when the first is asked for. `parameters` are their names by that of the channel."""

    client: ParameterStore
    parameters: Mapping[str, str]
    clock: Callable[[], float] = time.time  # Lambda stops time.monotonic between invocations
    _values: dict[str, str] = field(default_factory=dict, repr=False)
    _read_at: float = 0.0

    def of(self, channel: str) -> Webhook:
        """The webhook of a channel. Raises ChannelError if it has none, botocore's errors if none was ever read."""
        if not self._values:
            self._read()
        elif self.clock() >= self._read_at + FRESH_SECONDS:
            try:
                self._read()
            except (ClientError, BotoCoreError):  # the one that is known still serves, and is asked for again later
                self._read_at = self.clock()
        value = self._values.get(channel)
        if value is None:
            raise ChannelError(f"the parameter store has no webhook of channel {channel}; run: pulumi up")
        return webhook_of(value)

    def replaced(self, channel: str, used: Webhook) -> Webhook | None:
        """The webhook that has taken the place of a used one; None if it is still the same. Raises as `of` does."""
        self._read()
        webhook = self.of(channel)
        return webhook if webhook != used else None

    def _read(self) -> None:
        reply = self.client.get_parameters(Names=list(self.parameters.values()), WithDecryption=True)
        values = {parameter["Name"]: parameter["Value"] for parameter in reply["Parameters"]}
        self._values = {channel: values[name] for channel, name in self.parameters.items() if name in values}
        self._read_at = self.clock()
