"""What a function in this process writes, which on Lambda would be its log."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from unittest import mock


@contextmanager
def function_log(module: ModuleType) -> Iterator[io.StringIO]:
    """Everything that one of the handlers' entries logs and counts while the block runs."""
    log = io.StringIO()
    with contextlib.ExitStack() as patched:
        patched.enter_context(mock.patch.object(module.metrics.provider, "namespace", "faults"))
        patched.enter_context(mock.patch.object(module.metrics.provider, "service", module.__name__.split(".")[-1]))
        patched.enter_context(contextlib.redirect_stdout(log))
        for console in module.logger.handlers:  # as old as the process, and so is the stream that they write to
            patched.enter_context(mock.patch.object(console, "stream", log))
        yield log
