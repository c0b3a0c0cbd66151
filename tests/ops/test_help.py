"""Every command explains itself."""

from __future__ import annotations

import click
import pytest

from ops.__main__ import cli
from tests.ops.parts import ops

STACK_OPTIONS = {"--stack", "--outputs", "--local", "--json"}


def commands(group=cli, path=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


EVERY = pytest.mark.parametrize(("path", "command"), [pytest.param(*one, id=" ".join(one[0])) for one in commands()])


@EVERY
def test_a_command_says_in_its_first_line_what_it_is_for(path, command):
    first = command.help.splitlines()[0]

    assert first.endswith((".", "?"))
    assert "..." not in command.get_short_help_str(limit=65)


@EVERY
def test_a_command_takes_the_options_that_choose_a_stack_and_the_one_for_programs(path, command):
    assert {option for parameter in command.params for option in parameter.opts} >= STACK_OPTIONS


@EVERY
def test_every_option_says_what_it_does(path, command):
    options = [one for one in command.params if isinstance(one, click.Option)]

    assert [one.name for one in options if not one.help or (not one.help.endswith(".") and "…" not in one.help)] == []


@EVERY
def test_help_fits_a_terminal(path, command):
    answer = ops(*path, "--help")

    assert answer.exit_code == 0
    assert [line for line in answer.stdout.splitlines() if len(line) > 80] == []


def test_the_overview_lists_every_command_whole():
    answer = ops("--help")

    assert answer.exit_code == 0
    assert "..." not in answer.stdout.replace("[ARGS]...", "")
    assert "Exit code 0: all is well" in answer.stdout


def test_a_slip_of_the_pen_is_met_with_the_right_name():
    answer = ops("statu")

    assert answer.exit_code == 2
    assert "Did you mean 'status'?" in answer.stderr
