"""Memory of a process group: what all its processes take together, shared pages counted once (PSS)."""

from __future__ import annotations

import os
import re
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

PROC = Path("/proc")
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def megabytes(group: int, proc: Path = PROC) -> float:
    """PSS of a process group; 0 where the system does not say (only Linux does)."""
    total = 0
    for folder in proc.glob("[0-9]*"):
        with suppress(OSError, ProcessLookupError):
            if os.getpgid(int(folder.name)) == group:
                found = _PSS.search((folder / "smaps_rollup").read_text())
                total += int(found[1]) if found else 0
    return total / 1024


class Watch:
    """Looks once a second while the block runs. `peak` is the most there was."""

    def __init__(self, group: int) -> None:
        self._group = group
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.first = self.last = self.peak = 0.0

    def __enter__(self) -> Watch:
        self.first = self.peak = megabytes(self._group)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        self.last = megabytes(self._group)
        self.peak = max(self.peak, self.last)

    def _look(self) -> None:
        while not self._done.wait(1):
            self.peak = max(self.peak, megabytes(self._group))
