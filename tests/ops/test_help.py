"""Every command explains itself."""

from __future__ import annotations

import click
import pytest

from ops.__main__ import cli
from ops.stack import OF_ONE_REGION
from tests.ops.parts import ops

STACK_OPTIONS = {"--stack", "--outputs", "--ready-file", "--json"}


def commands(group=cli, path=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


EVERY = pytest.mark.parametrize(
    ("path", "command"), [pytest.param(*entry, id=" ".join(entry[0])) for entry in commands()]
)


@EVERY
def test_the_first_line_of_help_is_a_sentence(path, command):
    first = command.help.splitlines()[0]

    assert first.endswith((".", "?"))
    assert "..." not in command.get_short_help_str(limit=63)  # what the overview has on 80 columns


@EVERY
def test_a_command_takes_the_options_that_choose_a_stack_and_the_one_for_programs(path, command):
    assert {option for parameter in command.params for option in parameter.opts} >= STACK_OPTIONS


def test_commands_for_one_region_are_those_that_take_a_region():
    taking = {path[0] for path, command in commands() if any("--region" in option.opts for option in command.params)}

    assert taking == set(OF_ONE_REGION)


@EVERY
def test_every_option_has_help(path, command):
    texts = {option.name: option.help for option in command.params if isinstance(option, click.Option)}

    assert [name for name, text in texts.items() if not text or not text.endswith((".", "…"))] == []


@EVERY
def test_help_fits_a_terminal(path, command):
    answer = ops(*path, "--help")

    assert answer.exit_code == 0
    assert [line for line in answer.stdout.splitlines() if len(line) > 80] == []


def test_the_overview_lists_every_command_whole():
    answer = ops("--help")

    assert answer.exit_code == 0
    assert "..." not in answer.stdout.replace("[ARGS]...", "")
    assert "Exit code 0: healthy" in answer.stdout


def test_a_typo_is_answered_with_the_right_name():
    answer = ops("statu")

    assert answer.exit_code == 2
    assert "Did you mean 'status'?" in answer.stderr
