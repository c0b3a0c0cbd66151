"""Creates, changes and deletes until AWS is as declared."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from botocore.exceptions import BotoCoreError, ClientError

from local.emulator.engine.difference import PROVIDER_TYPE, Decision, Step, Target, protected, readable
from local.emulator.engine.program import Answer, Registration
from local.emulator.engine.state import Action, Change, DeploymentError, Problem, Stored
from local.emulator.errors import LocalError

# Parts of the error codes by which AWS's services report that something does not exist.
_ABSENT = ("NotFound", "NoSuch", "NonExistent", "ResourceNotFound", "DoesNotExist")


class Update(Step):
    """Makes the changes. After the first failure no further one is begun."""

    def __init__(self, target: Target, planned: set[str], on_change: Callable[[Change], object]) -> None:
        super().__init__(target)
        self.failure: DeploymentError | None = None
        self._planned = planned
        self._on_change = on_change
        self._order = count(1 + max((stored.order for stored in self.state.resources.values()), default=0))

    def register(self, resource: Registration) -> Answer:
        with self.lock:
            self.seen.add(resource.urn)
            if self.failure is not None:
                raise self.failure
        if not resource.custom:
            return "", {}
        if resource.type == PROVIDER_TYPE:
            return self.provider(resource)
        try:
            stored = self._make(resource)
        except Exception as error:
            raise self._failed(resource.urn, error) from error
        return stored.made.id, {**readable(stored.made.inputs), **stored.made.outputs}

    def delete_removed(self) -> None:
        """Delete what was replaced or is no longer declared, the latest first. Raises DeploymentError."""
        for stored in sorted([*self.state.doomed, *self.removed()], key=lambda stored: stored.order, reverse=True):
            replaced = stored in self.state.doomed
            if not stored.retain:
                try:
                    self._delete(stored)
                except Exception as error:
                    raise self._failed(stored.urn, error) from error
            if replaced:
                self.state.doomed.remove(stored)
            else:
                del self.state.resources[stored.urn]
                action: Action = "left" if stored.retain else "deleted"
                self._report(Change(action, stored.type, stored.name, stored.urn))

    def _make(self, resource: Registration) -> Stored:
        if resource.urn not in self._planned:
            raise Problem("it is not in the plan: the program declares it inside an apply, which a preview cannot see")
        decision = self.decide(resource)
        kind, inputs, stored = decision.kind, decision.inputs, decision.stored
        region = self.region(resource)
        aws = self.target.aws.at(region)
        if stored is None:
            made = kind.create(aws, inputs)
        elif decision.action == "replaced":
            if stored.protect:
                raise protected(stored, "replaced")
            if not stored.retain and (resource.delete_first or _same_name(decision, stored)):
                self._delete(stored)
                with self.lock:
                    del self.state.resources[stored.urn]
                stored = None
            made = kind.create(aws, inputs)
        elif decision.action == "updated":
            made = kind.update(aws, stored.made, inputs)
        else:
            made = stored.made
        with self.lock:
            if stored is not None and decision.action == "replaced":
                self.state.doomed.append(stored)
            current = self.state.resources[resource.urn] = Stored(
                urn=resource.urn,
                type=resource.type,
                name=resource.name,
                made=made,
                region=region,
                auto_named=decision.auto_named,
                protect=resource.protect,
                retain=resource.retain,
                order=next(self._order),
            )
        if decision.action is not None:
            self._report(Change(decision.action, resource.type, resource.name, resource.urn, decision.properties))
        return current

    def _delete(self, stored: Stored) -> None:
        try:
            self.target.kinds[stored.type].delete(self.target.aws.at(stored.region), stored.made)
        except ClientError as error:
            if not is_absent(error):
                raise

    def _failed(self, urn: str, error: Exception) -> DeploymentError:
        with self.lock:
            if self.failure is None:
                self.failure = DeploymentError(urn, _reason(error))
            return self.failure

    def _report(self, change: Change) -> None:
        with self.lock:
            self.changes.append(change)
        self._on_change(change)


def is_absent(error: ClientError) -> bool:
    """Whether AWS reports that something does not exist."""
    return any(word in error.response.get("Error", {}).get("Code", "") for word in _ABSENT)


def _same_name(decision: Decision, stored: Stored) -> bool:
    """Two resources cannot have one name at a time: with a name of the program's choosing the old one goes first."""
    name = decision.kind.auto_name
    return name is not None and decision.inputs[name.property] == stored.made.inputs.get(name.property)


def _reason(error: Exception) -> str:
    if isinstance(error, (ClientError, BotoCoreError, LocalError)):
        return str(error)
    return f"{type(error).__name__}: {error}"
