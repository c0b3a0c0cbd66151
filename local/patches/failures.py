"""A function that raises keeps its process, as on AWS: only one that ends, or runs out of time, is started again.

ministack ends the process after every error. Each failed attempt then costs a cold start, and what a function remembers
between invocations is lost, which is not how a failure looks on AWS.
"""

# ruff: noqa: SLF001 - to lean on private names is what a patch does; `require` guards them

from __future__ import annotations

import functools
import threading
import time
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]

from local.patches import require


class Ending:
    """Puts off what ends a worker's process until its invocation has said why it should end."""

    def __init__(self) -> None:
        self._put_off = threading.local()
        self._invoke = lambda_runtime.Worker.invoke
        self._signal, self._collect = lambda_runtime._signal, lambda_runtime._collect

    def signal(self, proc: Any) -> None:
        found = getattr(self._put_off, "found", None)
        if found is None:
            self._signal(proc)
        else:
            found.append(proc)

    def collect(self, proc: Any, deadline: float) -> None:
        if getattr(self._put_off, "found", None) is None:
            self._collect(proc, deadline)

    def invoke(self, worker: Any, *arguments: Any, **options: Any) -> Any:
        found: list[Any] = []
        self._put_off.found = found
        try:
            answer = self._invoke(worker, *arguments, **options)
        finally:
            self._put_off.found = None
        for proc in found:
            # Only a handler that raised leaves a traceback: its process waits for the next event.
            if "trace" not in answer or not _kept(worker, proc):
                self._signal(proc)
                self._collect(proc, time.monotonic() + lambda_runtime._REAP_GRACE)
        return answer


def _kept(worker: Any, proc: Any) -> bool:
    """Give a worker its process back. One that was taken out of service meanwhile does not need it."""
    with lambda_runtime._lock:
        serves = any(worker in pool for pool in lambda_runtime._workers.values())
        if serves and proc.poll() is None:
            worker._proc = proc
            return True
    return False


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(lambda_runtime, Worker="", _workers="", _lock="", _REAP_GRACE="", _signal="proc", _collect="proc deadline")
    ending = Ending()
    lambda_runtime._signal, lambda_runtime._collect = ending.signal, ending.collect

    @functools.wraps(lambda_runtime.Worker.invoke)
    def invoke(worker: Any, *arguments: Any, **options: Any) -> Any:
        return ending.invoke(worker, *arguments, **options)

    lambda_runtime.Worker.invoke = invoke
