"""Complete logs of invocations.

AWS: everything that an invocation has printed is in its log.
ministack 1.5.33: takes what has arrived within a few milliseconds of the answer. On a busy machine lines arrive later,
and are then in the log of the process's next invocation, or in none.
Unnecessary when: ministack marks the end of an invocation on the process's standard error, and reads up to it.
Private names: lambda_runtime._PYTHON_WORKER_SCRIPT, Worker._drain_stderr_bounded, _read_stderr, _stderr_queue and
_stderr_thread.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import queue
import time
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]

from local.emulator.patches import MovedError, require

END = "\x1eend of invocation"
"""What the process prints after the last line of an invocation: no line of text has a record separator in it."""

MOST_SECONDS = 5.0
"""For a process that neither ends nor lets the mark through: one whose children hold its standard error."""

_ANSWER = "        _real_stdout.flush()\n\nrun()"
_MARKED = f'        sys.stderr.write({END!r} + "\\n")\n        sys.stderr.flush()\n{_ANSWER}'


def whole_log(worker: Any) -> str:
    """The lines up to the mark, or up to the end of the process."""
    lines: list[str] = []
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        try:
            line = worker._stderr_queue.get(timeout=0.1)
        except queue.Empty:
            if not worker._stderr_thread.is_alive() and worker._stderr_queue.empty():
                break
            continue
        if line == END:
            break
        lines.append(line)
    return "\n".join(lines)


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(lambda_runtime, Worker="", _PYTHON_WORKER_SCRIPT="")
    require(lambda_runtime.Worker, _drain_stderr_bounded="self first_line_wait idle_confirm hard_cap", _read_stderr="")
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if script.count(_ANSWER) != 1:
        raise MovedError("ministack's script for Python functions sends its answers in another way")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_ANSWER, _MARKED)
    lambda_runtime.Worker._drain_stderr_bounded = whole_log
