"""Resource types that are data: one API call creates one, one changes it, one removes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, pascal

Value = str | Callable[[Made], Any]
"""Where a parameter comes from: the property of that name, or a function of the resource. None leaves it out."""

ID: Value = attrgetter("id")
"""The resource's id, which is empty while it is being created."""


class Call:
    """One API call: Call("add_permission", FunctionName="function", Principal="principal")."""

    def __init__(self, operation: str, **parameters: Value) -> None:
        self.operation = operation
        self.parameters = parameters
        self.properties = frozenset(value for value in parameters.values() if isinstance(value, str))

    def __call__(self, client: Any, made: Made) -> Mapping[str, Any]:
        values = {name: _value(value, made) for name, value in self.parameters.items()}
        given = {name: value for name, value in values.items() if value is not None}
        answer: Mapping[str, Any] = getattr(client, self.operation)(**given)
        return answer


def _value(value: Value, made: Made) -> Any:
    return pascal(made.inputs.get(value)) if isinstance(value, str) else value(made)


def _no_outputs(aws: Aws, inputs: Inputs, answer: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001
    return {}


@dataclass(frozen=True, kw_only=True)
class Declared(Kind):
    """A type that is nothing but its calls.

    It accepts the properties that its calls name, and those in `also`, which their functions read. `identity` is the
    property that is its id, or a function of the properties and AWS's answer.
    """

    pulumi_type: str
    service: str
    also: frozenset[str] = frozenset()
    replaces: frozenset[str] = frozenset()
    auto_name: AutoName | None = None
    creating: Call
    changing: Call | None = None
    """None if no property changes in place: then all of them replace."""
    removing: Call
    identity: str | Callable[[Inputs, Mapping[str, Any]], str]
    outputs: Callable[[Aws, Inputs, Mapping[str, Any]], Mapping[str, Any]] = _no_outputs

    def __post_init__(self) -> None:
        object.__setattr__(self, "accepts", self.creating.properties | self.also)
        if self.changing is None:
            object.__setattr__(self, "replaces", self.accepts)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = self.creating(aws.client(self.service), Made("", inputs))
        identity = inputs[self.identity] if isinstance(self.identity, str) else self.identity(inputs, answer)
        return Made(identity, inputs, self.outputs(aws, inputs, answer))

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        if self.changing is None:
            return super().update(aws, made, inputs)
        answer = self.changing(aws.client(self.service), Made(made.id, inputs))
        return Made(made.id, inputs, {**made.outputs, **self.outputs(aws, inputs, answer)})

    def delete(self, aws: Aws, made: Made) -> None:
        self.removing(aws.client(self.service), made)


def setting(pulumi_type: str, *, on: str, put: Call, remove: Call, **more: Any) -> Declared:
    """A type that AWS writes as a whole: one call creates and changes it. Property `on` names what it is set on."""
    return Declared(
        pulumi_type=pulumi_type,
        replaces=frozenset({on}),
        creating=put,
        changing=put,
        removing=remove,
        identity=on,
        **more,
    )
