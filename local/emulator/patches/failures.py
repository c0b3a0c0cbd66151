"""A process serves on after a failure, and finishes its work when its function is changed, as on AWS.

ministack ends the process after every error: each failed attempt then costs a cold start, and what a function remembers
between invocations is lost. And it ends the processes that are at work when their function is changed: what they were
at is neither done nor failed.
"""

# ruff: noqa: SLF001 - to lean on private names is what a patch does; `require` guards them

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterable
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]
from ministack.services import lambda_svc  # type: ignore[import-untyped]

from local.emulator.patches import require


class Ending:
    """Puts off what ends a worker's process until its invocation has said why it should end."""

    def __init__(self) -> None:
        self._put_off = threading.local()
        self._invoke = lambda_runtime.Worker.invoke
        self._kill, self._release = lambda_runtime.kill_workers, lambda_svc.release_worker
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
        except Exception:
            worker.in_use = False  # it could not be started: ministack throws it away, and releases nothing
            raise
        finally:
            self._put_off.found = None
        for proc in found:
            # Only a handler that raised leaves a traceback: its process waits for the next event.
            if "trace" not in answer or not _kept(worker, proc):
                self._signal(proc)
                self._collect(proc, time.monotonic() + lambda_runtime._REAP_GRACE)
        return answer

    def kill(self, workers: Iterable[Any]) -> None:
        """In place of ministack's: those at work finish first; `release` ends them."""
        idle = []
        with lambda_runtime._lock:
            for worker in workers:
                if worker is not None and worker.in_use:
                    lambda_runtime._workers.setdefault(_FINISHING, []).append(worker)
                else:
                    idle.append(worker)
        self._kill(idle)

    def release(self, worker: Any) -> None:
        self._release(worker)
        if worker is None:
            return
        with lambda_runtime._lock:
            finishing = lambda_runtime._workers.get(_FINISHING, [])
            if worker in finishing:
                finishing.remove(worker)
            serves = _serves(worker)
        if not serves:
            self._kill([worker])


_FINISHING = "finishing"
"""Beside ministack's pools, whose names hold colons: who stops the embedded AWS stops these, too."""


def _serves(worker: Any) -> bool:
    """Whether events may still come to a worker. The lock is held by who asks."""
    return any(worker in pool for key, pool in lambda_runtime._workers.items() if key != _FINISHING)


def _kept(worker: Any, proc: Any) -> bool:
    """Give a worker its process back. One that was taken out of service meanwhile does not need it."""
    with lambda_runtime._lock:
        if _serves(worker) and proc.poll() is None:
            worker._proc = proc
            return True
    return False


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(lambda_runtime, Worker="", _workers="", _lock="", _REAP_GRACE="", _signal="proc", _collect="proc deadline")
    require(lambda_runtime, kill_workers="workers")
    require(lambda_svc, release_worker="worker")
    ending = Ending()
    lambda_runtime._signal, lambda_runtime._collect = ending.signal, ending.collect
    lambda_runtime.kill_workers = ending.kill
    lambda_svc.release_worker = ending.release

    @functools.wraps(lambda_runtime.Worker.invoke)
    def invoke(worker: Any, *arguments: Any, **options: Any) -> Any:
        return ending.invoke(worker, *arguments, **options)

    lambda_runtime.Worker.invoke = invoke
