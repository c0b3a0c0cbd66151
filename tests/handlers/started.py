"""Functions as Lambda starts them, and what they print."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

import handlers
from tests import emf


class Console:
    """Standard output as it is at the moment: pytest replaces it in each phase of a test."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@contextmanager
def started(name: str, clients: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The function's module, freshly imported; these are its clients of AWS."""
    monkeypatch.setattr(handlers, name, None, raising=False)
    monkeypatch.delitem(sys.modules, f"handlers.{name}", raising=False)
    module = importlib.import_module(f"handlers.{name}")
    for console in module.logger.handlers:  # as old as the process, and so is the stream that they write to
        monkeypatch.setattr(console, "stream", Console())
    monkeypatch.setattr(module.boto3, "client", lambda service, **_: clients[service])
    yield module
    module.logger.remove_keys(["request_id"])


@dataclass
class Printing:
    """A function that runs, and what it printed."""

    module: ModuleType
    read_output: Callable[[], str]
    printed: str = field(default="", init=False)

    @property
    def log(self) -> str:
        """Everything printed so far."""
        self.printed += self.read_output()
        return self.printed

    @property
    def counted(self) -> dict[str, int]:
        """CloudWatch's view: the sum of each metric."""
        return dict(emf.counted(self.log))

    @property
    def logged(self) -> list[dict[str, Any]]:
        return emf.logged(self.log)
