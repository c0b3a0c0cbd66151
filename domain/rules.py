"""Rules: which file events notify which recipients.

People write them in the stack's config, which `components/rule_settings.py` reads and checks. Functions get them as
plain JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

from domain.events import EventKind, FileEvent
from domain.findings import FINDING_KINDS, FindingKind
from domain.recipients import Recipient, recipient_of
from domain.wording import same_form

if TYPE_CHECKING:
    from domain.expectations import Expectation

RULES_FILE = "rules.json"
"""The file of the rules in the archive of each function that needs them."""

Delivery = Literal["auto", "immediate", "digest"]

# Text: functions that check nothing do not compile it.
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9 _.-]{0,48}[A-Za-z0-9])?"
_TYPE = r"(?i)[a-z0-9*][a-z0-9*!#$&^_.+-]{0,126}/[a-z0-9*][a-z0-9*!#$&^_.+-]{0,126}"
"""A media type as RFC 6838 (4.2) restricts it, in which `*` stands for any text."""


class InvalidRulesError(ValueError):
    """The rules that were shipped with a function cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Notifies `to` of files under `prefix` that end in `suffix` and whose size is within bounds (bytes, inclusive).

    With `bucket` only of those in this bucket; without, in every bucket.
    With `content_type`, in which `*` is any text, only of findings in files of such a type: S3 does not know types.
    With `expect` also of files that did not arrive.
    Without `old_versions` the permanent deletion of one version is left out, unless it is known to be the current one.
    """

    name: str
    to: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""
    min_bytes: int = 0
    max_bytes: int | None = None
    events: tuple[EventKind, ...] = ("created",)
    delivery: Delivery = "auto"
    old_versions: bool = True
    bucket: str = ""
    content_type: str = ""
    expect: Expectation | None = None

    def matches(self, event: FileEvent) -> bool:
        """Whether the rule notifies its recipients of this event.

        A folder marker (an empty object whose key ends in "/") matches only a rule whose suffix asks for one.
        S3 does not say how large a removed file was, so bounds on the size do not apply to removals.
        """
        if event.kind not in self.events or self.bucket not in ("", event.bucket):
            return False
        if self.content_type and not (event.finding and is_of_type(event.finding.content_type, self.content_type)):
            return False
        if not (starts(event.key, self.prefix) and _ends(event.key, self.suffix)):
            return False
        if event.is_folder_marker and not self.suffix.endswith("/"):
            return False
        if event.size is None:
            return True
        return self.min_bytes <= event.size and (self.max_bytes is None or event.size <= self.max_bytes)

    @property
    def pattern(self) -> str:
        """What it asks of files, as people read it: `invoices/*.pdf of type image/* in scans`."""
        keys = f"{self.prefix}*{self.suffix}" if self.prefix or self.suffix else "every file"
        keys += f" of type {self.content_type}" if self.content_type else ""
        return f"{keys} in {self.bucket}" if self.bucket else keys

    @property
    def findings(self) -> tuple[FindingKind, ...]:
        """Those of its events that only inspection or scanning knows."""
        return tuple(kind for kind in FINDING_KINDS if kind in self.events)

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """The addresses in `to` with their protocols."""
        return tuple(recipient_of(address) for address in self.to)

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


def starts(key: str, prefix: str) -> bool:
    """Whether a key is under a prefix, in whichever form their letters with accents are written."""
    return key.startswith(prefix) or same_form(key).startswith(same_form(prefix))


def overlap(one: str, other: str) -> bool:
    """Whether a key can be below both prefixes."""
    return one.startswith(other) or other.startswith(one)


def _ends(key: str, suffix: str) -> bool:
    return key.endswith(suffix) or same_form(key).endswith(same_form(suffix))


def matching(rules: Sequence[Rule], event: FileEvent) -> tuple[Rule, ...]:
    """The rules that an event matches, in the order of the config."""
    return tuple(rule for rule in rules if rule.matches(event))


def mails(rules: Iterable[Rule]) -> int:
    """How many mails one notification of these rules is: SNS sends, and bills, one for each address."""
    recipients = {recipient for rule in rules for recipient in rule.recipients}
    return sum(recipient.protocol == "email" for recipient in recipients)


def is_type_pattern(value: object) -> bool:
    """Whether a value can be a rule's content type: a media type, in which `*` stands for any text."""
    return isinstance(value, str) and bool(re.fullmatch(_TYPE, value))


def is_of_type(content_type: str, pattern: str) -> bool:
    """Whether a type fits a pattern. Case means nothing in types (RFC 6838, 4.2)."""
    return fnmatchcase(content_type.lower(), pattern.lower())


def is_rule_name(value: object) -> bool:
    """Whether a value is text that can name a rule."""
    return isinstance(value, str) and bool(re.fullmatch(_NAME, value))


def rules_of(shipped: object) -> tuple[Rule, ...]:
    """Decode the rules that were shipped with a function.

    Raises InvalidRulesError: a function without its rules must fail, not stay silent.
    """
    try:
        rules: Any = shipped  # anything else than what as_json wrote raises below
        return tuple(_rule(rule) for rule in rules)
    except (TypeError, KeyError) as error:
        raise InvalidRulesError(
            f"the rules shipped with this function cannot be read: {error!r}; run: pulumi up"
        ) from error


def _rule(shipped: dict[str, Any]) -> Rule:
    lists = {"to": tuple(shipped["to"]), "events": tuple(shipped["events"])}
    expect = shipped.get("expect")
    if expect is not None:
        from domain.expectations import expectation_of  # most functions have no such rule, and start without

        expect = expectation_of(expect)
    return Rule(**{**shipped, **lists, "expect": expect})
