"""What a running stack holds, and what a deployment did to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from local.emulator.errors import LocalError
from local.emulator.resources.kind import Made

Action = Literal["created", "updated", "replaced", "deleted", "left"]
"""`left`: no longer part of the stack, but still in AWS because it is retained on delete."""


@dataclass(frozen=True)
class Change:
    """What happened, or will happen, to one resource. `properties` are the inputs that differ."""

    action: Action
    type: str
    name: str
    urn: str
    properties: tuple[str, ...] = ()


@dataclass
class Stored:
    """A resource that was created. Its flags are those of the last deployment, as with Pulumi: they guard the next."""

    urn: str
    type: str
    name: str
    made: Made
    region: str
    auto_named: bool
    protect: bool
    retain: bool
    order: int
    """Position in the last deployment: a resource comes after what it depends on, and is deleted before it."""


@dataclass
class State:
    """Everything that was created and not yet deleted."""

    resources: dict[str, Stored] = field(default_factory=dict)
    doomed: list[Stored] = field(default_factory=list)
    """Replaced by something newer, and deleted at the end of the deployment."""


@dataclass
class Deployment:
    """Result of one deployment."""

    changes: list[Change] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    diagnostics: list[tuple[str, str]] = field(default_factory=list)


class Problem(LocalError):  # noqa: N818 - it is reported with others, in a RefusedError
    """One reason to refuse a program."""


class ProtectedError(Problem):
    """A protected resource would be deleted or replaced."""


class RefusedError(LocalError):
    """The program asks for something that must not, or cannot, be done. Nothing was changed."""

    def __init__(self, problems: Iterable[LocalError]) -> None:
        self.problems = list({str(problem): problem for problem in problems}.values())
        """Each text once."""
        super().__init__("\n".join(map(str, self.problems)))


class DeploymentError(LocalError):
    """A step failed. What was created before it stays, and the next deployment continues from there."""

    def __init__(self, urn: str, reason: str) -> None:
        super().__init__(f"{urn}\n  {reason}")
        self.urn = urn
        self.reason = reason
