"""The emulator's process: ministack, patched, on a socket that is already bound.

    python -m local.emulator.launcher --socket FD --state FOLDER --events N --workers N

Its standard input is a pipe from the process that started it. When that ends, for whatever reason, so does everything
here: functions still running, this process, and FOLDER.
"""

# ruff: noqa: SLF001 - ministack offers no public way to its workers

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import threading
from pathlib import Path


def main() -> None:
    arguments = argparse.ArgumentParser()
    for number in ("--socket", "--events", "--workers"):
        arguments.add_argument(number, type=int, required=True)
    arguments.add_argument("--state", type=Path, required=True)
    given = arguments.parse_args()
    threading.Thread(target=_end_with_the_parent, args=(given.state,), daemon=True).start()

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack import app  # type: ignore[import-untyped]

    from local.emulator.patches import (
        answers,
        cors,
        delivery,
        enforcing,
        event_rules,
        event_times,
        failures,
        listings,
        log_lines,
        log_pages,
        malware_scans,
        origins,
        principals,
        schedules,
        starting,
        versions,
        waiting,
    )

    waiting.apply(events=given.events, workers=given.workers)
    certificate = os.environ.get("MINISTACK_SSL_CERT")
    scheme = "https" if certificate else "http"
    delivery.apply(maildir=given.state / "mail", endpoint=f"{scheme}://127.0.0.1:{os.environ['GATEWAY_PORT']}")
    for patch in (
        failures,
        starting,
        log_lines,
        log_pages,
        answers,
        origins,
        principals,
        versions,
        listings,
        event_rules,
        event_times,
        malware_scans,
        schedules,
    ):
        patch.apply()
    if certificate:
        enforcing.apply()
    config = Config()
    config.bind = [f"fd://{given.socket}"]
    config.certfile, config.keyfile = certificate, os.environ.get("MINISTACK_SSL_KEY")
    config.backlog = 1024
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(serve(cors.as_configured(app.app), config, shutdown_trigger=asyncio.Event().wait))


def _end_with_the_parent(state: Path) -> None:
    while os.read(sys.stdin.fileno(), 1):  # not sys.stdin.read(): it would hold a lock that a normal exit needs
        pass
    runtime = sys.modules.get("ministack.core.lambda_runtime")
    if runtime is not None:
        for worker in [worker for pool in list(runtime._workers.values()) for worker in list(pool)]:
            if worker._proc is not None:
                worker._proc.kill()
                worker._proc.wait()  # else it stays as a zombie where no process adopts orphans
    shutil.rmtree(state, ignore_errors=True)
    os._exit(0)  # nothing of an emulator is worth an orderly shutdown


if __name__ == "__main__":
    main()
