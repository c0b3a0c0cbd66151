"""The stack's settings: read once, checked as a whole, all problems reported together.

Defaults live here and are mirrored in Pulumi.yaml (a test compares them): the CLI applies those, tests and
`python -m local` these.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import pulumi
import pulumi_aws as aws

from components.access_settings import KEY as ACCESS
from components.access_settings import parse_access
from components.aws_limits import missing_services, too_much, warn_of_many
from components.channel_settings import KEY as CHANNELS
from components.channel_settings import Channel, read_alarm_channels, read_channels, warn_of_unused
from components.config_reader import ConfigReader
from components.existing_bucket_settings import KEY as EXISTING_BUCKETS
from components.existing_bucket_settings import WatchedBucket, parse_existing_buckets
from components.handlers_layer import RUNTIME
from components.reader import Problem, describe, remove, set_to
from components.rule_settings import parse_rules, warn_of_unlikely
from components.sign_in_settings import KEY as SIGN_IN
from components.sign_in_settings import METADATA, METADATA_EXAMPLE, SignIn, parse_sign_in, unknown_groups
from components.web_domain_settings import EXAMPLE as EXAMPLE_DOMAIN
from components.web_domain_settings import KEY as WEB_DOMAIN
from components.web_domain_settings import WebDomain, parse_web_domain
from domain.access import DEFAULT_ACCESS, EVERYONE, Grant
from domain.events import ACTIONS, Action
from domain.findings import SCAN_KINDS, FindingKind
from domain.rules import Rule
from domain.scans import Mode as Scan
from domain.topology import recipients

Mode = Literal["basic", "advanced"]

EVERY_FILE = "every file"
"""The name of the rule that `emails` stands for."""

MAX_MAILS_PER_MINUTE = 300  # SNS suspends an address above 10 messages a second; two calm minutes must stay below
MAX_DIGEST_MINUTES = 1440
MAX_UPLOAD_MEGABYTES = 51_200  # 50 GB, in as many parts as S3 lists at a time: handlers.logic.multipart


# A policy of this account, or one of AWS's own.
BOUNDARY = r"arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+"
BOUNDARY_EXAMPLE = "arn:aws:iam::111122223333:policy/boundary"


class SettingsError(pulumi.RunError):
    """The configuration has problems. The CLI prints the text as it is, without a traceback."""


def primary_region() -> str:
    """The region of the stack's own provider, wherever it got that from."""
    return aws.get_region().region


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be configured; README.md lists the keys with their meaning."""

    mode: Mode = "basic"
    emails: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    alarm_emails: tuple[str, ...] = ()
    mails_per_minute: int = 5
    digest_minutes: int = 5
    log_retention_days: int = 14
    audit_retention_days: int = 365
    protect_data: bool = True
    max_upload_megabytes: int = 1024
    web_origins: tuple[str, ...] = ()
    bytecode: bool = False
    replica_regions: tuple[str, ...] = ()
    existing_buckets: tuple[WatchedBucket, ...] = ()
    upload_bucket: bool = True
    channels: tuple[Channel, ...] = ()
    alarm_channels: tuple[str, ...] = ()
    access: tuple[Grant, ...] = ()
    scan: Scan = "off"
    permissions_boundary: str = ""
    web_domain: WebDomain | None = None
    sign_in: SignIn | None = None

    @classmethod
    def from_config(cls, config: pulumi.Config, *, primary: Callable[[], str] = primary_region) -> Settings:
        """Read and check the stack's config. Raises SettingsError with every problem found.

        `primary` returns the region that the stack is in; it is called only in mode advanced, or if there are others.
        """
        reader = ConfigReader(config)
        mode, emails = reader.choice("mode", get_args(Mode), cls.mode), reader.addresses("emails")
        existing = reader.noted(parse_existing_buckets(reader.items(EXISTING_BUCKETS, "my-bucket")))
        channels, names = read_channels(reader, is_secret=pulumi.runtime.is_config_secret(config.full_key(CHANNELS)))
        upload_bucket = reader.flag("uploadBucket", default=cls.upload_bucket)
        settings = cls(
            mode=mode,
            emails=emails,
            rules=_rules(reader, existing, names, emails_given=bool(emails), upload_bucket=upload_bucket),
            alarm_emails=reader.addresses("alarmEmails"),
            mails_per_minute=reader.number("mailsPerMinute", cls.mails_per_minute, 1, MAX_MAILS_PER_MINUTE),
            digest_minutes=reader.number("digestMinutes", cls.digest_minutes, 1, MAX_DIGEST_MINUTES),
            log_retention_days=reader.retention("logRetentionDays", cls.log_retention_days),
            audit_retention_days=reader.retention("auditRetentionDays", cls.audit_retention_days),
            protect_data=reader.flag("protectData", default=cls.protect_data),
            max_upload_megabytes=reader.number("maxUploadMegabytes", cls.max_upload_megabytes, 1, MAX_UPLOAD_MEGABYTES),
            web_origins=reader.origins("webOrigins"),
            bytecode=reader.flag("bytecode", default=cls.bytecode),
            replica_regions=reader.regions("replicaRegions", primary),
            existing_buckets=existing,
            upload_bucket=upload_bucket,
            channels=channels,
            alarm_channels=read_alarm_channels(reader, names),
            access=reader.noted(parse_access(reader.items(ACCESS, "editors", at=f"{ACCESS}[0].group"))),
            scan=reader.choice("scan", get_args(Scan), cls.scan),
            permissions_boundary=reader.text(
                "permissionsBoundary", BOUNDARY, "use the ARN of a managed policy", BOUNDARY_EXAMPLE
            ),
            web_domain=reader.noted(parse_web_domain(reader.fields(WEB_DOMAIN, f"{WEB_DOMAIN}.name", EXAMPLE_DOMAIN))),
            sign_in=reader.noted(
                parse_sign_in(
                    reader.fields(SIGN_IN, METADATA, METADATA_EXAMPLE),
                    is_secret=pulumi.runtime.is_config_secret(config.full_key(SIGN_IN)),
                )
            ),
        )
        reader.unread_keys()
        problems = reader.problems or settings.missing()  # what could not be read would look as if it were missing
        problems += settings.contradictions(reader.unreadable)
        if mode == "advanced":
            problems += missing_services(primary())
        if problems:
            raise SettingsError(describe(problems))
        warn_of_unused(settings.channels, settings.used_channels)
        warn_of_unlikely(settings.rules)
        warn_of_many(recipients(settings.all_rules))
        return settings

    def missing(self) -> list[Problem]:
        """Missing recipients."""
        if not self.all_rules:
            what = "emails and rules are both empty: nobody would hear about a file"
            return [Problem(what, set_to("emails[0]", "you@example.com"))]
        if not self.failure_emails:
            what = "alarmEmails and emails are both empty: nobody would hear about a failure"
            return [Problem(what, set_to("alarmEmails[0]", "you@example.com"))]
        return []

    def contradictions(self, unreadable: Collection[str]) -> list[Problem]:
        """Settings that are well-formed by themselves, and wrong together; of `unreadable` keys nothing is said."""
        found = []
        this_python = f"python{sys.version_info.major}.{sys.version_info.minor}"
        if self.bytecode and this_python != RUNTIME:
            what = f"bytecode is true: the functions run on {RUNTIME} and read only its bytecode; this is {this_python}"
            found.append(Problem(what, set_to("bytecode", "false")))
        if self.mode == "basic" and "mode" not in unreadable:
            # Basic mode delivers immediately, whatever it is called: one list of rules serves both modes.
            needing = [f"rule {r.name!r} has delivery {r.delivery!r}" for r in self.rules if r.delivery == "digest"]
            needing += [f"rule {r.name!r} has events {', '.join(r.findings)}" for r in self.rules if r.findings]
            needing += [f"{SIGN_IN} is set"] if self.sign_in else []
            needing += [f"{WEB_DOMAIN} names {self.web_domain.name}"] if self.web_domain else []
            needing += [f"replicaRegions names {', '.join(self.replica_regions)}"] if self.replica_regions else []
            needing += [f"scan is {self.scan!r}"] if self.scan != "off" else []
            found += [Problem(f"{what}, which needs mode advanced", set_to("mode", "advanced")) for what in needing]
        if "scan" not in unreadable:
            found += self._without_scan() if self.scan == "off" else self._scanned_elsewhere()
        found += too_much(self.existing_buckets, self.replica_regions, self.web_origins)
        if self.sign_in:
            found += unknown_groups(self.sign_in, frozenset(grant.group for grant in self.grants) - {EVERYONE})
        return found if self.upload_bucket else found + self._without_upload_bucket()

    def _without_scan(self) -> list[Problem]:
        """Rules that wait for the verdict of a scan."""
        waiting = {r.name: [kind for kind in SCAN_KINDS if kind in r.events] for r in self.rules}
        return [
            Problem(f"rule {name!r} has events {', '.join(kinds)}, but scan is 'off'", set_to("scan", "on"))
            for name, kinds in waiting.items()
            if kinds
        ]

    def _scanned_elsewhere(self) -> list[Problem]:
        """Rules that wait for the verdict of a scan in buckets that are not ours, in which nothing is scanned."""
        return [
            Problem(
                f"rule {r.name!r} has events {', '.join(kinds)} and bucket {r.bucket}, in which nothing is scanned",
                remove(f"rules[{number}].bucket"),
            )
            for number, r in enumerate(self.rules)
            if r.bucket and (kinds := [kind for kind in SCAN_KINDS if kind in r.events])
        ]

    def _without_upload_bucket(self) -> list[Problem]:
        """Settings that need a bucket of our own."""
        found = []
        own = set_to("uploadBucket", "true")
        if not self.existing_buckets:
            what = f"uploadBucket is false and {EXISTING_BUCKETS} is empty: there would be no bucket to watch"
            found.append(Problem(what, set_to(f"{EXISTING_BUCKETS}[0]", "my-bucket")))
        if self.max_upload_megabytes != Settings.max_upload_megabytes:
            what = f"maxUploadMegabytes is {self.max_upload_megabytes}, but uploadBucket is false: nothing is uploaded"
            found.append(Problem(f"{what} through the web", own))
        if any("upload" in grant.can for grant in self.access):
            what = f"{ACCESS} grants upload, but uploadBucket is false: nothing is uploaded"
            found.append(Problem(f"{what} through the web", own))
        if self.replica_regions:
            what = f"replicaRegions names {', '.join(self.replica_regions)}, but uploadBucket is false"
            found.append(Problem(f"{what}: an additional region is there for a bucket of its own", own))
        if self.scan != "off":
            what = f"scan is {self.scan!r}, but uploadBucket is false: only a bucket of our own is scanned"
            found.append(Problem(what, own))
        return found

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """All rules: the one that `emails` stands for, then those written out."""
        every_file = (Rule(name=EVERY_FILE, to=self.emails),) if self.emails else ()
        return every_file + self.rules

    @property
    def used_channels(self) -> tuple[Channel, ...]:
        """The chat channels that a rule or the alarms name."""
        used = {*self.alarm_channels, *(name for rule in self.all_rules for name in rule.channels)}
        return tuple(channel for channel in self.channels if channel.name in used)

    @property
    def expects_files(self) -> bool:
        """Whether a rule says what has to arrive by when."""
        return any(rule.expect for rule in self.all_rules)

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Who may do what through the API: as the settings say, or by default."""
        return self.access or DEFAULT_ACCESS

    @property
    def actions(self) -> frozenset[Action]:
        """The events that notify receives: those of rules, in advanced mode also those that the catalogue follows."""
        asked = {action for action in ACTIONS for rule in self.all_rules if action in rule.events}
        return frozenset(asked | {"created", "removed"} if self.mode == "advanced" else asked)

    @property
    def findings(self) -> frozenset[FindingKind]:
        """The findings that a rule asks for."""
        return frozenset(kind for rule in self.all_rules for kind in rule.findings)

    @property
    def failure_emails(self) -> tuple[str, ...]:
        """Who receives alarms."""
        return self.alarm_emails or self.emails


def _rules(
    reader: ConfigReader,
    existing: Sequence[WatchedBucket],
    channels: Collection[str],
    *,
    emails_given: bool,
    upload_bucket: bool,
) -> tuple[Rule, ...]:
    reserved = {EVERY_FILE: "another rule (the rule that emails stands for)"} if emails_given else {}
    items = reader.items("rules", "invoices", at="rules[0].name")
    return reader.noted(
        parse_rules(items, reserved=reserved, existing=existing, channels=channels, upload_bucket=upload_bucket)
    )
