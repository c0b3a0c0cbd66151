"""An engine with a program that can be exchanged, and a resource type that only remembers its calls."""

import threading
from collections.abc import Callable
from typing import Any

import pulumi
from botocore.exceptions import ClientError

from local.emulator.aws import Aws
from local.emulator.engine import Engine
from local.emulator.engine.state import Deployment
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made

PROJECT = "trial"
"""The emulator runs programs of any project; this is the one of its own tests."""

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
    """Remembers every call, and fails those in `refuses`."""

    pulumi_type = THING
    service = "s3"
    accepts = frozenset({"name", "colour", "size", "holds"})
    replaces = frozenset({"name", "size"})
    auto_name = AutoName("name", 20)

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refuses: set[str] = set()
        self._calling = threading.Lock()

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        self._call("create", inputs)
        return Made(f"id-{inputs['name']}", inputs, {"arn": f"arn:{aws.region}:{inputs['name']}"})

    def change(self, _: Aws, made: Made, inputs: Inputs) -> None:  # noqa: ARG002
        self._call("update", inputs)

    def delete(self, _: Aws, made: Made) -> None:
        self._call("delete", made.inputs)

    def _call(self, what: str, inputs: Inputs) -> None:
        with self._calling:
            self.calls.append(f"{what} {inputs['name']}")
        if f"{what} {inputs['name']}" in self.refuses:
            raise ClientError({"Error": {"Code": "LimitExceeded", "Message": "one too many"}}, "CreateThing")


class World:
    """An engine whose program can be exchanged between deployments."""

    def __init__(self, aws: Aws, **options: Any) -> None:
        self.aws = aws
        self.program: Callable[[], object] = lambda: None
        self.engine = Engine(self._run, aws, project=PROJECT, **options)

    def apply(self, program: Callable[[], object], **config: str) -> Deployment:
        self.program = program
        return self.engine.apply({f"{PROJECT}:{key}": value for key, value in config.items()})

    def _run(self) -> None:
        self.program()


class SmallWorld(World):
    """One type of resource, which exists in memory only."""

    def __init__(self) -> None:
        self.kind = RememberedKind()
        super().__init__(Aws("http://nowhere.invalid"), kinds={THING: self.kind})

    def apply(self, program: Callable[[], object], **config: str) -> Deployment:
        self.kind.calls.clear()
        return super().apply(program, **config)

    def stored(self) -> list[str]:
        return sorted(stored.made.inputs["name"] for stored in self.engine.target.state.resources.values())


def actions(deployment: Deployment) -> dict[str, str]:
    """What happened to each resource, by its name."""
    return {change.name: change.action for change in deployment.changes}
