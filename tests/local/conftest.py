"""One emulator for all tests of a worker process, engines on it, and functions to put into it."""

from __future__ import annotations

import io
import os
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from local.emulator.aws import Aws
from local.emulator.server import Emulator
from local.mailbox import Mailbox, Message
from tests.e2e.stack import wait_until
from tests.local.observing import EVENTS
from tests.local.world import SmallWorld, World


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator(0, events=EVENTS) as started:
        started.start()
        started.wait_until_healthy()
        yield started


@pytest.fixture(scope="session")
def aws(emulator: Emulator) -> Aws:
    return Aws(emulator.endpoint)


@pytest.fixture
def world(aws: Aws) -> Iterator[World]:
    """An engine on the emulator; everything that it created is deleted at the end."""
    world = World(aws)
    yield world
    world.apply(lambda: None)


@pytest.fixture
def small_world() -> SmallWorld:
    return SmallWorld()


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as client:
        yield client


@pytest.fixture
def unique() -> str:
    return f"t{uuid4().hex[:12]}"


@pytest.fixture
def mails_to(emulator: Emulator) -> Callable[[str], list[Message]]:
    """What has been delivered to an address so far."""
    box = Mailbox(emulator.maildir)
    return lambda address: [message for message in box.messages() if message.to == address]


@pytest.fixture
def function(aws: Aws, unique: str) -> Callable[..., str]:
    """function("source of handler(event, context)", name="a", **environment) → its ARN."""

    def make(source: str, name: str = "f", **environment: str) -> str:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as packed:
            # The same source is the same archive, whenever it is packed.
            packed.writestr(zipfile.ZipInfo("code.py"), textwrap.dedent(source))
        return aws.lambda_.create_function(
            FunctionName=f"{unique}-{name}",
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/any",
            Handler="code.handler",
            Code={"ZipFile": code.getvalue()},
            Timeout=20,
            Environment={"Variables": environment},
        )["FunctionArn"]

    return make


class Notes:
    """What functions have written to one file, a line each."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path / "notes")


@pytest.fixture
def noting(function: Callable[..., str], notes: Notes) -> Callable[..., str]:
    """A function that notes `begin …` and `end …` of each event, working in between: noting(seconds="0.05")."""

    def make(name: str = "f", seconds: str = "0") -> str:
        source = """
            import json, os, time

            def note(line):
                file = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
                os.write(file, (line + "\\n").encode())
                os.close(file)

            def handler(event, context):
                note("begin " + json.dumps(event))
                time.sleep(float(os.environ["SECONDS"]))
                note("end " + json.dumps(event))
                print("a line, for which the emulator would otherwise wait 50 ms")
        """
        return function(source, name, NOTES=str(notes.file), SECONDS=seconds)

    return make


class Held:
    """A function whose events take up places until they are released."""

    def __init__(self, aws: Aws, arn: str, notes: Notes, key: Path) -> None:
        self._aws, self._arn, self._notes, self._key = aws, arn, notes, key

    def occupy(self, events: int) -> None:
        """Send events; return when as many of them run as can."""
        for _ in range(events):
            self._aws.lambda_.invoke(FunctionName=self._arn, InvocationType="Event", Payload="0")
        wait_until(lambda: self._notes().count("held") == min(events, EVENTS))

    def release(self) -> None:
        self._key.touch()


@pytest.fixture
def held(aws: Aws, function: Callable[..., str], notes: Notes, tmp_path: Path) -> Iterator[Held]:
    source = """
        import os, time

        def handler(event, context):
            with open(os.environ["NOTES"], "a") as file:
                file.write("held\\n")
            while not os.path.exists(os.environ["KEY"]):
                time.sleep(0.02)
            print("released")
    """
    arn = function(source, "held", NOTES=str(notes.file), KEY=str(tmp_path / "key"))
    held = Held(aws, arn, notes, tmp_path / "key")
    yield held
    held.release()


@pytest.fixture(autouse=True)
def no_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
