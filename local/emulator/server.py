"""The emulator as a process: start on loopback, wait until it is healthy, stop without a trace."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from local.emulator.errors import LocalError

HOST = "127.0.0.1"
USUAL_PORT = 4566

MOST_EVENTS = 16
LEAST_EVENTS = 4
DIRECT_INVOCATIONS = 4
"""Beside the events: API calls and invocations by users are served during a storm of events, too."""

_HEALTHY_WITHIN_SECONDS = 30
_ENDS_WITHIN_SECONDS = 3
_LOG = "emulator.log"
_LOG_LINES = 15
_FOLDER_PREFIX = "aws-emulator-"
# What a function may see of the user's environment. Everything else would make it behave differently on each machine.
_INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "VIRTUAL_ENV")


class PortInUseError(LocalError):
    """Another process listens on the port."""


class EmulatorError(LocalError):
    """The emulator did not start, or ended by itself; the text has the end of its log."""


def concurrency() -> int:
    """How many events are handled at a time on this machine: one per processor, from 4 to 16."""
    return min(MOST_EVENTS, max(LEAST_EVENTS, os.cpu_count() or LEAST_EVENTS))


class Emulator:
    """A local AWS emulator. A context manager: when the block ends it is stopped, and all it stored is deleted."""

    def __init__(
        self,
        port: int | None = None,
        *,
        region: str = "us-east-1",
        events: int | None = None,
        enforce_iam: bool = False,
    ) -> None:
        """Take the port; nothing is started yet. `port` 0 is any free one, None the usual one if it is free.

        `events` is how many events are handled at a time. With `enforce_iam`, functions may do what their roles allow
        and no more, and everything is reached by TLS, as the policies demand. Raises PortInUseError.
        """
        self._socket = _bound(port)
        self.region = region
        self._events = events or concurrency()
        self.workers = self._events + DIRECT_INVOCATIONS
        """The most processes that run functions."""
        self._process: subprocess.Popen[bytes] | None = None
        self.port: int = self._socket.getsockname()[1]
        self.enforces_iam = enforce_iam
        self.endpoint = f"{'https' if enforce_iam else 'http'}://{HOST}:{self.port}"
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """Everything that it writes is in here. Created by start, removed by stop."""
        if self._folder is None:
            raise EmulatorError("the emulator is not started")
        return self._folder

    @property
    def certificate(self) -> Path | None:
        """What clients have to trust; None without TLS."""
        return self.folder / "certificate.pem" if self.enforces_iam else None

    @property
    def _key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def maildir(self) -> Path:
        return self.folder / "mail"

    @property
    def process_group(self) -> int:
        """The id of the group of all its processes, handlers included."""
        if self._process is None:
            raise EmulatorError("the emulator is not started")
        return self._process.pid

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process. It answers some time later: see wait_until_healthy."""
        # Named before it is made: a signal between the two must not leave an unknown folder.
        self._folder = Path(tempfile.gettempdir(), f"{_FOLDER_PREFIX}{secrets.token_hex(6)}")
        self._folder.mkdir(mode=0o700)
        (self.folder / "tmp").mkdir()
        if self.certificate is not None:
            from local.emulator import certificate  # late: cryptography is slow to import, and rarely needed

            certificate.make(HOST, certificate=self.certificate, key=self._key)
        command = [sys.executable, "-m", "local.emulator.launcher"]
        command += ["--socket", str(self._socket.fileno()), "--state", str(self.folder)]
        command += ["--events", str(self._events), "--workers", str(self.workers)]
        with (self.folder / _LOG).open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                cwd=Path(__file__).parents[2],
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[self._socket.fileno()],
                start_new_session=True,
            )
        self._socket.close()

    def wait_until_healthy(self, check: Callable[[], object] = lambda: None) -> None:
        """Return as soon as it answers. `check` may end the wait by raising. Raises EmulatorError."""
        deadline = time.monotonic() + _HEALTHY_WITHIN_SECONDS
        while not self._answers():
            check()
            self.check()
            if time.monotonic() > deadline:
                raise EmulatorError(f"the emulator does not answer; its log ends with:\n{self.tail()}")
            time.sleep(0.02)

    def check(self) -> None:
        """Raise EmulatorError if it has ended by itself."""
        code = self._process.poll() if self._process else None
        if code is not None:
            raise EmulatorError(f"the emulator ended by itself (exit code {code}); its log ends with:\n{self.tail()}")

    def stop(self) -> None:
        """End every process and remove the folder. May be called again."""
        self._socket.close()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()  # the launcher ends everything when this pipe does
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDS_WITHIN_SECONDS)
            with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: EPERM once all have ended
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        connection = self._connection()
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if not self.enforces_iam:
            return http.client.HTTPConnection(HOST, self.port, timeout=2)
        trusted = ssl.create_default_context(cafile=self.certificate)
        return http.client.HTTPSConnection(HOST, self.port, timeout=2, context=trusted)

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return {
            **inherited,
            "PYTHONUNBUFFERED": "1",
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder / "tmp"),
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": self.region,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "S3_PERSIST": "1",  # uploads are stored on disk, not in memory
            "S3_DATA_DIR": str(self.folder / "s3"),
            "DOCKER_HOST": f"unix://{self.folder}/no-docker",  # never look at the user's containers
            "LAMBDA_ACCOUNT_CONCURRENCY": str(self.workers),
            "LAMBDA_WARM_TTL_SECONDS": "60",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.5",  # then 1: on AWS it is one and two minutes
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            **(self._enforcing() if self.enforces_iam else {}),
        }

    def _enforcing(self) -> dict[str, str]:
        certificate = str(self.certificate)
        return {
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": certificate,
            "MINISTACK_SSL_KEY": str(self._key),
            # Functions inherit these, and trust nothing else: they call nothing else.
            **dict.fromkeys(("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), certificate),
        }

    def tail(self) -> str:
        """The end of its log."""
        lines = (self.folder / _LOG).read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-_LOG_LINES:])


def _bound(port: int | None) -> socket.socket:
    """A socket on the port, so that no other process can take it before the start."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, USUAL_PORT if port is None else port))
    except OSError as error:
        listening.close()
        if port is None:
            return _bound(0)
        raise PortInUseError(
            f"port {port} is in use on {HOST} ({error.strerror}); use another, or 0 for any free one"
        ) from error
    return listening
