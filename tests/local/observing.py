"""Ways to see what happens in an embedded AWS, and to wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

EVENTS = 2
"""Events at a time: few, so that a handful of them already has to wait."""

T = TypeVar("T")


def wait_until(found: Callable[[], T], *, seconds: float = 30) -> T:
    """The first truthy answer of `found`; fails the test if there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        if time.monotonic() > deadline:
            pytest.fail(f"nothing within {seconds} s", pytrace=True)
        time.sleep(0.02)
    return answer


def processes_of(group: int) -> list[int]:
    """The processes of a group that still exist, zombies included."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                found.append(int(folder.name))
    return found
