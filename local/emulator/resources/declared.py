"""Resource types that are data: one API call creates one, one changes it, one removes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made

Request = Callable[[Inputs, str], Mapping[str, Any]]
"""The parameters of a call, out of the inputs and the resource's id (empty while it is being created)."""


@dataclass(frozen=True)
class Call:
    """One API call: the client's method, and its parameters."""

    operation: str
    request: Request

    def __call__(self, client: Any, inputs: Inputs, identity: str = "") -> Mapping[str, Any]:
        answer: Mapping[str, Any] = getattr(client, self.operation)(**self.request(inputs, identity))
        return answer


def _no_outputs(aws: Aws, inputs: Inputs, answer: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001
    return {}


@dataclass(frozen=True, kw_only=True)
class Declared(Kind):
    """A type that is nothing but its calls. `outputs` and `identity` see AWS's answer to the call."""

    pulumi_type: str
    service: str
    accepts: frozenset[str]
    replaces: frozenset[str]
    auto_name: AutoName | None = None
    creating: Call
    changing: Call | None = None
    """None if no property changes in place."""
    removing: Call
    identity: Callable[[Inputs, Mapping[str, Any]], str]
    outputs: Callable[[Aws, Inputs, Mapping[str, Any]], Mapping[str, Any]] = _no_outputs

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = self.creating(aws.client(self.service), inputs)
        return Made(self.identity(inputs, answer), inputs, self.outputs(aws, inputs, answer))

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        if self.changing is None:
            return super().update(aws, made, inputs)
        answer = self.changing(aws.client(self.service), inputs, made.id)
        return Made(made.id, inputs, {**made.outputs, **self.outputs(aws, inputs, answer)})

    def delete(self, aws: Aws, made: Made) -> None:
        self.removing(aws.client(self.service), made.inputs, made.id)


def setting(
    pulumi_type: str,
    *properties: str,
    service: str,
    on: str,
    put: tuple[str, Callable[[Inputs], Mapping[str, Any]]],
    remove: tuple[str, Callable[[Inputs], Mapping[str, Any]]],
    **more: Any,
) -> Declared:
    """A type that AWS writes as a whole: one call creates and changes it. Property `on` names what it is set on."""
    writing = Call(put[0], lambda inputs, _: put[1](inputs))
    return Declared(
        pulumi_type=pulumi_type,
        service=service,
        accepts=frozenset({on, *properties}),
        replaces=frozenset({on}),
        creating=writing,
        changing=writing,
        removing=Call(remove[0], lambda inputs, _: remove[1](inputs)),
        identity=lambda inputs, _: inputs[on],
        **more,
    )
