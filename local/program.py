"""The repository's program, as the emulator's engine runs it."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("components", "domain", "handlers")
"""The packages that the program is made of."""


def main_program() -> None:
    """The repository's program."""
    runpy.run_path(str(ROOT / "__main__.py"), run_name="program")


@contextmanager
def fresh_modules() -> Iterator[None]:
    """In this block the program's own modules are imported afresh: users edit them while a stack runs.

    Afterwards the earlier modules are back, so that code that imported one of them still meets the same classes.
    """
    before = {name: module for name, module in sys.modules.items() if _is_own(name)}
    for name in before:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in filter(_is_own, list(sys.modules)):
            del sys.modules[name]
        sys.modules.update(before)


def _is_own(module: str) -> bool:
    return module.partition(".")[0] in PACKAGES
