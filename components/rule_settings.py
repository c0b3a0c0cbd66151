"""Rules as people write them in config: each problem with the command that fixes it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

from domain.events import LONGEST_TEXT, Action
from domain.recipients import RecipientError, parse_recipient
from domain.rules import Delivery, Rule, is_rule_name

MAX_RULES = 100  # one recipient of every rule still fits SNS's 150 values in a filter policy
_KEYS = ("name", "to", "prefix", "suffix", "minBytes", "maxBytes", "events", "delivery")


class Problem(NamedTuple):
    """What is wrong with a setting, and the command that fixes it."""

    what: str
    fix: str


def parse_rules(value: object, *, reserved: Mapping[str, str] | None = None) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Read rules as people write them. Returns those that could be read, and every problem found.

    `reserved` are names that are taken already, with what they name. Names that differ only in case are taken for one.
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        return (), [
            Problem(
                f"rules is {value!r}; it takes a list of rules",
                "pulumi config set --path 'rules[0].name' invoices",
            )
        ]
    problems: list[Problem] = []
    rules: list[Rule] = []
    if len(value) > MAX_RULES:
        problems.append(
            Problem(
                f"there are {len(value)} rules; SNS's filter policies leave room for {MAX_RULES}",
                f"pulumi config rm --path 'rules[{MAX_RULES}]'",
            )
        )
    taken = dict(reserved or {})
    for index, item in enumerate(value):
        rule, found = _parse_rule(item, f"rules[{index}]", taken)
        problems += found
        if rule is not None:
            rules.append(rule)
    return tuple(rules), problems


class _Reader:
    """Reads one rule's fields and remembers what was wrong, so that all problems are told at once."""

    def __init__(self, item: Mapping[str, Any], path: str, taken: dict[str, str]) -> None:
        self.item, self.path, self.taken, self.problems = item, path, taken, list[Problem]()

    def wrong(self, key: str, expected: str, example: str) -> None:
        command = f"pulumi config set --path '{self.path}.{key}' {example}"
        self.problems.append(Problem(f"{self.path}.{key} is {self.item.get(key)!r}; use {expected}", command))

    def unknown_keys(self) -> None:
        for key in self.item:
            if key not in _KEYS:
                nearest = difflib.get_close_matches(str(key), _KEYS, n=1)
                hint = f"did you mean {nearest[0]}?" if nearest else f"use {', '.join(_KEYS)}"
                self.problems.append(
                    Problem(
                        f"{self.path}.{key} is not a setting of a rule; {hint}",
                        f"pulumi config rm --path '{self.path}.{key}'",
                    )
                )

    def name(self) -> str:
        name = self.item.get("name")
        if isinstance(name, str) and is_rule_name(name):
            if (whose := self.taken.get(name.lower())) is not None:
                self.problems.append(
                    Problem(
                        f"{self.path}.name is {name!r}, which {whose} is called; names are unique",
                        f"pulumi config set --path '{self.path}.name' another-name",
                    )
                )
            self.taken[name.lower()] = "another rule"
            return name
        self.wrong("name", "1 to 50 letters, digits, spaces, dots, dashes or underscores", "invoices")
        return ""

    def text(self, key: str) -> str:
        value = self.item.get(key, "")
        if isinstance(value, str) and _is_text(value) and len(value.encode()) <= LONGEST_TEXT:
            return value
        self.wrong(key, f"text of at most {LONGEST_TEXT} bytes", "invoices/" if key == "prefix" else ".pdf")
        return ""

    def number(self, key: str) -> int | None:
        value = self.item.get(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.wrong(key, "a whole number of bytes, 0 or more", "1024")
        return None

    def events(self) -> tuple[Action, ...]:
        value = self.item.get("events", ["created"])
        accepted = get_args(Action)
        if isinstance(value, Sequence) and not isinstance(value, str) and value and all(v in accepted for v in value):
            return tuple(event for event in accepted if event in value)
        self.problems.append(
            Problem(
                f"{self.path}.events is {value!r}; use a list of {', '.join(accepted)}",
                f"pulumi config set --path '{self.path}.events[0]' created",
            )
        )
        return ("created",)

    def delivery(self) -> Delivery:
        value = self.item.get("delivery", "auto")
        for accepted in get_args(Delivery):
            if value == accepted:
                return accepted  # type: ignore[no-any-return]
        self.wrong("delivery", f"one of {', '.join(get_args(Delivery))}", "auto")
        return "auto"

    def to(self) -> tuple[str, ...]:
        value = self.item.get("to")
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            self.problems.append(
                Problem(
                    f"{self.path}.to is {value!r}; use a list of recipients",
                    f"pulumi config set --path '{self.path}.to[0]' you@example.com",
                )
            )
            return ()
        addresses: dict[str, None] = {}
        for index, address in enumerate(value):
            try:
                addresses[parse_recipient(address).address] = None
            except RecipientError as error:
                self.problems.append(
                    Problem(
                        f"{self.path}.to[{index}]: {error}",
                        f"pulumi config set --path '{self.path}.to[{index}]' --type string you@example.com",
                    )
                )
        return tuple(addresses)


def _is_text(value: str) -> bool:
    """Half of a surrogate pair can be written in JSON, but not in a key."""
    return not any("\ud800" <= char <= "\udfff" for char in value)


def _parse_rule(item: object, path: str, taken: dict[str, str]) -> tuple[Rule | None, list[Problem]]:
    if not isinstance(item, Mapping):
        return None, [
            Problem(
                f"{path} is {item!r}; a rule is an object with at least name and to",
                f"pulumi config rm --path '{path}'",
            )
        ]
    reader = _Reader(item, path, taken)
    reader.unknown_keys()
    minimum, maximum = reader.number("minBytes") or 0, reader.number("maxBytes")
    if maximum is not None and maximum < minimum:
        reader.wrong("maxBytes", f"a number not below minBytes ({minimum})", str(minimum))
    rule = Rule(
        name=reader.name(),
        to=reader.to(),
        prefix=reader.text("prefix"),
        suffix=reader.text("suffix"),
        min_bytes=minimum,
        max_bytes=maximum,
        events=reader.events(),
        delivery=reader.delivery(),
    )
    return (None if reader.problems else rule), reader.problems
