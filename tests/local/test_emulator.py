"""The emulator as a process: its environment, its errors, and that it leaves nothing."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from local.emulator import server as module
from local.emulator.aws import Aws, forget_real_accounts
from local.emulator.server import Emulator, EmulatorError, PortInUseError, concurrency
from tests.e2e.stack import wait_until
from tests.local.observing import processes_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def own_temporary_folder(tmp_path, monkeypatch):
    """Where this test writes everything temporary."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    tempfile.tempdir = None


def started(emulator: Emulator) -> Emulator:
    emulator.start()
    emulator.wait_until_healthy()
    return emulator


def test_stopping_leaves_no_process_and_no_file(own_temporary_folder, function_code):
    with started(Emulator(0)) as emulator:
        group = emulator.process_group
        function_code(Aws(emulator.endpoint))
        assert len(processes_of(group)) == 2
        assert list(own_temporary_folder.iterdir()) == [emulator.folder]

    # A machine that is too busy to end them in order kills them: somebody adopts and buries them a moment later.
    wait_until(lambda: processes_of(group) == [], "processes are left")
    assert list(own_temporary_folder.iterdir()) == []


def test_stopping_does_not_wait_for_a_function_that_does_not_end(own_temporary_folder, function_code):
    with started(Emulator(0)) as emulator:
        group = emulator.process_group
        function_code(Aws(emulator.endpoint), "import time\ndef handler(e, c): time.sleep(600)", asynchronously=True)
        wait_until(lambda: len(processes_of(group)) == 2)

    wait_until(lambda: [pid for pid in processes_of(group) if not is_zombie(pid)] == [])
    assert list(own_temporary_folder.iterdir()) == []


def test_a_killed_parent_leaves_no_process_and_no_file(own_temporary_folder):
    source = """
import sys, time
from local.emulator.server import Emulator
emulator = Emulator(0)
emulator.start()
emulator.wait_until_healthy()
print(emulator.process_group, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", source], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        group = int(parent.stdout.readline())
        parent.kill()

    wait_until(lambda: [pid for pid in processes_of(group) if not is_zombie(pid)] == [])
    wait_until(lambda: list(own_temporary_folder.iterdir()) == [])


def test_a_port_in_use_is_an_error_that_says_what_to_use():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(PortInUseError, match=rf"port {port} is in use on .*; use another, or 0 for any free one"):
            Emulator(port)


def test_the_usual_port_gives_way_to_a_free_one(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(module, "USUAL_PORT", other.getsockname()[1])

        with Emulator() as emulator:
            assert emulator.port != other.getsockname()[1]


def test_nothing_but_loopback_is_bound(emulator):
    inodes = {
        str(link.readlink()).removeprefix("socket:[").removesuffix("]")
        for link in Path(f"/proc/{emulator.process_group}/fd").iterdir()
        if str(link.readlink()).startswith("socket:[")
    }
    listening = [
        fields[1].partition(":")[0]
        for table in ("tcp", "tcp6", "udp", "udp6")
        for fields in map(str.split, Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if fields[9] in inodes and (fields[3] == "0A" or table.startswith("udp"))
    ]

    assert listening == ["0100007F"]


def test_an_emulator_that_ends_by_itself_is_an_error_with_the_end_of_its_log(monkeypatch):
    monkeypatch.setattr(Emulator, "_environment", lambda _: {"PATH": os.environ["PATH"]})  # no GATEWAY_PORT

    with Emulator(0) as emulator:
        emulator.start()
        with pytest.raises(EmulatorError, match=r"(?s)ended by itself \(exit code 1\).*GATEWAY_PORT"):
            emulator.wait_until_healthy()


def test_an_emulator_that_is_killed_later_is_noticed():
    with started(Emulator(0)) as emulator:
        emulator.check()
        os.kill(emulator.process_group, signal.SIGKILL)

        with pytest.raises(EmulatorError, match="ended by itself"):
            wait_until(emulator.check)


def test_an_emulator_that_was_killed_leaves_no_file_either(own_temporary_folder):
    with started(Emulator(0)) as emulator:
        os.kill(emulator.process_group, signal.SIGKILL)

    assert list(own_temporary_folder.iterdir()) == []


def test_nothing_of_the_users_environment_reaches_the_functions(aws, function, monkeypatch):
    """The emulator was started before the test; every function sees its environment."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    with started(Emulator(0)) as emulator:
        seen = Path(f"/proc/{emulator.process_group}/environ").read_bytes().decode().split("\0")

    names = {entry.partition("=")[0] for entry in seen if entry}
    assert not {name for name in names if name.startswith("AWS_")} - {
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
    }
    assert f"AWS_CONFIG_FILE={os.devnull}" in seen


def test_real_accounts_are_forgotten():
    environment = {"AWS_PROFILE": "production", "AWS_CA_BUNDLE": "x", "SSL_CERT_FILE": "x", "PATH": "/bin"}

    forget_real_accounts(environment)

    assert environment == {
        "PATH": "/bin",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.mark.parametrize(("processors", "events"), [(1, 4), (8, 8), (128, 16), (None, 4)])
def test_concurrency_fits_the_machine(monkeypatch, processors, events):
    monkeypatch.setattr(os, "cpu_count", lambda: processors)

    assert concurrency() == events


@pytest.fixture
def function_code():
    """Make a function and invoke it once."""
    import io
    import zipfile

    def run(aws: Aws, source: str = "def handler(e, c): return 1", *, asynchronously: bool = False) -> None:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as packed:
            packed.writestr("code.py", source)
        aws.lambda_.create_function(
            FunctionName="f",
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/any",
            Handler="code.handler",
            Code={"ZipFile": code.getvalue()},
            Timeout=900,
        )
        aws.lambda_.invoke(FunctionName="f", InvocationType="Event" if asynchronously else "RequestResponse")

    return run


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
