"""A running stack and the requests to it, with a program that only reads its settings."""

import importlib
import json
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pulumi
import pulumi_aws
import pytest

import components.settings as before
from local import control
from local.emulator.engine.state import DeploymentError
from local.emulator.errors import LocalError
from local.emulator.server import Emulator, EmulatorError
from local.ready_file import read
from local.stack import ProgramError, running

pytestmark = pytest.mark.xdist_group("stack")  # most of them share one


class Seen:
    """A program that records its settings, and fails if `a` is wrong."""

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


def test_refused_settings_are_reported_in_the_programs_words_and_not_applied(stack, program):
    with pytest.raises(control.NotChangedError, match=r"^a is 'wrong'; use right$"):
        control.change(stack.ready, {"a": "wrong"})

    control.change(stack.ready, {"b": "1"})
    assert program.settings[-1]["a"] != "wrong"


def test_two_concurrent_changes_of_settings_are_both_applied(stack, program):
    with ThreadPoolExecutor(2) as clients:
        list(clients.map(lambda key: control.change(stack.ready, {key: "both"}), ("a", "b")))

    assert program.settings[-1] == {"a": "both", "b": "both"}


def test_a_key_that_would_not_be_read_is_refused(stack):
    with pytest.raises(control.NotChangedError, match="'aws:profile' is not read locally"):
        control.change(stack.ready, {"aws:profile": "x"})


def test_modules_of_the_program_that_were_imported_before_stay(stack, program):
    control.change(stack.ready, {"a": "3"})

    assert program.imported[-1] is not before
    assert sys.modules["components.settings"] is before


def test_a_running_stack_is_detected(stack):
    assert control.runs(stack.ready)


def test_a_faulty_program_is_reported_with_its_traceback_and_nothing_is_left():
    steps = []

    def faulty():
        raise LookupError("nothing here")

    with (
        pytest.raises(ProgramError, match=r"(?s)in faulty.*LookupError: nothing here"),
        running({}, emulator=Emulator(0), ready_file=None, program=faulty, report=steps.append),
    ):
        pytest.fail("it started")

    assert steps == ["starting the emulator and checking the program"]


def test_an_emulator_that_dies_ends_the_stack():
    with running({}, emulator=Emulator(0), ready_file=None, program=lambda: None) as stack:
        os.kill(stack.emulator.process_group, signal.SIGKILL)

        with pytest.raises(EmulatorError, match="the emulator ended by itself"):
            stack.serve()


def test_a_set_in_progress_leaves_no_ready_file(tmp_path):
    changing, may_finish = threading.Event(), threading.Event()

    def program():
        if pulumi.Config().get("a") == "2":
            changing.set()
            may_finish.wait(10)

    ready_file = tmp_path / "stack.json"
    with (
        ThreadPoolExecutor(1) as client,
        running({}, emulator=Emulator(0), ready_file=ready_file, program=program) as stack,
    ):
        client.submit(control.change, stack.ready, {"a": "2"})
        assert changing.wait(30)
        threading.Timer(0.3, may_finish.set).start()

    assert not ready_file.exists()


def test_a_deployment_ends_at_its_next_change_if_it_has_to_stop():
    steps = []

    def check():
        if "deploying" in steps:
            raise LocalError("stopped")

    with (
        pytest.raises(DeploymentError, match=r"Topic::first\n  stopped"),
        running(
            {},
            emulator=Emulator(0),
            ready_file=None,
            program=lambda: pulumi_aws.sns.Topic("first"),
            report=steps.append,
            check=check,
        ),
    ):
        pytest.fail("it started")
