"""Recipients: who can be notified, recognized by the shape of an address, and what each protocol means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from domain import channels

ProtocolName = Literal["email", "sms", "https", "sqs", "lambda", "chat"]

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What it means to be reached by one of SNS's protocols, or by the stack's own for chat.

    `normal` writes two spellings of one address alike: for SNS they would be two subscriptions.
    `is_person`: paced, and put into digests; systems get every event at once. `is_raw`: the payload comes without SNS's
    envelope. `permission`: what has to allow SNS to deliver. `resend`: how one recipient alone gets a notification
    again: by the topic with its own address in the filter policy, or without the topic. `price`: the line of the bill
    that counts its deliveries; empty where SNS charges nothing or the price depends on the country.
    `shares_subscription`: all of its recipients are behind one queue of the stack, which is subscribed for them.
    """

    shape: re.Pattern[str]
    normal: Callable[[str], str] = str
    is_person: bool
    is_raw: bool = False
    permission: Literal["confirmation", "queue policy", "function policy", "none"]
    resend: Literal["topic", "queue", "phone"] = "topic"
    price: Literal["mails", "webhooks", "queues", "chat", ""] = ""
    shares_subscription: bool = False


def _mail_address(address: str) -> str:
    """The domain's case means nothing (RFC 5321, 2.4); what stands before it is the provider's to read."""
    mailbox, _, domain = address.rpartition("@")
    return f"{mailbox}@{domain.lower()}"


def _digits(number: str) -> str:
    """E.164: a plus sign and digits, as SNS takes it."""
    return "+" + "".join(filter(str.isdigit, number))


def _web_address(url: str) -> str:
    """The host's case, the protocol's own port and a lone slash mean nothing (RFC 3986, 6.2.2 and 6.2.3)."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(":443")
    return urlunsplit(parts._replace(netloc=host, path="" if parts.path == "/" else parts.path))


PROTOCOLS: Mapping[ProtocolName, Protocol] = {
    "email": Protocol(
        shape=re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+"),
        normal=_mail_address,
        is_person=True,
        permission="confirmation",
        price="mails",
    ),
    "sms": Protocol(
        shape=re.compile(r"\+[1-9](?:[ ().-]{0,2}[0-9]){6,14}"),  # E.164, as people group the digits
        normal=_digits,
        is_person=True,
        permission="none",
        resend="phone",
    ),
    "https": Protocol(
        shape=re.compile(rf"https://{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?(?:[/?][^\s#]*)?"),
        normal=_web_address,
        is_person=False,
        permission="confirmation",
        price="webhooks",
    ),
    "sqs": Protocol(
        shape=re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}"),
        is_person=False,
        is_raw=True,
        permission="queue policy",
        resend="queue",
        price="queues",
    ),
    "lambda": Protocol(
        shape=re.compile(
            r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_$-]+)?"
        ),
        is_person=False,
        permission="function policy",
    ),
    "chat": Protocol(
        shape=re.compile(f"{channels.PREFIX}{channels.NAME.pattern}"),
        is_person=True,
        permission="none",
        resend="queue",
        price="chat",
        shares_subscription=True,
    ),
}
"""Every protocol that a recipient can have; a new one is one more entry."""

ACCEPTED = (
    "an email address, a phone number such as +84901234567, an https:// URL, channel:NAME, "
    "or the ARN of an SQS queue or a Lambda function"
)


class RecipientError(ValueError):
    """An address that SNS cannot deliver to; the text says what is accepted."""


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
        return self.address.removeprefix(channels.PREFIX) if self.protocol == "chat" else ""

    @property
    def region(self) -> str:
        """The region named in an ARN; empty for the other shapes."""
        return self.address.split(":")[3] if self.address.startswith("arn:") else ""


def parse_recipient(value: object) -> Recipient:
    """Recognize a recipient by its shape. Raises RecipientError, whose text is meant for the person who wrote it."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise RecipientError(
            f"{value} is a number; a phone number needs its plus sign and has to stay text "
            f"(in YAML write '+{value}', with the CLI add --type string)"
        )
    if not isinstance(value, str):
        raise RecipientError(f"{value!r} is not text; use {ACCEPTED}")
    if re.fullmatch(r"arn:aws[a-z-]*:(sqs|sns):.*\.fifo", value):
        raise RecipientError(
            f"{value!r} is a FIFO queue, which a standard topic cannot deliver to; use a standard queue"
        )
    for name, protocol in PROTOCOLS.items():
        if protocol.shape.fullmatch(value):
            return Recipient(protocol.normal(value), name)
    raise RecipientError(f"{value!r} is not a recipient; use {ACCEPTED}")
