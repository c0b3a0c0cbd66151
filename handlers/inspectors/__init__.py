"""Facts about a file beyond its checksum and type. One module for each kind of file.

Adding a kind is adding a module here with a function `inspector(content_type, extension)`, which returns an Inspector
for the files it knows and None for all others. Modules without that function are ignored.

Files come from anybody: an inspector sees every byte once, keeps a bounded part of them, does a bounded amount of work
for each, believes no length that a file states, and raises nothing but BrokenFileError.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from domain.findings import Facts


class BrokenFileError(ValueError):
    """The file cannot be what its type says: cut off or damaged. The text is for the people who sent it."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What an inspector has found. What hides or floods in a fact is made harmless by who asked for it.

    `content_type` is given by an inspector that, having seen the whole file, knows better than its first bytes.
    `also` is a type that the file is besides: a program with an archive at its end is both.
    """

    facts: Facts = ()
    content_type: str = ""
    also: str = ""


class Inspector(Protocol):
    """Sees one file. Both methods may raise BrokenFileError; after that neither is called again."""

    def feed(self, chunk: bytes) -> None:
        """The next bytes, of any number, in order."""

    def findings(self) -> Findings:
        """What was found. Called once, after the last chunk."""


Factory = Callable[[str, str], Inspector | None]


def inspectors_for(content_type: str, extension: str) -> list[Inspector]:
    """An inspector from every module that knows the type. `extension` is the key's, lower case and without its dot."""
    made = (factory(content_type, extension) for factory in _factories())
    return [inspector for inspector in made if inspector is not None]


@cache
def _factories() -> tuple[Factory, ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(module.inspector for module in modules if hasattr(module, "inspector"))
