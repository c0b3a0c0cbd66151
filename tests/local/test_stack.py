"""A running stack and what is asked of it, with a program that only looks at its settings."""

import importlib
import json
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pulumi
import pytest

import components.settings as before
from local import control
from local.emulator.server import Emulator, EmulatorError
from local.ready_file import read
from local.stack import ProgramError, running

pytestmark = pytest.mark.xdist_group("stack")  # most of them share one


class Seen:
    """A program that notes its settings and fails when it is told to."""

    def __init__(self) -> None:
        self.settings: list[dict[str, str | None]] = []
        self.imported: list[ModuleType] = []

    def __call__(self) -> None:
        config = pulumi.Config()
        self.settings.append({key: config.get(key) for key in ("a", "b")})
        self.imported.append(importlib.import_module("components.settings"))
        pulumi.export("a", config.get("a"))
        if config.get("a") == "wrong":
            raise pulumi.RunError("a is 'wrong'; use right")


@pytest.fixture(scope="module")
def program():
    return Seen()


@pytest.fixture(scope="module")
def stack(program, tmp_path_factory):
    ready_file = tmp_path_factory.mktemp("stack") / "stack.json"
    with running({"a": "1"}, emulator=Emulator(0), ready_file=ready_file, program=program) as started:
        yield started
    assert not ready_file.exists()


def test_new_settings_are_added_to_the_old_and_the_ready_file_follows(stack, program):
    answer = control.change(stack.ready, {"a": "2"})

    assert answer["outputs"] == {"a": "2"}
    assert program.settings[-1]["a"] == "2"
    assert read(stack.ready_file).outputs == {"a": "2"}
    assert json.loads(stack.ready_file.read_text())["mailbox"] == stack.ready.mailbox


def test_refused_settings_are_the_programs_own_words_and_are_not_kept(stack, program):
    with pytest.raises(control.NotChangedError, match=r"^a is 'wrong'; use right$"):
        control.change(stack.ready, {"a": "wrong"})

    control.change(stack.ready, {"b": "1"})
    assert program.settings[-1]["a"] != "wrong"


def test_two_who_change_settings_at_once_both_get_what_they_want(stack, program):
    with ThreadPoolExecutor(2) as people:
        list(people.map(lambda key: control.change(stack.ready, {key: "both"}), ("a", "b")))

    assert program.settings[-1] == {"a": "both", "b": "both"}


def test_a_key_that_nobody_would_read_is_refused(stack):
    with pytest.raises(control.NotChangedError, match="'aws:profile' is not read locally"):
        control.change(stack.ready, {"aws:profile": "x"})


def test_whoever_imported_the_programs_modules_before_keeps_them(stack, program):
    control.change(stack.ready, {"a": "3"})

    assert program.imported[-1] is not before
    assert sys.modules["components.settings"] is before


def test_it_is_known_to_run(stack):
    assert control.runs(stack.ready)


def test_a_program_that_is_broken_is_told_with_its_traceback_and_nothing_starts():
    steps = []

    def broken():
        raise LookupError("nothing here")

    with (
        pytest.raises(ProgramError, match=r"(?s)in broken.*LookupError: nothing here"),
        running({}, emulator=Emulator(0), ready_file=None, program=broken, tell=steps.append),
    ):
        pytest.fail("it started")

    assert steps == ["checking the program"]


def test_an_emulator_that_dies_ends_the_stack():
    with running({}, emulator=Emulator(0), ready_file=None, program=lambda: None) as stack:
        os.kill(stack.emulator.process_group, signal.SIGKILL)

        with pytest.raises(EmulatorError, match="the embedded AWS ended by itself"):
            stack.serve()
