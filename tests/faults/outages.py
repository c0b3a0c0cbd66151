"""The emulator itself stops: it is frozen for a while, or stopped and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.emulator.server import HOST
from tests.faults.interference import Call

FEW = 6
"""Requests that find AWS gone: each costs the read timeout. Lambda retries their events when it is back."""
HEALTHY_WITHIN_SECONDS = 30


@dataclass
class Frozen:
    """All processes of the emulator are frozen from the request `begins` on, for a few requests.

    What was sent meanwhile is carried out afterwards, when nobody waits for the answer any more.
    """

    process_group: int
    begins: int

    def __call__(self, call: Call) -> str | None:
        if call.number == self.begins:
            os.killpg(self.process_group, signal.SIGSTOP)
        if self.begins <= call.number < self.begins + FEW:
            return "stalled"
        if call.number == self.begins + FEW:
            self.thaw()
        return None

    def thaw(self) -> None:
        os.killpg(self.process_group, signal.SIGCONT)


@dataclass
class Restarted:
    """The emulator is stopped before the request `begins`, and is back a few requests later."""

    server: Server
    begins: int

    def __call__(self, call: Call) -> str | None:
        if call.number == self.begins:
            self.server.stop()
        if self.begins <= call.number < self.begins + FEW:
            return "stalled"
        if call.number == self.begins + FEW:
            self.server.start()
        return None


class Server:
    """ministack without our patches, which saves its state on disk when it is stopped in an orderly way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind((HOST, 0))
            self._port: int = free.getsockname()[1]
        self.endpoint = f"http://{HOST}:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder),
            "GATEWAY_PORT": str(self._port),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": "localhost",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._folder / "state"),
            "DOCKER_HOST": f"unix://{self._folder}/no-docker",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env=environment,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("the emulator did not start again")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends it, and returns when it has ended. May be called again."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(HEALTHY_WITHIN_SECONDS)
            self._process = None

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint}/_ministack/health", trust_env=False).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    made = Server(folder)
    made.start()
    try:
        yield made
    finally:
        made.stop()
