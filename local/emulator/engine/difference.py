"""How a declared resource compares with the stored one."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.emulator import hosts
from local.emulator.aws import Aws
from local.emulator.engine.contents import Content
from local.emulator.engine.program import Answer, Registration
from local.emulator.engine.state import Action, Change, ProtectedError, State, Stored
from local.emulator.resources.kind import Inputs, Kind
from local.emulator.resources.lookups import Lookup

PROVIDER_TYPE = "pulumi:providers:aws"


@dataclass
class Target:
    """Where a program is deployed to: the AWS, the types and functions that are known, and what was created.

    `stand_ins` are addresses of services that are not AWS's, each with the one that stands for it on this machine.
    """

    aws: Aws
    kinds: Mapping[str, Kind]
    lookups: Mapping[str, Lookup]
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    state: State = field(default_factory=State)


@dataclass(frozen=True)
class Decision:
    """What a declared resource needs, given what is stored."""

    kind: Kind
    inputs: Inputs
    auto_named: bool
    action: Action | None
    properties: tuple[str, ...]
    stored: Stored | None


class Step:
    """What planning and updating share: how a declared resource compares with the stored one."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.state = target.state
        self.changes: list[Change] = []
        self.seen: set[str] = set()
        self.lock = threading.Lock()
        self._regions: dict[str, str] = {}

    def call(self, token: str, arguments: Mapping[str, Any], provider: str) -> Mapping[str, Any]:
        region = arguments.get("region") or self._regions.get(provider)
        return self.target.lookups[token](self.target.aws.at(region), arguments)

    def provider(self, resource: Registration) -> Answer:
        """An explicit provider is nothing but the region that its resources go to."""
        with self.lock:
            self._regions[resource.urn] = resource.inputs.get("region", "")
        return resource.name, resource.inputs

    def region(self, resource: Registration) -> str:
        named: str | None = resource.inputs.get("region") or self._regions.get(resource.provider)
        return named or self.target.aws.region

    def reachable(self, value: Any) -> Any:
        """The value with AWS's addresses of this stack's resources, and stand-ins' own, replaced by local ones."""
        with self.lock:
            made = [(stored.type, stored.region, stored.made) for stored in self.state.resources.values()]
        known = {**hosts.addresses(self.target.aws.endpoint, made), **self.target.stand_ins}
        return hosts.reachable(value, known)

    def decide(self, resource: Registration) -> Decision:
        kind = self.target.kinds[resource.type]
        stored = self.state.resources.get(resource.urn)
        name = kind.auto_name
        automatic = name is not None and name.property not in resource.inputs
        inputs = self.reachable(resource.inputs)
        if name is not None and automatic:
            keeps = stored is not None and stored.auto_named
            physical = stored.made.inputs[name.property] if stored and keeps else name.make(resource.name)
            inputs = {**inputs, name.property: physical}
        if stored is None:
            return Decision(kind, inputs, automatic, "created", (), None)
        before = stored.made.inputs
        inputs = {key: value for key, value in inputs.items() if key not in resource.ignored}
        inputs |= {key: before[key] for key in resource.ignored if key in before}
        differing = {key for key in before.keys() | inputs.keys() if before.get(key) != inputs.get(key)}
        action: Action | None = "updated" if differing else None
        if differing & (kind.replaces | {"region"}) or stored.region != self.region(resource):
            action = "replaced"
            if name is not None and automatic:
                inputs = {**inputs, name.property: name.make(resource.name)}
        return Decision(kind, inputs, automatic, action, tuple(sorted(differing)), stored)

    def removed(self) -> list[Stored]:
        """What the program no longer declares, the latest first."""
        removed = (stored for urn, stored in self.state.resources.items() if urn not in self.seen)
        return sorted(removed, key=lambda stored: stored.order, reverse=True)


def readable(inputs: Inputs) -> dict[str, Any]:
    """What goes back to the program: archives stay here."""
    return {name: value for name, value in inputs.items() if not isinstance(value, Content)}


def protected(stored: Stored, what: str) -> ProtectedError:
    # A URN names every parent of the resource: a line and a half of it for each.
    kind, name = stored.urn.split("::")[-2:]
    return ProtectedError(f"{kind.rpartition('$')[2]} {name!r} cannot be {what} because it is protected")
