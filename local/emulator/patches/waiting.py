"""Events wait for concurrency instead of failing.

AWS: an asynchronous event that finds no free concurrency stays in Lambda's queue, a throttled batch from SQS is not
received again and again, and SNS passes its notifications to that queue.
ministack 1.5.33: throttles: an asynchronous event loses one of its three attempts each time, a batch from a queue waits
for its whole visibility timeout and comes one receive closer to the dead-letter queue, and a notification from SNS is
lost. Without a limit it starts a process for every concurrent event.
Unnecessary when: ministack queues asynchronous events and pollers hold back batches while concurrency is exhausted, SNS
invokes asynchronously, and the number of warm workers can be limited.
Private names: lambda_svc._acquire_execution_slot, _release_execution_slot, _reserved_concurrency, _run_sqs_batch,
invoke_async_with_retry, acquire_worker; lambda_runtime._workers, _lock, kill_workers; sns._lambda_svc.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import contextvars
import functools
import threading
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]
from ministack.services import lambda_svc, sns  # type: ignore[import-untyped]

from local.emulator.patches import require

Slot = tuple[str | None, str | None]
"""ministack's own: the key to give back, or None and which limit was reached."""

_RECHECK_SECONDS = 0.25
"""How long a waiter may miss that its own function's reserved concurrency has become free."""

# ministack copies the context onto an asynchronous event's thread.
_may_wait: contextvars.ContextVar[bool] = contextvars.ContextVar("may_wait", default=False)


class Places:
    """At most `events` events run at a time; the others wait.

    Direct invocations (by API calls and users) are not counted here: ministack refuses them above its account limit, as
    AWS does. That limit must be higher than `events`, or a storm of events would block them.
    """

    def __init__(self, events: int) -> None:
        self._events = events
        self._running = 0
        self._freed = threading.Condition()
        self._held = threading.local()
        self._acquire = lambda_svc._acquire_execution_slot
        self._release = lambda_svc._release_execution_slot
        self._reserved = lambda_svc._reserved_concurrency

    def acquire(self, func: dict[str, Any], config: dict[str, Any]) -> Slot:
        """Take a place. A function with a reserved concurrency of 0 is switched off: its events are refused at once."""
        nested = getattr(self._held, "place", False)  # waiting for a place that its own caller holds would not end
        if nested or not _may_wait.get() or self._reserved(func, config) == 0:
            slot: Slot = self._acquire(func, config)
            return slot
        with self._freed:
            while True:
                if self._running < self._events:
                    slot = self._acquire(func, config)
                    if slot[0] is not None:
                        self._running += 1
                        self._held.place = True
                        return slot
                self._freed.wait(_RECHECK_SECONDS)

    def release(self, key: str | None) -> None:
        self._release(key)
        with self._freed:
            if getattr(self._held, "place", False):
                self._held.place = False
                self._running -= 1
            self._freed.notify()


class Workers:
    """Limits the number of warm workers: a new one replaces the one that has been idle longest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._acquire = lambda_svc.acquire_worker

    def acquire(self, *arguments: Any, **options: Any) -> tuple[Any, str]:
        worker, reason = self._acquire(*arguments, **options)
        if reason == "spawn":
            lambda_runtime.kill_workers(self._surplus())
        return worker, reason

    def _surplus(self) -> list[Any]:
        with lambda_runtime._lock:
            pools = lambda_runtime._workers
            idle = sorted(
                (
                    (worker.last_used, key, worker)
                    for key, pool in pools.items()
                    for worker in pool
                    if not worker.in_use
                ),
                key=lambda entry: entry[0],
            )
            count = sum(map(len, pools.values()))
            surplus = idle[: max(0, count - self._limit)]
            for _, key, worker in surplus:
                pools[key].remove(worker)
        return [worker for _, _, worker in surplus]


class _Asynchronously:
    """lambda_svc as SNS sees it: SNS passes a notification to Lambda's own queue, which makes three attempts."""

    def __getattr__(self, name: str) -> Any:
        if name == "_execute_function_with_config_scope":
            return lambda_svc.invoke_async_with_retry
        return getattr(lambda_svc, name)


def apply(*, events: int, workers: int) -> None:
    """Patch the running process. Raises MovedError."""
    require(
        lambda_svc,
        _acquire_execution_slot="func config",
        _release_execution_slot="key",
        _reserved_concurrency="func config",
        invoke_async_with_retry="func event",
        _run_sqs_batch="esm func_rec event batch queue_url queue_name",
        acquire_worker="func_name config code_zip qualifier max_concurrency",
    )
    require(lambda_runtime, _workers="", _lock="", kill_workers="workers")
    require(sns, _lambda_svc="")
    places = Places(events)
    lambda_svc._acquire_execution_slot = places.acquire
    lambda_svc._release_execution_slot = places.release
    lambda_svc.invoke_async_with_retry = _patiently(lambda_svc.invoke_async_with_retry)
    lambda_svc._run_sqs_batch = _patiently(lambda_svc._run_sqs_batch)
    lambda_svc.acquire_worker = Workers(workers).acquire
    sns._lambda_svc = _Asynchronously()


def _patiently(invoke: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(invoke)
    def patient(*arguments: Any) -> Any:
        before = _may_wait.set(True)
        try:
            return invoke(*arguments)
        finally:
            _may_wait.reset(before)

    return patient
