"""Who can be told, by the shape of what is written in a rule's `to`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Protocol = Literal["email", "sms", "https", "sqs", "lambda"]

PEOPLE: frozenset[Protocol] = frozenset({"email", "sms"})
"""Protocols that end at a person: these are paced and put into digests; machines get every event at once."""

ACCEPTED = (
    "an email address, a phone number such as +84901234567, an https:// URL, "
    "or the ARN of an SQS queue or a Lambda function"
)

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SHAPES: tuple[tuple[Protocol, re.Pattern[str]], ...] = (
    ("email", re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")),
    ("sms", re.compile(r"\+[1-9][0-9]{6,14}")),  # E.164
    ("https", re.compile(rf"https://{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?(?:[/?][^\s#]*)?")),
    ("sqs", re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}")),
    (
        "lambda",
        re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_$-]+)?"),
    ),
)


class RecipientError(ValueError):
    """A recipient is none of the shapes that SNS can deliver to; the text says what is accepted."""


@dataclass(frozen=True)
class Recipient:
    """One address and the SNS protocol that reaches it."""

    address: str
    protocol: Protocol

    @property
    def is_person(self) -> bool:
        return self.protocol in PEOPLE

    @property
    def region(self) -> str:
        """The region named in an ARN; empty for the other shapes."""
        return self.address.split(":")[3] if self.protocol in {"sqs", "lambda"} else ""


def parse_recipient(value: object) -> Recipient:
    """Tell a recipient by its shape. Raises RecipientError, whose text is meant for the person who wrote it."""
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
    for protocol, shape in _SHAPES:
        if shape.fullmatch(value):
            return Recipient(value, protocol)
    raise RecipientError(f"{value!r} cannot be told; use {ACCEPTED}")
