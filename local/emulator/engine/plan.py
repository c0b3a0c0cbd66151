"""Everything that speaks against a deployment is found before anything is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.emulator.engine.difference import PROVIDER_TYPE, Step, Target, protected, readable
from local.emulator.engine.program import Answer, Registration
from local.emulator.engine.state import Action, Change
from local.emulator.resources.kind import NameTooLongError


class Plan(Step):
    """Finds everything that speaks against the deployment. Makes nothing."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.problems: list[str] = []

    def call(self, token: str, arguments: Mapping[str, Any], provider: str) -> Mapping[str, Any]:
        if token not in self.target.lookups:
            self.problems.append(f"the program calls {token}, which is not known locally; add it to LOOKUPS")
        try:
            return super().call(token, arguments, provider)
        except Exception as error:
            if token in self.target.lookups:
                self.problems.append(str(error))
            raise

    def register(self, resource: Registration) -> Answer:
        with self.lock:
            if resource.urn in self.seen:
                self.problems.append(f"two resources have the same URN, which Pulumi refuses: {resource.urn}")
            self.seen.add(resource.urn)
        if resource.options:
            self.problems.append(f"{resource.urn} uses {', '.join(resource.options)}, which is not honoured locally")
        if not resource.custom:
            return "", {}
        if resource.type == PROVIDER_TYPE:
            return self.provider(resource)
        return self._compare(resource) if self._understood(resource) else ("", readable(resource.inputs))

    def _compare(self, resource: Registration) -> Answer:
        """What the real engine would say in a preview: outputs are known only of what stays."""
        try:
            decision = self.decide(resource)
        except NameTooLongError as error:
            self.problems.append(f"{resource.urn}: {error}")
            return "", readable(resource.inputs)
        stored = decision.stored
        self._note(decision.action, resource, decision.properties)
        if stored is not None and decision.action != "replaced":
            return stored.made.id, {**stored.made.outputs, **readable(decision.inputs)}
        if stored is not None and stored.protect:
            self.problems.append(protected(stored, f"replaced ({', '.join(decision.properties)} cannot change)"))
        return "", readable(decision.inputs)

    def check_what_is_gone(self) -> None:
        for stored in self.gone():
            if stored.protect:
                self.problems.append(protected(stored, "deleted"))
            action: Action = "left" if stored.retain else "deleted"
            self.changes.append(Change(action, stored.type, stored.name, stored.urn))

    def _understood(self, resource: Registration) -> bool:
        kind = self.target.kinds.get(resource.type)
        if kind is None:
            self.problems.append(
                f"{resource.urn} has a type that is not known locally; add it to local/emulator/resources"
            )
            return False
        unknown = sorted(set(resource.inputs) - kind.accepts - {"region"})
        if unknown:
            self.problems.append(f"{resource.urn} uses {', '.join(unknown)}, which is not honoured locally")
        return not unknown

    def _note(self, action: Action | None, resource: Registration, properties: tuple[str, ...]) -> None:
        if action is not None:
            with self.lock:
                self.changes.append(Change(action, resource.type, resource.name, resource.urn, properties))
