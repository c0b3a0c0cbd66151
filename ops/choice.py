"""Chooses the stack: a deployed one, one whose outputs are in a file, or the local one."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from ops.errors import OpsError, StoppedError
from ops.stack import Stack

ROOT = Path(__file__).resolve().parents[1]
READY_FILE = ROOT / ".local" / "stack.json"
"""Where `python -m local up` describes the stack it runs, by default."""

_ON_THIS_MACHINE = ("http://127.0.0.1:", "http://localhost:")
_PULUMI_SECONDS = 120
_ANSWERS_WITHIN_SECONDS = 3
_START = "python -m local up"


def choose(*, stack: str | None, outputs: Path | None, ready_file: Path | None) -> Stack:
    """The stack that the options name; without any, the local one if it runs, else Pulumi's selected one.

    Raises OpsError.
    """
    if sum(given is not None for given in (stack, outputs, ready_file)) > 1:
        raise OpsError("--stack, --outputs and --ready-file each name a stack; use one of them")
    if outputs is not None:
        return described(outputs)
    if ready_file is not None:
        return local(ready_file)
    if stack is None and (running := _running(READY_FILE)) is not None:
        return running
    return deployed(stack)


def described(path: Path) -> Stack:
    """A stack whose outputs were saved with `pulumi stack output --json`. Raises OpsError."""
    save = f"pulumi stack output --json > {path}"
    try:
        outputs = json.loads(path.read_bytes())
    except OSError as error:
        raise OpsError(f"--outputs {path} cannot be read ({error.strerror}); save the outputs there:", save) from error
    except ValueError as error:
        raise OpsError(f"--outputs {path} is not JSON ({error}); save the outputs again:", save) from error
    if not isinstance(outputs, dict):
        raise OpsError(f"--outputs {path} is not a JSON object; save the outputs again:", save)
    if "outputs" in outputs and "endpoint" in outputs:
        raise OpsError(f"{path} describes a local stack; use:", f"--ready-file {path}")
    return Stack(outputs=outputs, where=str(path), options=("--outputs", str(path)))


def deployed(name: str | None) -> Stack:
    """A stack as Pulumi knows it, by name; None is the selected one. Raises OpsError."""
    options = ("--stack", name) if name else ()
    where = f"stack {name}" if name else "the selected stack"
    try:
        ran = subprocess.run(  # noqa: S603 - the person's own Pulumi, and a name that is one argument
            ["pulumi", "stack", "output", "--json", "--non-interactive", "--cwd", str(ROOT), *options],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=_PULUMI_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        nothing_local = "" if name else "no local stack is running, and "
        raise StoppedError(
            f"{nothing_local}{where} cannot be read without the Pulumi CLI: install it, use --outputs FILE, or start a "
            "local stack",
            _START,
        ) from error
    except subprocess.TimeoutExpired as error:
        raise OpsError(f"Pulumi did not return the outputs of {where} within {_PULUMI_SECONDS} s") from error
    if ran.returncode:
        lines = (ran.stderr.strip() or ran.stdout.strip()).splitlines()
        reason = next((line for line in lines if line.startswith("error:")), lines[-1] if lines else "no message")
        raise OpsError(f"Pulumi cannot return the outputs of {where}: {reason}", "pulumi stack ls")
    outputs = json.loads(ran.stdout or "{}")
    if not outputs:
        raise StoppedError(
            f"{where} has no outputs: nothing is deployed, or the first update did not end", _up(options)
        )
    return Stack(outputs=outputs, where=where, options=options)


def local(path: Path) -> Stack:
    """The running local stack that a ready file describes. Raises OpsError."""
    if not path.exists():
        raise StoppedError(f"the local stack is stopped: {path} does not exist", _START)
    ready = _read(path)
    if ready is None:
        raise OpsError(f"{path} is not the ready file of a local stack; use the one that `python -m local up` printed")
    if not _answers(ready):
        raise StoppedError(f"the local stack of {path} is stopped: nothing answers at {ready['endpoint']}", _START)
    return _local(ready, path)


def _running(path: Path) -> Stack | None:
    ready = _read(path)
    return _local(ready, path) if ready is not None and _answers(ready) else None


def _local(ready: Mapping[str, Any], path: Path) -> Stack:
    return Stack(
        outputs=ready["outputs"],
        where=f"the local stack at {ready['endpoint']}",
        options=() if path == READY_FILE else ("--ready-file", str(path)),
        endpoint=ready["endpoint"],
        mailbox=ready["mailbox"],
    )


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        ready = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(ready, dict):
        return None
    # Commands use fixed credentials there: only addresses of this machine are accepted.
    if not all(str(ready.get(name)).startswith(_ON_THIS_MACHINE) for name in ("endpoint", "mailbox")):
        return None
    return ready if isinstance(ready.get("outputs"), dict) else None


def _answers(ready: Mapping[str, Any]) -> bool:
    """Whether the stack's mailbox answers: it stops with the stack."""
    try:
        request = urllib.request.Request(f"{ready['mailbox']}messages?after=999999999")  # noqa: S310 - a loopback address
        with urllib.request.urlopen(request, timeout=_ANSWERS_WITHIN_SECONDS) as answer:  # noqa: S310
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, ValueError):
        return False


def _up(options: tuple[str, ...]) -> str:
    return " ".join(("pulumi", "up", *options))
