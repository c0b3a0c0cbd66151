"""Runs a Pulumi program in this process, against a monitor of ours instead of the Pulumi CLI's engine."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime.stack import run_pulumi_func

from local.emulator.engine.contents import plain

_STACK_TYPE = "pulumi:pulumi:Stack"
_UNSUPPORTED_OPTIONS = (
    "importId", "replaceOnChanges", "deletedWith", "replace_with", "transforms", "remote",
)  # fmt: skip

Program = Callable[[], object]
Answer = tuple[str, Mapping[str, Any]]
"""What the program receives for a resource: its id, empty while that is unknown, and its outputs."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource as the program declares it."""

    urn: str
    type: str
    name: str
    custom: bool
    inputs: Mapping[str, Any]
    protect: bool
    retain: bool
    delete_first: bool
    provider: str
    """The URN of the explicit provider; empty for the default one."""
    ignored: tuple[str, ...]
    """Properties that stay what they were when the resource was made, whatever the program says."""
    options: tuple[str, ...]
    """Resource options in use that are not honoured here."""


class Deployer(Protocol):
    """Decides what happens to each registration; is called from several threads."""

    def register(self, resource: Registration) -> Answer:
        """Take a resource that the program declares. Whatever this raises fails the program's run."""

    def call(self, token: str, arguments: Mapping[str, Any], provider: str) -> Mapping[str, Any]:
        """The result of a function of the provider. `provider` is the URN of an explicit one, or empty."""


@dataclass
class Run:
    """Result of a run of the program: its exports, and what it logged for the user as (level, text)."""

    outputs: dict[str, Any] = field(default_factory=dict)
    diagnostics: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Names:
    """What Pulumi calls the program and its stack: both are in every URN."""

    project: str
    stack: str


def run(program: Program, config: Mapping[str, str], deployer: Deployer, names: Names, *, preview: bool) -> Run:
    """Run the program to completion, on an event loop and with settings of its own.

    `config` maps full keys (`project:key`, `aws:region`) to text, as Pulumi hands it to programs. Raises whatever the
    program raises; pulumi.RunError is written for the user.
    """
    return contextvars.copy_context().run(_run, program, config, deployer, names, preview)


def _run(program: Program, config: Mapping[str, str], deployer: Deployer, names: Names, preview: bool) -> Run:
    result = Run()
    monitor = _Monitor(deployer, names)
    loop = asyncio.new_event_loop()  # before set_mocks, which would make one and never close it
    asyncio.set_event_loop(loop)
    # A failure is raised below; the loop would also print it, once for every output that waited for it.
    loop.set_exception_handler(lambda *_: None)
    threads = _Threads()
    loop.set_default_executor(threads.executor)
    try:
        pulumi.runtime.reset_options(project=names.project, stack=names.stack)
        pulumi.runtime.set_all_config(dict(config), list(config))  # all as secret as the program may want it
        pulumi.runtime.set_mocks(
            monitor.mocks,
            project=names.project,
            stack=names.stack,
            preview=preview,
            logger=_logger(result),
            monitor=monitor,
        )
        loop.run_until_complete(run_pulumi_func(_without_result(program)))
        root = pulumi.runtime.get_root_resource()
        exported = pulumi.Output.all(**getattr(root, "outputs", {}))
        result.outputs = plain(loop.run_until_complete(exported.future())) or {}
        return result
    finally:
        pending = asyncio.all_tasks(loop)
        for task in pending:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_default_executor())
        threads.close()
        pulumi.runtime.reset_options()
        pulumi.runtime.set_all_config({}, [])
        asyncio.set_event_loop(None)
        loop.close()


class _Threads:
    """The threads that registrations run in, each with an event loop that is closed at the end.

    The SDK would make these loops and never close them. Collected as garbage, one in ten runs printed a traceback:
    "Invalid file descriptor: -1", from a loop whose socket had been finalized before it.
    """

    def __init__(self) -> None:
        self._loops: list[asyncio.AbstractEventLoop] = []
        self.executor = ThreadPoolExecutor(initializer=self._begin)

    def close(self) -> None:
        for loop in self._loops:
            loop.close()

    def _begin(self) -> None:
        loop = asyncio.new_event_loop()
        self._loops.append(loop)
        asyncio.set_event_loop(loop)


class _Monitor(mocks.MockMonitor):
    """Takes the whole request: the SDK passes its mocks neither parents nor protection nor unknown values."""

    def __init__(self, deployer: Deployer, names: Names) -> None:
        self._answer = threading.local()
        self._deployer = deployer
        self._names = names
        super().__init__(_Answers(self._answer, deployer))

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the real engine does: the types of all parents count, the stack's does not."""
        above = parent.split("::")[2] if parent else ""
        qualified = type_ if above in ("", _STACK_TYPE) else f"{above}${type_}"
        return f"urn:pulumi:{self._names.stack}::{self._names.project}::{qualified}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the SDK's name
        if request.type != _STACK_TYPE:
            inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
            self._answer.value = self._deployer.register(
                Registration(
                    urn=self.make_urn(request.parent, request.type, request.name),
                    type=request.type,
                    name=request.name,
                    custom=request.custom,
                    inputs=plain(_without_secrets(inputs)),
                    protect=request.protect,
                    retain=request.retainOnDelete,
                    delete_first=request.deleteBeforeReplace,
                    provider=request.provider.rpartition("::")[0],
                    ignored=tuple(path for path in request.ignoreChanges if path.isidentifier()),
                    options=_unsupported(request),
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        raise pulumi.RunError(f"{request.type} {request.name!r} is read from AWS (get=…), which is not done locally")


class _Answers(mocks.Mocks):
    """Passes the SDK what the deployer has answered on this thread."""

    def __init__(self, answer: threading.local, deployer: Deployer) -> None:
        self._answer = answer
        self._deployer = deployer

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:  # noqa: ARG002
        identity, outputs = self._answer.value
        return identity, dict(outputs)

    def call(self, args: mocks.MockCallArgs) -> Any:
        """A dict alone: the SDK's own signature, a tuple, raises TypeError there."""
        return dict(self._deployer.call(args.token, args.args, (args.provider or "").rpartition("::")[0]))


def _unsupported(request: Any) -> tuple[str, ...]:
    options = [option for option in _UNSUPPORTED_OPTIONS if getattr(request, option)]
    deep = [path for path in request.ignoreChanges if not path.isidentifier()]
    return (*options, *(f"ignoreChanges of {path}" for path in deep))


def _without_secrets(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return _without_secrets(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: _without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return value


def _without_result(program: Program) -> Callable[[], None]:
    def start() -> None:
        program()

    return start


def _logger(result: Run) -> logging.Logger:
    """Collects what the program logs with pulumi.info, warn and error, instead of printing it."""

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            entry = (record.levelname.lower(), record.getMessage())
            if entry not in result.diagnostics:
                result.diagnostics.append(entry)

    logger = logging.Logger("program", level=logging.INFO)
    logger.addHandler(Collect())
    return logger
