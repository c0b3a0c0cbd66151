"""Finds all problems of a deployment before anything is created."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.emulator.engine.difference import PROVIDER_TYPE, Step, Target, protected, readable
from local.emulator.engine.program import Answer, Registration
from local.emulator.engine.state import Action, Change, Problem
from local.emulator.errors import LocalError
from local.emulator.resources.kind import NameTooLongError


class Plan(Step):
    """Finds all problems of the deployment. Creates nothing."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.problems: list[LocalError] = []
        self.services: set[str] = set()

    def call(self, token: str, arguments: Mapping[str, Any], provider: str) -> Mapping[str, Any]:
        if token not in self.target.lookups:
            self._refuse(f"the program calls {token}, which is not known locally; add it to LOOKUPS")
        try:
            return super().call(token, arguments, provider)
        except Exception as error:
            if token in self.target.lookups:
                self.problems.append(error if isinstance(error, LocalError) else Problem(str(error)))
            raise

    def register(self, resource: Registration) -> Answer:
        with self.lock:
            if resource.urn in self.seen:
                self._refuse(f"two resources have the same URN, which Pulumi refuses: {resource.urn}")
            self.seen.add(resource.urn)
        if resource.options:
            self._refuse(f"{resource.urn} uses {', '.join(resource.options)}, which is not honoured locally")
        if not resource.custom:
            return "", {}
        if resource.type == PROVIDER_TYPE:
            return self.provider(resource)
        return self._compare(resource) if self._understood(resource) else ("", readable(resource.inputs))

    def _compare(self, resource: Registration) -> Answer:
        """As the real engine in a preview: only outputs of what stays are known."""
        try:
            decision = self.decide(resource)
        except NameTooLongError as error:
            self._refuse(f"{resource.urn}: {error}")
            return "", readable(resource.inputs)
        stored = decision.stored
        self._note(decision.action, resource, decision.properties)
        if stored is not None and decision.action != "replaced":
            return stored.made.id, {**stored.made.outputs, **readable(decision.inputs)}
        if stored is not None and stored.protect:
            self.problems.append(protected(stored, f"replaced ({', '.join(decision.properties)} cannot change)"))
        return "", readable(decision.inputs)

    def check_removed(self) -> None:
        for stored in self.removed():
            if stored.protect:
                self.problems.append(protected(stored, "deleted"))
            action: Action = "left" if stored.retain else "deleted"
            self.changes.append(Change(action, stored.type, stored.name, stored.urn))

    def _understood(self, resource: Registration) -> bool:
        kind = self.target.kinds.get(resource.type)
        if kind is None:
            self._refuse(f"{resource.urn} has a type that is not known locally; add it to local/emulator/resources")
            return False
        self.services.add(kind.service)
        unknown = sorted(set(resource.inputs) - kind.accepts - {"region"})
        if unknown:
            self._refuse(f"{resource.urn} uses {', '.join(unknown)}, which is not honoured locally")
        return not unknown

    def _refuse(self, reason: str) -> None:
        self.problems.append(Problem(reason))

    def _note(self, action: Action | None, resource: Registration, properties: tuple[str, ...]) -> None:
        if action is not None:
            with self.lock:
                self.changes.append(Change(action, resource.type, resource.name, resource.urn, properties))
