"""The file that says where a running stack is: people's commands and test suites find it there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local.emulator.errors import LocalError

DEFAULT = Path(__file__).resolve().parents[1] / ".local" / "stack.json"


class ReadyFileError(LocalError):
    """The file cannot be written, or does not say what a ready file says; the text says what to do."""


@dataclass(frozen=True)
class Ready:
    """Where a stack is. `control` is the URL that takes new settings, with the token that opens it."""

    endpoint: str
    region: str
    outputs: Mapping[str, Any]
    mailbox: str
    control: Mapping[str, str]

    def write(self, path: Path) -> None:
        """Write it in one go: whoever sees the file sees all of it. Only its owner can read the token."""
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file, indent=2)
            file.write("\n")
        unfinished.replace(path)


def writable(path: Path) -> Path:
    """Check that a ready file may be written there, before anything is started. Raises ReadyFileError."""
    if path == DEFAULT and os.access(path.parent.parent, os.W_OK):
        path.parent.mkdir(exist_ok=True)
    if not path.parent.is_dir():
        raise ReadyFileError(
            f"the folder of --ready-file {path} does not exist; make it first:\n  mkdir -p {path.parent}"
        )
    if not os.access(path.parent, os.W_OK):
        raise ReadyFileError(f"the folder of --ready-file {path} is not writable; name a file in another folder")
    if path.exists():
        read(path)
    return path


def read(path: Path) -> Ready:
    """Read one. Raises ReadyFileError."""
    try:
        return Ready(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise ReadyFileError(f"no stack is running: there is no {path}; start one:\n  python -m local up") from None
    except (OSError, ValueError, TypeError) as error:
        raise ReadyFileError(f"{path} is not a ready file ({error}); name another with --ready-file") from error
