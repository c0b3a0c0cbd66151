"""Recipients: who can be notified, and what each protocol means. `domain/addresses.py` checks what people write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CHANNEL = "channel:"
"""What the address of a chat channel begins with."""

ProtocolName = Literal["email", "sms", "https", "sqs", "lambda", "chat"]


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What it means to be reached by one of SNS's protocols, or by the stack's own for chat.

    `is_person`: paced, and put into digests; systems get every event at once. `is_raw`: the payload comes without SNS's
    envelope. `permission`: what has to allow SNS to deliver. `resend`: how one recipient alone gets a notification
    again: by the topic with its own address in the filter policy, or without the topic. `price`: the line of the bill
    that counts its deliveries; empty where SNS charges nothing or the price depends on the country.
    `shares_subscription`: all of its recipients are behind one queue of the stack, which is subscribed for them.
    `service`: the service that its addresses name, which are ARNs then.
    """

    is_person: bool
    is_raw: bool = False
    permission: Literal["confirmation", "queue policy", "function policy", "none"]
    resend: Literal["topic", "queue", "phone"] = "topic"
    price: Literal["mails", "webhooks", "queues", "chat", ""] = ""
    shares_subscription: bool = False
    service: str = ""


PROTOCOLS: Mapping[ProtocolName, Protocol] = {
    "email": Protocol(
        is_person=True,
        permission="confirmation",
        price="mails",
    ),
    "sms": Protocol(
        is_person=True,
        permission="none",
        resend="phone",
    ),
    "https": Protocol(
        is_person=False,
        permission="confirmation",
        price="webhooks",
    ),
    "sqs": Protocol(
        is_person=False,
        is_raw=True,
        permission="queue policy",
        resend="queue",
        price="queues",
        service="sqs",
    ),
    "lambda": Protocol(
        is_person=False,
        permission="function policy",
        service="lambda",
    ),
    "chat": Protocol(
        is_person=True,
        permission="none",
        resend="queue",
        price="chat",
        shares_subscription=True,
    ),
}
"""Every protocol that a recipient can have; a new one is one more entry, and one in SHAPES of domain/addresses.py."""

_BY_SERVICE = {protocol.service: name for name, protocol in PROTOCOLS.items() if protocol.service}


@dataclass(frozen=True)
class Recipient:
    """One address and the protocol that reaches it."""

    address: str
    protocol: ProtocolName

    @property
    def kind(self) -> Protocol:
        """The properties of its protocol."""
        return PROTOCOLS[self.protocol]

    @property
    def is_person(self) -> bool:
        """Whether notifications to it are paced and put into digests."""
        return self.kind.is_person

    @property
    def channel(self) -> str:
        """The name of the chat channel; empty for other protocols."""
        return self.address.removeprefix(CHANNEL) if self.protocol == "chat" else ""

    @property
    def region(self) -> str:
        """The region named in an ARN; empty for the other shapes."""
        return self.address.split(":")[3] if self.address.startswith("arn:") else ""


def recipient_of(address: str) -> Recipient:
    """The recipient of an address that was checked before, by what only addresses of its protocol have."""
    if address.startswith("arn:"):
        return Recipient(address, _BY_SERVICE[address.split(":")[2]])
    if address.startswith("https://"):
        return Recipient(address, "https")
    if address.startswith(CHANNEL):
        return Recipient(address, "chat")
    return Recipient(address, "email" if "@" in address else "sms")
