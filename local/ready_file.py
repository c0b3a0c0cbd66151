"""The file that describes a running stack, for the other commands and for test suites."""

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
    """The file cannot be written, or is not a ready file; the text says what to do."""


@dataclass(frozen=True)
class Ready:
    """Addresses of a stack. `control` is the URL that accepts new settings, and the token that it requires."""

    endpoint: str
    region: str
    outputs: Mapping[str, Any]
    mailbox: str
    control: Mapping[str, str]

    def write(self, path: Path) -> None:
        """Write it atomically: a reader sees all of it or nothing. Only its owner can read the token."""
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file, indent=2)
            file.write("\n")
        unfinished.replace(path)


def writable(path: Path) -> Path:
    """The path, after a check that a ready file can be written there. Raises ReadyFileError."""
    if path == DEFAULT and os.access(path.parent.parent, os.W_OK):
        path.parent.mkdir(exist_ok=True)
    if not path.parent.is_dir():
        raise ReadyFileError(
            f"the folder of --ready-file {path} does not exist; create it first:\n  mkdir -p {path.parent}"
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
