"""python -m ops: inspect a deployed stack, diagnose problems and repair them."""

from __future__ import annotations

import click

from ops.audit import audit
from ops.confirm import confirm
from ops.cost.command import cost
from ops.doctor.command import doctor
from ops.expect import expect
from ops.reconcile.command import reconcile
from ops.replay.command import replay
from ops.status import status
from ops.users import users
from ops.watch import watch


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Inspect a deployed stack, diagnose problems and repair them.

    Every command works on a stack on AWS (--stack NAME, or --outputs FILE) and on the local stack of this machine
    (--ready-file FILE), which is the default while it runs. Exit code 0: healthy; 1: something needs attention; 2: the
    command cannot run.
    """


for command in (status, doctor, replay, reconcile, cost, watch, expect, confirm, users, audit):
    cli.add_command(command)

if __name__ == "__main__":
    cli(prog_name="python -m ops")
