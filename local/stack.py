"""One local stack from its first plan to its last process."""

from __future__ import annotations

import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pulumi

from local import settings as written
from local.emulator.aws import Aws
from local.emulator.engine import Engine
from local.emulator.engine.program import Program, fresh_modules, main_program
from local.emulator.engine.state import Deployment, DeploymentError
from local.emulator.errors import LocalError
from local.emulator.server import Emulator
from local.mailbox import Mailbox, Server
from local.ready_file import Ready

_CHECK_SECONDS = 0.5
_PULUMI_COMMAND = "pulumi config "
_HERE = (
    "locally that is `python -m local up --set KEY=VALUE`, or `python -m local set KEY VALUE` while the stack runs; "
    "lists and objects as JSON"
)

Tell = Callable[[str], object]


class ConfigurationError(LocalError):
    """The program refuses its settings; the text is the program's own."""


class ProgramError(LocalError):
    """The program itself is broken; the text is its traceback, as Pulumi would show it."""


class Stack:
    """A deployed program with its AWS, its mailbox and its control door."""

    def __init__(self, engine: Engine, emulator: Emulator, settings: Mapping[str, str]) -> None:
        self.aws = engine.target.aws
        self.emulator = emulator
        self.outputs: Mapping[str, Any] = {}
        self.diagnostics: list[tuple[str, str]] = []
        self.ready_file: Path | None = None
        self._engine = engine
        self._settings = dict(settings)
        self._turn = threading.RLock()  # two people who `set` at once both get what they want, one after the other
        self._token = secrets.token_urlsafe(24)
        self.mailbox = Mailbox(emulator.maildir)
        self.server = Server(self.mailbox, self._on_request, self._token)

    @property
    def ready(self) -> Ready:
        return Ready(
            endpoint=self.aws.endpoint,
            region=self.aws.region,
            outputs=self.outputs,
            mailbox=f"{self.server.url}/",
            control={"url": f"{self.server.url}/settings", "token": self._token},
        )

    def deploy(self, settings: Mapping[str, str]) -> Deployment:
        """Make the stack as these settings say. Raises ConfigurationError, RefusedError, ProgramError (nothing has
        changed) or DeploymentError (it stopped half-way)."""
        with self._turn:
            with shown_to_people():
                deployment = self._engine.apply(written.config(settings))
            self._settings = dict(settings)
            self.outputs = deployment.outputs
            self.diagnostics = deployment.diagnostics
            if self.ready_file is not None:
                self.ready.write(self.ready_file)
            return deployment

    def _on_request(self, changed: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            with self._turn, fresh_modules():
                deployment = self.deploy(written.changed(self._settings, changed))
        except DeploymentError as error:
            return {"error": f"{error}\nwhat was done before stays; the next `set` goes on from there"}
        except LocalError as error:
            return {"error": str(error)}
        return {
            "changes": [asdict(change) for change in deployment.changes],
            "outputs": deployment.outputs,
            "diagnostics": deployment.diagnostics,
        }

    def serve(self, check: Callable[[], object] = lambda: None) -> None:
        """Return never. `check` may end it by raising; if the emulator ends by itself, EmulatorError does."""
        while True:
            time.sleep(_CHECK_SECONDS)
            self.emulator.check()
            check()


@contextmanager
def running(
    settings: Mapping[str, str],
    *,
    emulator: Emulator,
    ready_file: Path | None,
    tell: Tell = lambda _: None,
    program: Program = main_program,
) -> Iterator[Stack]:
    """A deployed stack on an emulator that is not yet started, gone with every trace when the block ends.

    The settings are checked first: wrong ones start nothing. `tell` hears what is being done. Raises what
    Stack.deploy raises, or EmulatorError.
    """
    with ExitStack() as ending:
        ending.enter_context(emulator)
        aws = Aws(emulator.endpoint, emulator.region)
        aws.running = False
        engine = Engine(program, aws)
        tell("checking the program")
        with shown_to_people():
            engine.plan(written.config(settings))
        tell("starting the embedded AWS")
        emulator.start()
        aws.certificate = emulator.certificate
        aws.warm_up()
        emulator.wait_until_healthy()
        aws.running = True
        stack = Stack(engine, emulator, settings)
        ending.callback(stack.server.close)
        tell("deploying")
        stack.deploy(settings)
        stack.server.start()
        if ready_file is not None:
            ending.callback(ready_file.unlink, missing_ok=True)
            stack.ready.write(ready_file)
            stack.ready_file = ready_file
        yield stack


@contextmanager
def shown_to_people() -> Iterator[None]:
    """What a program raises, as people are to see it."""
    try:
        yield
    except pulumi.RunError as error:
        said = str(error)
        raise ConfigurationError(f"{said}\n{_HERE}" if _PULUMI_COMMAND in said else said) from error
    except LocalError:
        raise
    except Exception as error:
        raise ProgramError("".join(traceback.format_exception(error)).rstrip()) from error
