"""Rules: which file events notify which recipients.

People write them in the stack's config, which `components/rule_settings.py` reads and checks. Functions get them as
plain JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from domain.events import Action, FileEvent
from domain.recipients import Recipient, parse_recipient
from domain.wording import same_form

Delivery = Literal["auto", "immediate", "digest"]

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _.-]{0,48}[A-Za-z0-9])?")


class InvalidRulesError(ValueError):
    """The rules that were shipped with a function cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Notifies `to` of files under `prefix` that end in `suffix` and whose size is within bounds (bytes, inclusive).

    With `bucket` only of those in this bucket; without, in every bucket.
    Without `old_versions` the permanent deletion of one version is left out, unless it is known to be the current one.
    """

    name: str
    to: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""
    min_bytes: int = 0
    max_bytes: int | None = None
    events: tuple[Action, ...] = ("created",)
    delivery: Delivery = "auto"
    old_versions: bool = True
    bucket: str = ""

    def matches(self, event: FileEvent) -> bool:
        """Whether the rule notifies its recipients of this event.

        A folder marker (an empty object whose key ends in "/") matches only a rule whose suffix asks for one.
        S3 does not say how large a removed file was, so bounds on the size do not apply to removals.
        """
        if event.action not in self.events or self.bucket not in ("", event.bucket):
            return False
        if not (_starts(event.key, self.prefix) and _ends(event.key, self.suffix)):
            return False
        if event.is_folder_marker and not self.suffix.endswith("/"):
            return False
        if event.size is None:
            return True
        return self.min_bytes <= event.size and (self.max_bytes is None or event.size <= self.max_bytes)

    @property
    def pattern(self) -> str:
        """Prefix and suffix as people read them, and the bucket if there is one: `invoices/*.pdf in scans`."""
        keys = f"{self.prefix}*{self.suffix}" if self.prefix or self.suffix else "every file"
        return f"{keys} in {self.bucket}" if self.bucket else keys

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """The addresses in `to`, recognized."""
        return tuple(parse_recipient(address) for address in self.to)

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the chat channels among its recipients."""
        return tuple(recipient.channel for recipient in self.recipients if recipient.channel)

    @property
    def notifies_people(self) -> bool:
        """Whether at least one of its recipients is a person."""
        return any(recipient.is_person for recipient in self.recipients)

    def as_json(self) -> dict[str, Any]:
        """The rule as shipped with a function; rules_of reads it back."""
        return asdict(self)


def _starts(key: str, prefix: str) -> bool:
    return key.startswith(prefix) or same_form(key).startswith(same_form(prefix))


def _ends(key: str, suffix: str) -> bool:
    return key.endswith(suffix) or same_form(key).endswith(same_form(suffix))


def matching(rules: Sequence[Rule], event: FileEvent) -> tuple[Rule, ...]:
    """The rules that an event matches, in the order of the config."""
    return tuple(rule for rule in rules if rule.matches(event))


def mails(rules: Iterable[Rule]) -> int:
    """How many mails one notification of these rules is: SNS sends, and bills, one for each address."""
    recipients = {recipient for rule in rules for recipient in rule.recipients}
    return sum(recipient.protocol == "email" for recipient in recipients)


def is_rule_name(value: object) -> bool:
    """Whether a value is text that can name a rule."""
    return isinstance(value, str) and bool(_NAME.fullmatch(value))


def rules_of(shipped: object) -> tuple[Rule, ...]:
    """Decode the rules that were shipped with a function.

    Raises InvalidRulesError: a function without its rules must fail, not stay silent.
    """
    try:
        rules: Any = shipped  # anything else than what as_json wrote raises below
        return tuple(Rule(**{**rule, "to": tuple(rule["to"]), "events": tuple(rule["events"])}) for rule in rules)
    except (TypeError, KeyError) as error:
        raise InvalidRulesError(
            f"the rules shipped with this function cannot be read: {error!r}; run: pulumi up"
        ) from error
