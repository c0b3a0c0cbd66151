"""Rules as people write them in config: each problem with the command that fixes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, get_args

import pulumi

from components.channel_settings import unknown_channel
from components.content_type_settings import is_detected, nearest_types
from components.existing_bucket_settings import WatchedBucket, names_unwatched_bucket
from components.expectation_settings import read_expectation
from components.futile_rules import matches_no_file
from components.reader import ItemReader, Problem, is_list, nearest, remove, set_to
from domain.addresses import SHAPES, RecipientError, parse_recipient
from domain.events import EVENT_KINDS, LONGEST_TEXT, EventKind, may_be_in_a_key
from domain.expectations import Expectation
from domain.file_types import TEXT
from domain.findings import FINDING_KINDS
from domain.rules import Delivery, Rule, is_rule_name, is_type_pattern

MAX_RULES = 100  # one recipient of every rule still fits SNS's 150 values in a filter policy


def parse_rules(
    items: Sequence[Any],
    *,
    reserved: Mapping[str, str] | None = None,
    existing: Sequence[WatchedBucket] = (),
    channels: Collection[str] = (),
    upload_bucket: bool = True,
) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Read rules as people write them. Returns those that could be read, and every problem found.

    `reserved` are names that are taken already, with what they name. Names that differ only in case are taken for one.
    `existing` are the buckets, `channels` the chat channels that a rule may name, `upload_bucket` says whether there is
    a bucket of our own as well.
    """
    problems: list[Problem] = []
    rules: list[Rule] = []
    if len(items) > MAX_RULES:
        what = f"there are {len(items)} rules; SNS's filter policies leave room for {MAX_RULES}"
        problems.append(Problem(what, remove(f"rules[{MAX_RULES}]")))
    taken = dict(reserved or {})
    for index, item in enumerate(items):
        path = f"rules[{index}]"
        if isinstance(item, Mapping):
            reader = _RuleReader(item, path, taken, existing, channels)
            rule = reader.rule()
            if not reader.problems:
                reader.problems += matches_no_file(rule, path, existing=existing, upload_bucket=upload_bucket)
            problems += reader.problems
            rules += [] if reader.problems else [rule]
        else:
            what = f"{path} is {item!r}; a rule is an object with at least name and to"
            problems.append(Problem(what, remove(path)))
    return tuple(rules), problems


def warn_of_unlikely(rules: Sequence[Rule]) -> None:
    """A warning for each rule that is about keys which nobody has: S3 takes any key, so it may be meant."""
    for rule in rules:
        for field, text in (("prefix", rule.prefix), ("suffix", rule.suffix)):
            if "*" in text:
                pulumi.warn(f"rule {rule.name!r} has {field} {text!r}: it is compared as it is, without wildcards")
        if rule.prefix.startswith("/"):
            pulumi.warn(f"rule {rule.name!r} has prefix {rule.prefix!r}: keys in S3 begin without a slash, as a rule")


class _RuleReader(ItemReader):
    """Reads one rule. `taken` are the names of the others, with what they name; the rest is what it may name."""

    def __init__(
        self,
        item: Mapping[str, Any],
        path: str,
        taken: dict[str, str],
        existing: Sequence[WatchedBucket],
        channels: Collection[str],
    ) -> None:
        super().__init__(item, path)
        self._taken, self._existing, self._channels = taken, existing, channels

    def rule(self) -> Rule:
        """The rule, which is complete if there are no problems."""
        name, to, prefix, suffix = self.name(), self.to(), self.text("prefix", "invoices/"), self.text("suffix", ".pdf")
        minimum, maximum = self.bytes("minBytes") or 0, self.bytes("maxBytes")
        if maximum is not None and maximum < minimum:
            self.wrong(self.path("maxBytes"), maximum, f"use a number not below minBytes ({minimum})", str(minimum))
        rule = Rule(
            name=name,
            to=to,
            prefix=prefix,
            suffix=suffix,
            min_bytes=minimum,
            max_bytes=maximum,
            events=self.events(),
            delivery=self.choice("delivery", get_args(Delivery), "auto"),
            old_versions=self.flag("oldVersions"),
            bucket=self.bucket(),
            content_type=self.content_type(),
            expect=self.expectation(),
        )
        self.refuse_unknown("a setting of a rule")
        return rule

    def name(self) -> str:
        name, path = self.value("name"), self.path("name")
        if not isinstance(name, str) or not is_rule_name(name):
            self.wrong(path, name, "use 1 to 50 letters, digits, spaces, dots, dashes or underscores", "invoices")
            return ""
        if (whose := self._taken.get(name.lower())) is not None:
            what = f"{path} is {name!r}, which {whose} is called; names are unique"
            self.problems.append(Problem(what, set_to(path, "another-name")))
        self._taken[name.lower()] = "another rule"
        return name

    def to(self) -> tuple[str, ...]:
        """The addresses in alphabetical order: the one in which they are written means nothing."""
        value, path = self.value("to"), self.path("to")
        if not is_list(value) or not value:
            self.wrong_list(path, value, "use a list of recipients", "you@example.com")
            return ()
        addresses: set[str] = set()
        for index, address in enumerate(value):
            try:
                recipient = parse_recipient(address)
                addresses.add(recipient.address)
                if recipient.channel and recipient.channel not in self._channels:
                    self.problems.append(unknown_channel(f"{path}[{index}]", address, self._channels))
            except RecipientError as error:
                fix = set_to(f"{path}[{index}]", f"--type string {_probably_meant(address)}")
                self.problems.append(Problem(f"{path}[{index}]: {error}", fix))
        return tuple(sorted(addresses))

    def bucket(self) -> str:
        value = self.value("bucket")
        if value is None or any(value == watched.name for watched in self._existing):
            return value or ""
        self.problems.append(names_unwatched_bucket(self.path("bucket"), value, self._existing))
        return ""

    def expectation(self) -> Expectation | None:
        return self.noted(read_expectation(self.value("expect"), self.path("expect")))

    def text(self, key: str, example: str) -> str:
        value = self.value(key)
        if value is None:
            return ""
        if isinstance(value, str) and may_be_in_a_key(value):
            return value
        expected = f"use text of at most {LONGEST_TEXT} bytes"
        if isinstance(value, int | float) and not isinstance(value, bool):  # YAML takes 2026 for a number
            expected, example = f"quote it: {expected}", f"{value} --type string"
        self.wrong(self.path(key), value, expected, example)
        return ""

    def bytes(self, key: str) -> int | None:
        value = self.value(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.wrong(self.path(key), value, "use a whole number of bytes, 0 or more", "1024")
        return None

    def events(self) -> tuple[EventKind, ...]:
        value, path = self.value("events"), self.path("events")
        if value is None:
            return ("created",)
        if not is_list(value) or not value:
            self.wrong_list(path, value, f"use a list of {', '.join(EVENT_KINDS)}", "created")
            return ("created",)
        for index, event in enumerate(value):
            if event not in EVENT_KINDS:
                example = nearest(event, EVENT_KINDS, "created")
                self.wrong(f"{path}[{index}]", event, f"use one of {', '.join(EVENT_KINDS)}", example)
        return tuple(event for event in EVENT_KINDS if event in value)

    def content_type(self) -> str:
        """A pattern of types; only in a rule all of whose events know the type of a file."""
        value, path = self.value("contentType"), self.path("contentType")
        if value is None:
            return ""
        if not is_type_pattern(value):
            self.wrong(path, value, "use a type, with * for any text: image/*, application/pdf", "'image/*'")
            return ""
        if not is_detected(value):
            self._never_detected(value, path)
            return ""
        self._check_events_know_the_type(value, path)
        return str(value)

    def _never_detected(self, content_type: str, path: str) -> None:
        near = nearest_types(content_type)
        instead = f"; use {' or '.join(near)}{' and a suffix' if near == [TEXT] else ''}" if near else ""
        what = (
            f"{path} is {content_type!r}, and no file is detected as that{instead} (docs/file-types.md has every type)"
        )
        self.problems.append(Problem(what, set_to(path, near[0]) if near else remove(path)))

    def _check_events_know_the_type(self, content_type: str, path: str) -> None:
        written, events = self._item.get("events"), self.path("events")
        kinds = written if is_list(written) else ["created"]
        without = [index for index, kind in enumerate(kinds) if kind in EVENT_KINDS and kind not in FINDING_KINDS]
        if not without:
            return
        first = f"{events}[{without[0]}]"
        fix = set_to(first, "processed") if len(without) == len(kinds) else remove(first)
        what = f"{path} is {content_type!r}, but {events} has {kinds[without[0]]}, which does not know the type"
        what += f"; {', '.join(FINDING_KINDS)} do"
        self.problems.append(Problem(what, fix))


def _probably_meant(address: object) -> str:
    """What to write instead of a wrong recipient: the same with a plus sign, where that is a phone number."""
    number = f"+{address}"
    return number if SHAPES["sms"].pattern.fullmatch(number) else "you@example.com"
