"""What a command is doing, for the user who waits, and how it is stopped."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from local.emulator.errors import LocalError

INTERRUPTED = 130  # a shell's exit code for a command that Ctrl-C ended


class StoppedError(LocalError):
    """The user wants the command to end."""


class Progress:
    """Prints each step and how long it took, and knows whether the command has to end.

    A signal only sets a flag, which the command checks wherever it waits. Raising in the signal handler would hit any
    line of any library: half-closed event loops print tracebacks, and Python drops what is raised in a destructor.
    """

    def __init__(self) -> None:
        self.is_ready = False
        self.is_stopping = False
        self._began = time.monotonic()
        self._step: tuple[str, float] | None = None

    def step(self, name: str) -> None:
        """Print that a step begins. Raises StoppedError."""
        self._finish()
        self._step = (name, time.monotonic())
        click.echo(f"  {name} … ", nl=False)
        sys.stdout.flush()

    def done(self) -> None:
        """End the step. Raises StoppedError."""
        self._finish()

    def ready(self) -> None:
        """Print that all steps are done. Raises StoppedError."""
        self._finish()
        self.is_ready = True
        click.echo(click.style(f"✔ ready in {time.monotonic() - self._began:.1f} s", fg="green", bold=True))

    def stop(self, *_: object) -> None:
        """Handle a signal: the command ends at its next check."""
        self.is_stopping = True

    def check(self) -> None:
        """Raise StoppedError if a signal has come."""
        if self.is_stopping:
            raise StoppedError("stopped")

    def failed(self) -> None:
        """End the line of the step that failed: the error gets its own."""
        if self._step is not None and not self.is_ready:
            click.echo()

    def _finish(self) -> None:
        self.check()
        if self._step is not None:
            click.echo(f"{time.monotonic() - self._step[1]:.1f} s")
            self._step = None


@contextmanager
def until_stopped() -> Iterator[Progress]:
    """Ctrl-C, SIGTERM and a closed terminal end the block in an orderly way: exit code 0 if it was ready by then."""
    progress = Progress()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, progress.stop) for number in signals}
    try:
        yield progress
    except LocalError:
        if not progress.is_stopping:
            progress.failed()
            raise
        click.echo("\nstopped; nothing is left running")
        sys.exit(0 if progress.is_ready else INTERRUPTED)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
