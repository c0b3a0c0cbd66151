"""What a running stack holds, and what a deployment did to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from local.emulator.errors import LocalError
from local.emulator.resources.kind import Made

Action = Literal["created", "updated", "replaced", "deleted", "left"]
"""`left`: no longer part of the stack, but kept in AWS because it is retained on delete."""


@dataclass(frozen=True)
class Change:
    """What became, or is to become, of one resource. `properties` says which inputs differ."""

    action: Action
    type: str
    name: str
    urn: str
    properties: tuple[str, ...] = ()


@dataclass
class Stored:
    """One resource that was made. Its flags are those of the last deployment, as with Pulumi: they guard the next."""

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
    """Everything that was made and not yet deleted."""

    resources: dict[str, Stored] = field(default_factory=dict)
    doomed: list[Stored] = field(default_factory=list)
    """Replaced by something newer, and deleted at the end of the deployment."""


@dataclass
class Deployment:
    """What one deployment did."""

    changes: list[Change] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    diagnostics: list[tuple[str, str]] = field(default_factory=list)


class RefusedError(LocalError):
    """The program asks for something that must not, or cannot, be done. Nothing was changed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class DeploymentError(LocalError):
    """AWS refused a step. What was made before it stays, and the next deployment goes on from there."""

    def __init__(self, urn: str, reason: str) -> None:
        super().__init__(f"{urn}\n  {reason}")
        self.urn = urn
        self.reason = reason
