"""python -m ops: see what a stack does, find what is wrong, and put it right."""

from __future__ import annotations

import click

from ops.confirm import confirm
from ops.cost.command import cost
from ops.doctor.command import doctor
from ops.reconcile.command import reconcile
from ops.replay.command import replay
from ops.status import status
from ops.users import users


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """See what a stack does, find what is wrong, and put it right.

    Every command works on a stack on AWS (--stack NAME, or --outputs FILE) and on the one that runs on this machine
    (--local). Exit code 0: all is well; 1: something needs attention; 2: the command cannot run.
    """


for command in (status, doctor, replay, reconcile, cost, confirm, users):
    cli.add_command(command)

if __name__ == "__main__":
    cli(prog_name="python -m ops")
