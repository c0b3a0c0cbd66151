"""Tiny programs, and a provider that only remembers what it was asked to do."""

import threading
from collections.abc import Callable

import pulumi
from botocore.exceptions import ClientError

from local.emulator.aws import Aws
from local.emulator.engine import Engine
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made

THING = "test:index:Thing"
NOTE = "test:index:Note"


class Thing(pulumi.CustomResource):
    arn: pulumi.Output[str]
    name: pulumi.Output[str]

    def __init__(self, logical: str, opts: pulumi.ResourceOptions | None = None, type_: str = THING, **inputs: object):
        super().__init__(type_, logical, {"name": None, **inputs, "arn": None}, opts)


class House(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None):
        super().__init__("test:index:House", name, None, opts)
        self.register_outputs({})


class RememberedKind(Kind):
    """Remembers every call, and fails where it is told to."""

    pulumi_type = THING
    accepts = frozenset({"name", "colour", "size", "holds"})
    replaces = frozenset({"name", "size"})
    auto_name = AutoName("name", 20)

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refuses: set[str] = set()
        self._turn = threading.Lock()

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        self._call("create", inputs)
        return Made(f"id-{inputs['name']}", inputs, {"arn": f"arn:{aws.region}:{inputs['name']}"})

    def update(self, _: Aws, made: Made, inputs: Inputs) -> Made:
        self._call("update", inputs)
        return Made(made.id, inputs, made.outputs)

    def delete(self, _: Aws, made: Made) -> None:
        self._call("delete", made.inputs)

    def _call(self, what: str, inputs: Inputs) -> None:
        with self._turn:
            self.calls.append(f"{what} {inputs['name']}")
        if f"{what} {inputs['name']}" in self.refuses:
            raise ClientError({"Error": {"Code": "LimitExceeded", "Message": "one too many"}}, "CreateThing")


class World:
    """An engine whose program can be exchanged between deployments."""

    def __init__(self) -> None:
        self.kind = RememberedKind()
        self.program: Callable[[], object] = lambda: None
        self.engine = Engine(self._run, Aws("http://nowhere.invalid"), kinds={THING: self.kind})

    def apply(self, program: Callable[[], object], **config: str):
        self.program = program
        self.kind.calls.clear()
        return self.engine.apply({f"file-notifications:{key}": value for key, value in config.items()})

    def _run(self) -> None:
        self.program()

    def stored(self) -> list[str]:
        return sorted(one.made.inputs["name"] for one in self.engine.target.state.resources.values())


def actions(deployment) -> dict[str, str]:
    return {change.name: change.action for change in deployment.changes}
