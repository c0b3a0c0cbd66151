"""The stack's settings: read once, checked as a whole, told in one message.

Defaults live here and are mirrored in Pulumi.yaml (a test compares them): the CLI applies those, tests and
`python -m local` these.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import pulumi
import pulumi_aws as aws

from components.handlers_layer import RUNTIME
from components.regions import regions_beside, unknown_regions
from components.rule_settings import Problem, parse_rules
from domain.recipients import Recipient, RecipientError, parse_recipient
from domain.rules import Rule

Mode = Literal["basic", "advanced"]

EVERY_FILE = "every file"
"""The name of the rule that `emails` stands for."""

# CloudWatch Logs accepts these and no others (PutRetentionPolicy).
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
MAX_MAILS_PER_MINUTE = 300  # SNS suspends an address above 10 messages a second; two calm minutes must stay below
MAX_DIGEST_MINUTES = 1440
MAX_UPLOAD_MEGABYTES = 5120  # S3: the largest object in one POST is 5 GB


class SettingsError(pulumi.RunError):
    """The configuration has problems. The CLI prints the text as it is, without a traceback."""


def home_region() -> str:
    """The region of the stack's own provider, wherever it got that from."""
    return aws.get_region().region


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a stack can be told; README.md lists the keys with their meaning."""

    mode: Mode = "basic"
    emails: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    alarm_emails: tuple[str, ...] = ()
    mails_per_minute: int = 5
    digest_minutes: int = 5
    log_retention_days: int = 14
    protect_data: bool = True
    max_upload_megabytes: int = 1024
    web_origins: tuple[str, ...] = ()
    bytecode: bool = False
    replica_regions: tuple[str, ...] = ()

    @classmethod
    def from_config(cls, config: pulumi.Config, *, home: Callable[[], str] = home_region) -> Settings:
        """Read and check the stack's config. Raises SettingsError with every problem found.

        `home` tells which region the stack is in; it is asked only if there are others.
        """
        reader = _Reader(config)
        mode, emails = reader.choice("mode", get_args(Mode), cls.mode), reader.addresses("emails")
        settings = cls(
            mode=mode,
            emails=emails,
            rules=reader.rules(emails_given=bool(emails)),
            alarm_emails=reader.addresses("alarmEmails"),
            mails_per_minute=reader.number("mailsPerMinute", cls.mails_per_minute, 1, MAX_MAILS_PER_MINUTE),
            digest_minutes=reader.number("digestMinutes", cls.digest_minutes, 1, MAX_DIGEST_MINUTES),
            log_retention_days=reader.retention(cls.log_retention_days),
            protect_data=reader.flag("protectData", default=cls.protect_data),
            max_upload_megabytes=reader.number("maxUploadMegabytes", cls.max_upload_megabytes, 1, MAX_UPLOAD_MEGABYTES),
            web_origins=reader.origins(),
            bytecode=reader.flag("bytecode", default=cls.bytecode),
            replica_regions=reader.regions(home),
        )
        reader.unknown_keys()
        if not reader.problems:  # what could not be read would look as if it were missing
            reader.problems += settings.missing()
        reader.problems += settings.contradictions()
        if reader.problems:
            raise SettingsError(describe(reader.problems))
        return settings

    def missing(self) -> list[Problem]:
        """Who ought to be told and is not."""
        if not self.all_rules:
            what = "emails and rules are both empty: nobody would hear about a file"
            return [Problem(what, "pulumi config set --path 'emails[0]' you@example.com")]
        if not self.failure_emails:
            what = "alarmEmails and emails are both empty: nobody would hear about a failure"
            return [Problem(what, "pulumi config set --path 'alarmEmails[0]' you@example.com")]
        return []

    def contradictions(self) -> list[Problem]:
        """What is well-formed by itself, and wrong together."""
        found = []
        this_python = f"python{sys.version_info.major}.{sys.version_info.minor}"
        if self.bytecode and this_python != RUNTIME:
            what = f"bytecode is true: the functions run on {RUNTIME} and read only its bytecode; this is {this_python}"
            found.append(Problem(what, "pulumi config set bytecode false"))
        if self.mode == "basic":
            paced = [one for one in self.rules if one.delivery != "auto"]
            needing = [f"rule {one.name!r} has delivery {one.delivery!r}" for one in paced]
            needing += [f"replicaRegions names {', '.join(self.replica_regions)}"] if self.replica_regions else []
            fix = "pulumi config set mode advanced"
            found += [Problem(f"{what}, which needs mode advanced", fix) for what in needing]
        return found

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """All rules: the one that `emails` stands for, then those written out."""
        every_file = (Rule(name=EVERY_FILE, to=self.emails),) if self.emails else ()
        return every_file + self.rules

    @property
    def failure_emails(self) -> tuple[str, ...]:
        """Who hears about failures."""
        return self.alarm_emails or self.emails

    @property
    def recipients(self) -> dict[Recipient, tuple[str, ...]]:
        """Each recipient once, with the names of the rules that tell it."""
        found: dict[Recipient, list[str]] = {}
        for rule in self.all_rules:
            for recipient in rule.recipients:
                found.setdefault(recipient, []).append(rule.name)
        return {recipient: tuple(names) for recipient, names in found.items()}


def describe(problems: Iterable[Problem]) -> str:
    """Every problem with the command that puts it right, as the CLI shows it."""
    listed = list(dict.fromkeys(problems))
    count = "a problem" if len(listed) == 1 else f"{len(listed)} problems"
    lines = [f"the configuration has {count}:"]
    for problem in listed:
        lines += [f"  {problem.what}", f"    {problem.fix}"]
    return "\n".join(lines)


@dataclass
class _Reader:
    """Turns config text into values and remembers every problem on the way."""

    config: pulumi.Config
    problems: list[Problem] = field(default_factory=list)
    known: list[str] = field(default_factory=list)

    def raw(self, key: str) -> str | None:
        self.known.append(key)
        value = self.config.get(key)
        return None if value is None else str(value)

    def wrong(self, key: str, value: object, expected: str, fix: str) -> None:
        self.problems.append(Problem(f"{key} is {value!r}; {expected}", f"pulumi config set {fix}"))

    def choice(self, key: str, accepted: tuple[Any, ...], default: Any) -> Any:
        value = self.raw(key)
        if value is None or value in accepted:
            return default if value is None else value
        nearest = difflib.get_close_matches(value, accepted, n=1) or [default]
        self.wrong(key, value, f"use one of {', '.join(accepted)}", f"{key} {nearest[0]}")
        return default

    def number(self, key: str, default: int, least: int, most: int) -> int:
        value = self.raw(key)
        if value is None:
            return default
        if re.fullmatch(r"[0-9]{1,9}", value) and least <= int(value) <= most:
            return int(value)
        self.wrong(key, value, f"use a whole number from {least} to {most}", f"{key} {default}")
        return default

    def retention(self, default: int) -> int:
        value = self.raw("logRetentionDays")
        if value is None:
            return default
        if re.fullmatch(r"[0-9]{1,9}", value) and int(value) in LOG_RETENTION_DAYS:
            return int(value)
        nearest = default
        if re.fullmatch(r"[0-9]{1,9}", value):
            nearest = min(LOG_RETENTION_DAYS, key=lambda days: abs(days - int(value)))
        accepted = ", ".join(map(str, LOG_RETENTION_DAYS))
        self.wrong("logRetentionDays", value, f"CloudWatch accepts {accepted}", f"logRetentionDays {nearest}")
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.raw(key)
        if value is None or value in ("true", "false"):
            return default if value is None else value == "true"
        self.wrong(key, value, "use true or false", f"{key} {str(default).lower()}")
        return default

    def items(self, key: str, example: str) -> list[Any]:
        """A list as the CLI hands it over: JSON text. `example` is the path and value of a first item."""
        text = self.raw(key)
        if text is None:
            return []
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        if isinstance(value, list):
            return value
        self.wrong(key, value, "it takes a list", f"--path {example}")
        return []

    def addresses(self, key: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for index, value in enumerate(self.items(key, f"'{key}[0]' you@example.com")):
            try:
                recipient = parse_recipient(value)
            except RecipientError:
                recipient = None
            if recipient is not None and recipient.protocol == "email":
                found[recipient.address] = None
            else:
                path = f"{key}[{index}]"
                self.wrong(path, value, "use an email address", f"--path '{path}' you@example.com")
        return tuple(found)

    def rules(self, *, emails_given: bool) -> tuple[Rule, ...]:
        reserved = {EVERY_FILE: "another rule (the rule that emails stands for)"} if emails_given else {}
        rules, problems = parse_rules(self.items("rules", "'rules[0].name' invoices"), reserved=reserved)
        self.problems += problems
        return rules

    def origins(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for index, value in enumerate(self.items("webOrigins", "'webOrigins[0]' https://files.example.com")):
            if isinstance(value, str) and re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", value):
                found[value] = None
            else:
                path = f"webOrigins[{index}]"
                expected = "use an origin: scheme and host, no path, no wildcard"
                self.wrong(path, value, expected, f"--path '{path}' https://files.example.com")
        return tuple(found)

    def regions(self, home: Callable[[], str]) -> tuple[str, ...]:
        key = "replicaRegions"
        values = self.items(key, f"'{key}[0]' ap-southeast-1")
        problems = unknown_regions(key, values)
        if values:
            problems += regions_beside(home(), key, values)
        self.problems += problems
        return () if problems else tuple(sorted(values))  # the order means nothing, and must change nothing

    def unknown_keys(self) -> None:
        """Pulumi ignores a key that nobody reads; here a slip of the pen is an error."""
        prefix = f"{self.config.name}:"
        for full in _all_config():
            key = full.removeprefix(prefix)
            if full.startswith(prefix) and key not in self.known:
                nearest = difflib.get_close_matches(key, self.known, n=1)
                hint = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(self.known)}"
                self.problems.append(Problem(f"{key} is not a setting; {hint}", f"pulumi config rm {key}"))


def _all_config() -> Mapping[str, Any]:
    """Every key that the engine and the process were given (the engine's include Pulumi.yaml's defaults)."""
    from pulumi.runtime.config import CONFIG, get_config_env

    return {**get_config_env(), **CONFIG.get()}
