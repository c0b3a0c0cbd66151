"""The stack that a command works on: its outputs, and how to reach it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from ops.aws import Aws
from ops.errors import OpsError

REQUIRED = ("mode", "region", "topicArn", "failedEventsQueueUrl")
"""The outputs of every version of the program."""
OF_ONE_REGION = ("status", "doctor", "replay", "reconcile")
"""The commands that work on one region at a time."""


@dataclass(frozen=True, kw_only=True)
class ExistingBucket:
    """A bucket that another program made: what of it is watched, and the EventBridge rule on its events."""

    name: str
    prefixes: tuple[str, ...]
    rule: str


@dataclass(frozen=True, kw_only=True)
class MalwareScan:
    """The scan of a region's upload bucket: GuardDuty's plan, the rule on its results, and when it was switched on."""

    plan: str
    rule: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A deployed stack, known by its outputs.

    `where` names it for people, `options` on a command line. A local stack has an `endpoint`, the emulator's URL, and a
    `mailbox`, the URL where its mails arrive. `primary` is the whole stack, if this is its part in an additional
    region.
    """

    outputs: Mapping[str, Any]
    where: str
    options: tuple[str, ...] = ()
    endpoint: str | None = None
    mailbox: str | None = None
    primary: Stack | None = None

    def __post_init__(self) -> None:
        missing = [name for name in REQUIRED if not self.outputs.get(name)]
        if missing:
            raise OpsError(
                f"{self.where} does not export {', '.join(missing)}: nothing is deployed, or it is another program",
                self.deploy_command,
            )

    @cached_property
    def aws(self) -> Aws:
        """Clients for its region."""
        return Aws(self.region, self.endpoint)

    @property
    def mode(self) -> str:
        """`basic` or `advanced`."""
        return str(self.outputs["mode"])

    @property
    def region(self) -> str:
        """The region of this part of the stack."""
        return str(self.outputs["region"])

    @cached_property
    def parts(self) -> dict[str, Stack]:
        """The stack's parts by region, the primary region first; each has the outputs of its region."""
        parts = {self.region: self}
        additional: Mapping[str, Mapping[str, Any]] = self.outputs.get("regions", {})
        for region, outputs in sorted(additional.items()):
            merged = {**self.outputs, **outputs, "region": region}
            parts[region] = replace(self, outputs=merged, where=f"{self.where} in {region}", primary=self)
        return parts

    def in_region(self, region: str) -> Stack:
        """The part in one region. Raises OpsError."""
        if region not in self.parts:
            raise OpsError(f"{self.where} is not deployed in {region}; its regions are {', '.join(self.parts)}")
        return self.parts[region]

    @property
    def whole(self) -> Stack:
        """The whole stack, which this may be a part of."""
        return self.primary or self

    @property
    def buckets(self) -> dict[str, Aws]:
        """Every bucket with clients for its region: upload buckets, the primary region's first, then existing ones."""
        own = {part["bucketName"]: part.aws for part in self.whole.parts.values() if part.get("bucketName")}
        return own | {bucket.name: self.whole.aws for bucket in self.whole.existing}

    @property
    def existing(self) -> tuple[ExistingBucket, ...]:
        """The buckets that this stack watches and did not make; they are in the primary region."""
        listed = () if self.primary else self.outputs.get("existingBuckets", ())
        return tuple(
            ExistingBucket(name=one["name"], prefixes=tuple(one["prefixes"]) or ("",), rule=one["ruleName"])
            for one in listed
        )

    @property
    def malware_scan(self) -> MalwareScan | None:
        """How the upload bucket is scanned for malware; None if it is not."""
        scan = self.outputs.get("malwareScan")
        if not scan:
            return None
        return MalwareScan(plan=scan["planId"], rule=scan["ruleName"], since=datetime.fromisoformat(scan["since"]))

    @property
    def is_advanced(self) -> bool:
        """Whether its mode is advanced."""
        return self.mode == "advanced"

    def require_advanced(self, lacking: str) -> None:
        """Raises OpsError in mode basic, which has no such thing."""
        if not self.is_advanced:
            raise OpsError(
                f"{self.where} is in mode basic, which has {lacking}; change the mode:",
                self.setting_command("mode", "advanced"),
            )

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine's emulator."""
        return self.endpoint is not None

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return str(self["topicArn"]).split(":")[1]

    @property
    def account(self) -> str:
        """The account that the stack is in."""
        return str(self["topicArn"]).split(":")[4]

    def __getitem__(self, output: str) -> str:
        """One output. Raises OpsError if the stack was deployed before the program exported it."""
        if output not in self.outputs:
            raise OpsError(
                f"{self.where} does not export {output}: it was deployed by an older version of the program",
                self.deploy_command,
            )
        return str(self.outputs[output])

    def get(self, output: str) -> str | None:
        """One output; None if the stack does not export it."""
        value = self.outputs.get(output)
        return None if value is None else str(value)

    def queue_arn(self, output: str) -> str:
        """The ARN of the queue whose URL an output holds, also of one that was deleted. Raises OpsError."""
        name = self[output].rpartition("/")[2]
        return f"arn:{self.partition}:sqs:{self.region}:{self.account}:{name}"

    @property
    def deploy_command(self) -> str:
        """The command that deploys the program."""
        if self.is_local:
            mode = ("--mode", self.mode) if self.outputs.get("mode") else ()
            return shlex.join(("python", "-m", "local", "up", *mode, *self.options))
        return self._pulumi("up")

    @property
    def repair_command(self) -> str:
        """The command that finds and reverts changes made outside Pulumi.

        A local stack has no refresh: it is stopped and started again, empty.
        """
        if self.is_local:
            return f"{self.deploy_command}   (after stopping the one that runs, with Ctrl-C)"
        return self._pulumi("up", "--refresh")

    def setting_command(self, key: str, value: str, *, path: bool = False) -> str:
        """The command that changes one setting and applies it. With `path`, on AWS, the key leads into a list."""
        if self.is_local:
            return shlex.join(("python", "-m", "local", "set", *self.options, key, value))
        options = (*(self.options if "--stack" in self.options else ()), *(("--path",) if path else ()))
        return f"{shlex.join(('pulumi', 'config', 'set', *options, key, value))} && {self._pulumi('up')}"

    def ops_command(self, *words: str) -> str:
        """One of the operator's commands, for this stack, and for this region if it has several."""
        several = len(self.whole.parts) > 1 and words[0] in OF_ONE_REGION
        region = ("--region", self.region) if several else ()
        return shlex.join(("python", "-m", "ops", *words, *region, *self.options))

    def aws_command(self, *words: str) -> str:
        """A command of the AWS CLI, for this stack's region."""
        if self.endpoint is None:
            return shlex.join(("aws", *words, "--region", self.region))
        where = ("--endpoint-url", self.endpoint, "--region", self.region)
        return f"AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test {shlex.join(('aws', *words, *where))}"

    def _pulumi(self, *words: str) -> str:
        return shlex.join(("pulumi", *words, *(self.options if "--stack" in self.options else ())))
