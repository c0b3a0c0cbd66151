"""Ways to see what happens in an embedded AWS."""

from __future__ import annotations

from pathlib import Path

EVENTS = 2
"""Events at a time: few, so that a handful of them already has to wait."""


def processes_of(group: int) -> list[int]:
    """The processes of a group that still exist, zombies included."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                found.append(int(folder.name))
    return found
