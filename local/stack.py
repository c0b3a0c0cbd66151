"""One local stack, from its first plan to the end of its last process."""

from __future__ import annotations

import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pulumi

from local import chat_services
from local import settings as written
from local.chat_services import ChatServices
from local.emulator.aws import Aws
from local.emulator.engine import Engine
from local.emulator.engine.program import Program
from local.emulator.engine.state import Deployment, DeploymentError, ProtectedError, RefusedError
from local.emulator.errors import LocalError
from local.emulator.resources.lookups import MissingBucketError, MissingQueueError
from local.emulator.server import Emulator
from local.foreign_bucket import make_foreign_bucket
from local.mailbox import Mailbox, Server
from local.program import fresh_modules, main_program
from local.ready_file import Ready

_CHECK_SECONDS = 0.1
_PULUMI_COMMAND = "pulumi config "
_HERE = (
    "locally that is `python -m local up --set KEY=VALUE`, or `python -m local set KEY VALUE` while the stack runs, "
    "and for `config rm`, `python -m local unset KEY`; "
    "lists and objects as JSON"
)
# What the user can do about the engine's refusals, by their type.
_FIXES: Mapping[type[LocalError], str] = {
    ProtectedError: "to delete it nevertheless, first take the protection off, in a step of its own:\n"
    "  python -m local set protectData false",
    MissingBucketError: "or start with a bucket of that name, which stands for another program's:\n"
    "  python -m local up --bucket NAME",
    MissingQueueError: "then name it again; a stack that does not run yet is started without this recipient first:\n"
    "  python -m local set rules '[…]'",
}


def _nothing(*_: object) -> None:
    pass


class ConfigurationError(LocalError):
    """The program refuses its settings; the text is the program's own."""


class ProgramError(LocalError):
    """The program is faulty; the text is its traceback, as Pulumi would show it."""


class Stack:
    """A deployed program with its emulator, its mailbox and its control endpoint."""

    def __init__(
        self,
        engine: Engine,
        emulator: Emulator,
        settings: Mapping[str, str],
        check: Callable[[], object] = _nothing,
    ) -> None:
        """`check` raises if the stack has to stop."""
        self.aws = engine.target.aws
        self.emulator = emulator
        self.outputs: Mapping[str, Any] = {}
        self.diagnostics: list[tuple[str, str]] = []
        self.ready_file: Path | None = None
        self._engine = engine
        self._settings = dict(settings)
        self._check = check
        self._deploying = threading.RLock()  # of two `set` at a time, one follows the other
        self._token = secrets.token_urlsafe(24)
        self.mailbox = Mailbox(emulator.maildir)
        self.chat = ChatServices(emulator.maildir)
        self.server = Server(self.mailbox, self._on_request, self._token, self.chat)

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
        """Deploy the program with these settings. Raises ConfigurationError, RefusedError, ProgramError (nothing has
        changed) or DeploymentError (it stopped half-way)."""
        with self._deploying:
            self._engine.target.stand_ins = self.chat.serve(settings.get(chat_services.KEY, ""), self.server.url)
            with errors_for_users():
                deployment = self._engine.apply(written.config(settings), on_change=lambda _: self._check())
            self._settings = dict(settings)
            self.outputs = deployment.outputs
            self.diagnostics = deployment.diagnostics
            if self.ready_file is not None:
                self.ready.write(self.ready_file)
            return deployment

    def _on_request(self, changed: Mapping[str, str | None]) -> Mapping[str, Any]:
        try:
            with self._deploying, fresh_modules():
                deployment = self.deploy(written.changed(self._settings, changed))
        except DeploymentError as error:
            return {"error": f"{error}\ncompleted steps are not rolled back; the next `set` continues from there"}
        except LocalError as error:
            return {"error": str(error)}
        return {
            "changes": [asdict(change) for change in deployment.changes],
            "outputs": deployment.outputs,
            "diagnostics": deployment.diagnostics,
        }

    def check(self) -> None:
        """Raise what `check` raises, or EmulatorError if the emulator has ended by itself."""
        self._check()
        self.emulator.check()

    def serve(self) -> None:
        """Never return: check until that raises."""
        while True:
            time.sleep(_CHECK_SECONDS)
            self.check()

    def close(self) -> None:
        """Accept no further request, and wait for a `set` in progress, which ends at its next change."""
        self.server.close()
        with self._deploying:
            pass


@contextmanager
def running(
    settings: Mapping[str, str],
    *,
    emulator: Emulator,
    ready_file: Path | None,
    buckets: Sequence[str] = (),
    report: Callable[[str], object] = _nothing,
    check: Callable[[], object] = _nothing,
    program: Program = main_program,
) -> Iterator[Stack]:
    """A deployed stack on an emulator that is not yet started. When the block ends, all of it is deleted.

    The emulator starts while the program is checked, which takes about as long. `buckets` are made before, for a
    program that finds them there. `report` is called with the name of each step, `check` often: it raises if the stack
    has to stop. Raises that, what Stack.deploy raises, EmulatorError or ForeignBucketError.
    """
    with ExitStack() as ending:
        ending.enter_context(emulator)
        report("starting the emulator and checking the program")
        emulator.start()
        aws = Aws(emulator.endpoint, emulator.region)
        aws.certificate, aws.running = emulator.certificate, False
        engine = Engine(program, aws, project=written.PROJECT)
        if buckets:
            emulator.wait_until_healthy(check)
            aws.running = True
            for bucket in buckets:
                make_foreign_bucket(aws, bucket)
        with errors_for_users():
            engine.plan(written.config(settings))
        check()
        aws.warm_up(engine.services())
        emulator.wait_until_healthy(check)
        aws.running = True
        stack = Stack(engine, emulator, settings, check)
        if ready_file is not None:
            ending.callback(ready_file.unlink, missing_ok=True)  # after close: a `set` in progress writes it
        ending.callback(stack.close)
        report("deploying")
        stack.deploy(settings)
        stack.server.start()
        if ready_file is not None:
            stack.ready.write(ready_file)
            stack.ready_file = ready_file
        yield stack


@contextmanager
def errors_for_users() -> Iterator[None]:
    """Turn whatever a program or its deployment raises into a LocalError that says how to fix it locally."""
    try:
        yield
    except pulumi.RunError as error:
        text = str(error)
        raise ConfigurationError(f"{text}\n{_HERE}" if _PULUMI_COMMAND in text else text) from error
    except RefusedError as error:
        fixes = [fix for kind, fix in _FIXES.items() if any(isinstance(problem, kind) for problem in error.problems)]
        raise RefusedError([*error.problems, *map(LocalError, fixes)]) from error
    except LocalError:
        raise
    except Exception as error:
        raise ProgramError("".join(traceback.format_exception(error)).rstrip()) from error
