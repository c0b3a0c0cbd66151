"""Errors that a person can fix: one message, never a traceback."""

from __future__ import annotations

from typing import TypedDict

import click

ATTENTION = 1
"""Exit code: the command ran, and something needs attention."""
CANNOT_RUN = 2
"""Exit code: the command was called with wrong options, or cannot run here. click uses the same for wrong options."""


class Problem(TypedDict):
    """`what` is the message, `fix` the command that helps; None if there is none."""

    what: str
    fix: str | None


class ErrorDocument(TypedDict):
    """An error for programs."""

    error: Problem


class OpsError(click.ClickException):
    """The command cannot run. `what` names the value and what is accepted, `fix` is the command that helps."""

    exit_code = CANNOT_RUN
    before_fix = "\n  "

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what}{self.before_fix}{fix}" if fix else what)
        self.what, self.fix = what, fix

    def as_json(self) -> ErrorDocument:
        """The error for programs."""
        return {"error": {"what": self.what, "fix": self.fix or None}}


class StoppedError(OpsError):
    """No stack is running: the message and its fix fit on one line."""

    before_fix = " → "
