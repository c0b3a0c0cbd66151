"""Where the embedded AWS differs from AWS in ways that lose events or hide mails, it is corrected from outside."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from types import ModuleType

WRITTEN_FOR = "1.5.33"


class MovedError(Exception):
    """ministack no longer has a private name that a patch leans on; the text says which version does."""


def require(module: ModuleType | type, **names: str) -> None:
    """Check that `module` still has every name; functions are given with their parameters, "a b c", others as "".

    Raises MovedError.
    """
    for name, parameters in names.items():
        found = getattr(module, name, None)
        if found is None or (parameters and list(inspect.signature(found).parameters) != parameters.split()):
            shape = f"{name}({', '.join(parameters.split())})" if parameters else name
            raise MovedError(
                f"ministack {version('ministack')} has no {module.__name__}.{shape}; "
                f"the patches are written for {WRITTEN_FOR}: pip install ministack=={WRITTEN_FOR}"
            )
