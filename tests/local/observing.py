"""Ways to see what happens in an emulator."""

from __future__ import annotations

from pathlib import Path

EVENTS = 2
"""Events at a time: few, so that a handful of them already has to wait."""


def processes_of(group: int) -> list[int]:
    """The processes of a group that still exist, zombies included."""
    processes = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                processes.append(int(folder.name))
    return processes


def python_processes_of(group: int) -> list[int]:
    """Those without the Node processes in which ministack runs CloudFront's functions."""
    return [pid for pid in processes_of(group) if not Path(f"/proc/{pid}/comm").read_text().startswith("node")]
