"""The stack that a command works on: what it exported, and how to reach it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ops.aws import Aws
from ops.errors import OpsError

REQUIRED = ("mode", "region", "bucketName", "topicArn", "failedEventsQueueUrl")
"""What every version of the program exports."""
OF_ONE_REGION = ("status", "doctor", "replay", "reconcile")
"""The commands that look at one region at a time."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A deployed stack, known by its outputs.

    `where` says in words which one it is, `options` how to name it again on a command line. A local stack has an
    `endpoint`, where its AWS is, and a `mailbox`, where its mails arrive. `home` is the stack as a whole, where this is
    but its part in one region.
    """

    outputs: Mapping[str, Any]
    where: str
    options: tuple[str, ...] = ()
    endpoint: str | None = None
    mailbox: str | None = None
    home: Stack | None = None

    def __post_init__(self) -> None:
        missing = [name for name in REQUIRED if not self.outputs.get(name)]
        if missing:
            raise OpsError(
                f"{self.where} does not export {', '.join(missing)}: nothing is deployed there, or not this program",
                self.deploy_command,
            )

    @cached_property
    def aws(self) -> Aws:
        return Aws(self.region, self.endpoint)

    @property
    def mode(self) -> str:
        return str(self.outputs["mode"])

    @property
    def region(self) -> str:
        return str(self.outputs["region"])

    @cached_property
    def parts(self) -> dict[str, Stack]:
        """The stack by its regions, its own first: in each, the outputs are those of what is there."""
        found = {self.region: self}
        further: Mapping[str, Mapping[str, Any]] = self.outputs.get("regions", {})
        for region, outputs in sorted(further.items()):
            there = {**self.outputs, **outputs, "region": region}
            found[region] = replace(self, outputs=there, where=f"{self.where} in {region}", home=self)
        return found

    def in_region(self, region: str) -> Stack:
        """The part in one region. Raises OpsError."""
        if region not in self.parts:
            raise OpsError(f"{self.where} is not in {region}; it is in {', '.join(self.parts)}")
        return self.parts[region]

    @property
    def whole(self) -> Stack:
        """The stack itself, of which this may be a part."""
        return self.home or self

    @property
    def buckets(self) -> dict[str, Aws]:
        """Every region's upload bucket, with the region's AWS; the stack's own first."""
        return {part["bucketName"]: part.aws for part in self.whole.parts.values()}

    @property
    def is_advanced(self) -> bool:
        return self.mode == "advanced"

    @property
    def is_local(self) -> bool:
        return self.endpoint is not None

    @property
    def partition(self) -> str:
        return str(self["topicArn"]).split(":")[1]

    def __getitem__(self, output: str) -> str:
        """One output. Raises OpsError if the stack was deployed before it was exported."""
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

    @property
    def deploy_command(self) -> str:
        """The command that brings the stack to what the program says."""
        if self.is_local:
            return "python -m local up"
        return self._pulumi("up")

    @property
    def repair_command(self) -> str:
        """The command that finds what was changed behind Pulumi's back and puts it right.

        A local stack keeps nothing and has no refresh: it is stopped and started again.
        """
        if self.is_local:
            return "python -m local up   (after stopping the one that runs, with Ctrl-C)"
        return self._pulumi("up", "--refresh")

    def setting_command(self, key: str, value: str) -> str:
        """The command that changes one setting and applies it."""
        if self.is_local:
            return shlex.join(("python", "-m", "local", "set", *self._ready_file(), key, value))
        stack = self.options if "--stack" in self.options else ()
        return f"{shlex.join(('pulumi', 'config', 'set', *stack, key, value))} && {self._pulumi('up')}"

    def ops_command(self, *words: str) -> str:
        """One of these commands, on this stack, and on this region of several."""
        several = len(self.whole.parts) > 1 and words[0] in OF_ONE_REGION
        region = ("--region", self.region) if several else ()
        return shlex.join(("python", "-m", "ops", *words, *region, *self.options))

    def aws_command(self, *words: str) -> str:
        """A command of the AWS CLI, on this stack's account and region."""
        if self.endpoint is None:
            return shlex.join(("aws", *words, "--region", self.region))
        where = ("--endpoint-url", self.endpoint, "--region", self.region)
        return f"AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test {shlex.join(('aws', *words, *where))}"

    def _pulumi(self, *words: str) -> str:
        return shlex.join(("pulumi", *words, *(self.options if "--stack" in self.options else ())))

    def _ready_file(self) -> tuple[str, ...]:
        return ("--ready-file", self.options[1]) if self.options[1:] else ()
