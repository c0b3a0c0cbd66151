"""Recipients: who can be notified, and what each protocol means. `domain/addresses.py` checks what people write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ProtocolName = Literal["email", "sms", "https", "sqs", "lambda"]


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What it means to be reached by one of SNS's protocols.

    `is_person`: paced, and put into digests; systems get every event at once. `is_raw`: the payload comes without SNS's
    envelope. `permission`: what has to allow SNS to deliver. `resend`: how one recipient alone gets a notification
    again: by the topic with its own address in the filter policy, or without the topic. `price`: the line of the bill
    that counts its deliveries; empty where SNS charges nothing or the price depends on the country.
    """

    is_person: bool
    is_raw: bool = False
    permission: Literal["confirmation", "queue policy", "function policy", "none"]
    resend: Literal["topic", "queue", "phone"] = "topic"
    price: Literal["mails", "webhooks", "queues", ""] = ""


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
    ),
    "lambda": Protocol(
        is_person=False,
        permission="function policy",
    ),
}
"""Every protocol that a recipient can have; a new one is one more entry, and one in SHAPES of domain/addresses.py."""


@dataclass(frozen=True)
class Recipient:
    """One address and the SNS protocol that reaches it."""

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
    def region(self) -> str:
        """The region named in an ARN; empty for the other shapes."""
        return self.address.split(":")[3] if self.address.startswith("arn:") else ""


def recipient_of(address: str) -> Recipient:
    """The recipient of an address that was checked before, by what only addresses of its protocol have."""
    if address.startswith("arn:"):
        return Recipient(address, "sqs" if address.split(":")[2] == "sqs" else "lambda")
    if address.startswith("https://"):
        return Recipient(address, "https")
    return Recipient(address, "email" if "@" in address else "sms")
