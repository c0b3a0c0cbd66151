"""Stopping is silent and leaves nothing, whatever the command is doing."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from local.emulator.errors import LocalError
from local.progress import Progress, StoppedError, until_stopped
from local.ready_file import read
from tests.e2e.stack import wait_until
from tests.local.observing import processes_of

ROOT = Path(__file__).parents[2]

# `up` with a program that declares nothing: it starts in a fraction of the time.
SMALL = """
import sys
from pathlib import Path
from local.__main__ import one_message
from local.emulator.server import Emulator
from local.progress import until_stopped
from local.stack import running

ready_file, options = Path(sys.argv[1]), {"program": lambda: None}
with one_message(), until_stopped() as progress:
    options |= {"report": progress.step, "check": progress.check}
    with running({}, emulator=Emulator(0), ready_file=ready_file, **options) as stack:
        progress.ready()
        stack.serve()
"""


class Small:
    """SMALL in a process that does not outlive the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tmp").mkdir()
        self.ready_file = folder / "stack.json"
        environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            command = [sys.executable, "-c", SMALL, str(self.ready_file)]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=err)

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in (self.folder / "out").read_text(), f"no {text!r}")

    def left(self) -> list[str]:
        """What a stopped command has printed to stderr, and what it has left behind."""
        files = [path.name for path in (self.folder / "tmp").iterdir()]
        return [
            *(self.folder / "err").read_text().splitlines(),
            *files,
            *([] if not self.ready_file.exists() else ["r"]),
        ]


@pytest.fixture
def small(tmp_path):
    small = Small(tmp_path)
    yield small
    small.process.kill()
    small.process.wait(60)


def test_a_stack_that_is_ready_ends_with_all_its_processes(small):
    small.wait_for("ready in")
    (group,) = map(int, Path(f"/proc/{small.process.pid}/task/{small.process.pid}/children").read_text().split())

    small.process.send_signal(signal.SIGINT)

    assert small.process.wait(60) == 0
    wait_until(lambda: processes_of(group) == [], "processes are left")
    assert small.left() == []


@pytest.mark.parametrize("step", ["starting", "deploying"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_stack_that_is_not_ready_ends_as_an_interrupted_command(small, step, number):
    small.wait_for(step)

    small.process.send_signal(number)

    assert small.process.wait(60) in (130, 0)  # it may be ready by now
    assert small.left() == []


def test_an_interrupt_during_the_imports_is_silent(tmp_path):
    (tmp_path / "click.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    answer = subprocess.run(
        [sys.executable, "-m", "local", "--help"], cwd=ROOT, env=environment, capture_output=True, check=False
    )

    assert (answer.returncode, answer.stderr) == (-signal.SIGINT, b"")


def test_many_signals_are_like_one(small):
    small.wait_for("ready in")

    while small.ready_file.exists():
        small.process.send_signal(signal.SIGTERM)

    assert small.process.wait(60) == 0
    assert small.left() == []


def test_requests_in_flight_do_not_disturb_it(small):
    small.wait_for("ready in")
    address, stopping = read(small.ready_file).mailbox, threading.Event()

    def read_mail() -> None:
        while not stopping.is_set():
            try:
                urllib.request.urlopen(address, timeout=5).read()  # noqa: S310 - our own http address
            except (OSError, http.client.HTTPException):  # the answer may end in the middle
                return

    readers = [threading.Thread(target=read_mail) for _ in range(4)]
    for reader in readers:
        reader.start()
    small.process.terminate()

    assert small.process.wait(60) == 0
    stopping.set()
    for reader in readers:
        reader.join()
    assert small.left() == []


def test_a_signal_counts_at_the_next_check_even_if_it_came_in_a_destructor():
    """Python drops what is raised in one: a signal handler that raises would be ignored there."""
    progress = Progress()

    class Destroyed:
        def __del__(self):
            progress.stop()

    Destroyed()

    with pytest.raises(StoppedError):
        progress.step("the next step")


def test_an_error_that_is_no_consequence_of_a_signal_is_raised():
    with pytest.raises(LocalError, match=r"^broken$"), until_stopped():
        raise LocalError("broken")


def test_an_error_during_a_step_stands_on_a_line_of_its_own(capsys):
    with pytest.raises(LocalError), until_stopped() as progress:  # noqa: PT012
        progress.step("deploying")
        raise LocalError("refused")

    assert capsys.readouterr().out == "  deploying … \n"


@pytest.mark.parametrize(("ready", "code"), [(True, 0), (False, 130)])
def test_any_error_of_a_stopping_command_is_the_end(capsys, ready, code):
    """A deployment that is interrupted fails with an error of its own."""
    with pytest.raises(SystemExit) as ended, until_stopped() as progress:  # noqa: PT012
        if ready:
            progress.ready()
        signal.raise_signal(signal.SIGTERM)
        raise LocalError("a step failed: stopped")

    assert ended.value.code == code
    assert capsys.readouterr().out.endswith("stopped; nothing is left running\n")
