"""Run the program to completion under mocks and hand back what it registered.

Tests then assert on plain data; none needs `apply` or `@pulumi.runtime.test`.
"""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks, rpc

PROGRAM = Path(__file__).resolve().parents[2] / "__main__.py"
PROJECT, STACK = "file-notifications", "dev"
ACCOUNT, REGION = "111122223333", "eu-west-1"


@dataclass(frozen=True)
class Registered:
    type: str
    name: str
    urn: str
    parent: str
    custom: bool
    protect: bool
    retain_on_delete: bool
    depends_on: frozenset[str]
    inputs: Mapping[str, Any]


@dataclass
class Deployment:
    resources: list[Registered] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    exports: dict[str, Any] = field(default_factory=dict)

    def of(self, type_: str) -> list[Registered]:
        """All resources of a type, by its last part: `of("Queue")`."""
        return [r for r in self.resources if r.type.split(":")[-1] == type_]

    def named(self, name: str) -> Registered:
        (found,) = [r for r in self.resources if r.name == f"{PROJECT}-{name}"]
        return found

    @property
    def names(self) -> set[str]:
        return {r.urn for r in self.resources}


class FakeAws(mocks.Mocks):
    def __init__(self, partition: str, *, preview: bool) -> None:
        self.partition, self.preview = partition, preview

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if self.preview:  # as the engine does: nothing is computed before the update
            return "", args.inputs
        arn = f"arn:{self.partition}:{args.typ.split(':')[1].split('/')[0]}:{REGION}:{ACCOUNT}:{args.name}"
        if args.typ == "aws:s3/bucket:Bucket":
            arn = f"arn:{self.partition}:s3:::{args.name}"
        computed = {"name": args.name, "bucket": args.name, "url": f"https://sqs/{ACCOUNT}/{args.name}"}
        return f"{args.name}-id", {**computed, **args.inputs, "arn": arn}

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:  # type: ignore[override]
        answers = {
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
            "aws:index/getRegion:getRegion": {"region": REGION},
            "aws:index/getPartition:getPartition": {"partition": self.partition},
            "aws:sqs/getQueue:getQueue": {"url": f"https://sqs/{ACCOUNT}/{args.args.get('name')}"},
        }
        return answers[args.token]  # camelCase, and a plain dict


class RecordingMonitor(mocks.MockMonitor):
    """Sees what `Mocks` does not: parents, dependencies, protection, finished components."""

    def __init__(self, fake: FakeAws) -> None:
        super().__init__(fake)
        self.deployment = Deployment()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name of the call
        reply = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self.deployment.resources.append(
                Registered(
                    type=request.type,
                    name=request.name,
                    urn=reply.urn,
                    parent=request.parent,
                    custom=request.custom,
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    depends_on=frozenset(request.dependencies),
                    inputs=rpc.deserialize_properties(request.object),
                )
            )
        return reply

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the name of the call
        self.deployment.finished.add(request.urn)
        return super().RegisterResourceOutputs(request)


@contextmanager
def own_loop() -> Iterator[None]:
    """Nothing of one run may resolve inside the next."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        pulumi.runtime.reset_options()
        pulumi.runtime.set_all_config({})
        asyncio.set_event_loop(None)
        loop.close()


def as_config(value: object) -> str:
    """As the engine hands it over: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture(autouse=True)
def strict_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An f-string of an output raises, instead of writing a warning into a resource."""
    monkeypatch.setenv("PULUMI_ERROR_OUTPUT_STRING", "true")
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)


Deploy = Callable[..., Deployment]


@pytest.fixture
def deploy() -> Deploy:
    """deploy(emails=["a@b.c"]) runs __main__.py with that config; preview=True runs a preview."""

    def run(*, preview: bool = False, partition: str = "aws", stack: str = STACK, **config: object) -> Deployment:
        with own_loop():
            pulumi.runtime.reset_options(project=PROJECT, stack=stack)
            pulumi.runtime.set_all_config({f"{PROJECT}:{key}": as_config(value) for key, value in config.items()})
            monitor = RecordingMonitor(FakeAws(partition, preview=preview))
            pulumi.runtime.set_mocks(monitor.mocks, project=PROJECT, stack=stack, preview=preview, monitor=monitor)

            @pulumi.runtime.test
            def settle() -> pulumi.Output[None]:
                runpy.run_path(str(PROGRAM))
                exported = pulumi.runtime.get_root_resource().outputs
                return pulumi.Output.all(**exported).apply(monitor.deployment.exports.update)

            settle()
            return monitor.deployment

    return run
