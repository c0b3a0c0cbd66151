"""Function processes outlive failures, and finish their invocation when the function changes.

AWS: an execution environment serves further events after a handler has raised; a changed function gets new
environments, while running invocations finish in the old ones.
ministack 1.5.33: ends the process after every error, so each failed attempt costs a cold start, and what a function
remembers between invocations is lost. It also ends processes at work when their function is changed: their
invocation neither completes nor fails.
Unnecessary when: ministack ends a process only after a timeout or a crash, and replaces busy workers after their
invocation.
Private names: lambda_runtime.Worker.invoke, Worker._proc, _workers, _lock, _signal, _collect, _REAP_GRACE and
kill_workers; lambda_svc.release_worker.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

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
    """Delays the end of a worker's process until its invocation has reported why it should end."""

    def __init__(self) -> None:
        self._delayed = threading.local()
        self._invoke = lambda_runtime.Worker.invoke
        self._kill, self._release = lambda_runtime.kill_workers, lambda_svc.release_worker
        self._signal, self._collect = lambda_runtime._signal, lambda_runtime._collect

    def signal(self, proc: Any) -> None:
        processes = getattr(self._delayed, "processes", None)
        if processes is None:
            self._signal(proc)
        else:
            processes.append(proc)

    def collect(self, proc: Any, deadline: float) -> None:
        if getattr(self._delayed, "processes", None) is None:
            self._collect(proc, deadline)

    def invoke(self, worker: Any, *arguments: Any, **options: Any) -> Any:
        processes: list[Any] = []
        self._delayed.processes = processes
        try:
            answer = self._invoke(worker, *arguments, **options)
        except Exception:
            worker.in_use = False  # it could not be started: ministack discards it, and releases nothing
            raise
        finally:
            self._delayed.processes = None
        for proc in processes:
            # Only a handler that raised leaves a traceback: its process waits for the next event.
            if "trace" not in answer or not _reused(worker, proc):
                self._signal(proc)
                self._collect(proc, time.monotonic() + lambda_runtime._REAP_GRACE)
        return answer

    def kill(self, workers: Iterable[Any]) -> None:
        """Replaces ministack's: busy workers finish first; `release` ends them."""
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
"""A pool beside ministack's, whose names have colons: stopping the emulator stops these workers, too."""


def _serves(worker: Any) -> bool:
    """Whether a worker may still receive events. The caller holds the lock."""
    return any(worker in pool for key, pool in lambda_runtime._workers.items() if key != _FINISHING)


def _reused(worker: Any, proc: Any) -> bool:
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
