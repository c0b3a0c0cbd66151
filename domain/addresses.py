"""Addresses as people write them: the shape that each protocol takes, and one spelling of each.

Functions do without: what they get was checked when it was deployed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from domain.channels import NAME
from domain.recipients import CHANNEL, ProtocolName, Recipient

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


@dataclass(frozen=True)
class Shape:
    """What addresses of a protocol match, and what people call them.

    `normal` writes two spellings alike: for SNS they are two subscriptions.
    """

    called: str
    pattern: re.Pattern[str]
    normal: Callable[[str], str] = str


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


SHAPES: Mapping[ProtocolName, Shape] = {
    "email": Shape(
        "an email address",
        re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+"),
        normal=_mail_address,
    ),
    "sms": Shape(  # E.164, as people group digits
        "a phone number such as +84901234567", re.compile(r"\+[1-9](?:[ ().-]{0,2}[0-9]){6,14}"), normal=_digits
    ),
    "https": Shape(
        "an https:// URL",
        re.compile(rf"https://{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?(?:[/?][^\s#]*)?"),
        normal=_web_address,
    ),
    "chat": Shape("channel:NAME", re.compile(f"{CHANNEL}{NAME.pattern}")),
    "sqs": Shape("the ARN of an SQS queue", re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}")),
    "lambda": Shape(
        "that of a Lambda function",
        re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_-]+)?"),
    ),
}
"""Every protocol whose addresses people can write, in the order in which they are tried and named."""

_CALLED = [shape.called for shape in SHAPES.values()]
ACCEPTED = f"{', '.join(_CALLED[:-1])}, or {_CALLED[-1]}"


class RecipientError(ValueError):
    """An address that SNS cannot deliver to; the text says what is accepted."""


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
    if re.fullmatch(r"arn:aws[a-z-]*:lambda:.*:\$LATEST", value):
        raise RecipientError(f"{value!r} takes no permissions; the ARN without :$LATEST is the same function")
    for name, shape in SHAPES.items():
        if shape.pattern.fullmatch(value):
            return Recipient(shape.normal(value), name)
    raise RecipientError(f"{value!r} is not a recipient; use {ACCEPTED}")
