"""What a person can put right is one message, never a traceback."""

from __future__ import annotations

from typing import Any

import click

ATTENTION = 1
"""Exit code: the command ran, and something needs attention."""
CANNOT_RUN = 2
"""Exit code: the command was called wrongly, or cannot run here. click uses the same for wrong options."""


class OpsError(click.ClickException):
    """The command cannot run. `what` names the value and what is accepted, `fix` is the command that helps."""

    exit_code = CANNOT_RUN
    before_fix = "\n  "

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what}{self.before_fix}{fix}" if fix else what)
        self.what, self.fix = what, fix

    def as_json(self) -> dict[str, Any]:
        return {"error": {"what": self.what, "fix": self.fix or None}}


class StoppedError(OpsError):
    """There is no stack to work on: all of it in one line."""

    before_fix = " → "
