"""Corrections of ministack from outside, where it differs from AWS in ways that lose events or hide faults.

Each module is one patch. Its docstring says what AWS does, what ministack does, which upstream change would make the
patch unnecessary, and on which private names it relies; `require` checks those names when the emulator starts.
"""

from __future__ import annotations

import inspect
from importlib.metadata import version
from types import ModuleType

WRITTEN_FOR = "1.5.33"


class MovedError(Exception):
    """ministack no longer has a private name that a patch relies on; the text says which version does."""


def require(module: ModuleType | type, **names: str) -> None:
    """Check that `module` still has every name; functions are given with their parameters, "a b c", others as "".

    Raises MovedError.
    """
    for name, parameters in names.items():
        value = getattr(module, name, None)
        if value is None or (parameters and list(inspect.signature(value).parameters) != parameters.split()):
            shape = f"{name}({', '.join(parameters.split())})" if parameters else name
            raise MovedError(
                f"ministack {version('ministack')} has no {module.__name__}.{shape}; "
                f"the patches are written for {WRITTEN_FOR}: pip install ministack=={WRITTEN_FOR}"
            )
