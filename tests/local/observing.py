"""Ways to see what happens in an emulator."""

from __future__ import annotations

from pathlib import Path

EVENTS = 2
"""Events at a time: few, so that a handful of them already has to wait."""


def processes_of(group: int) -> list[int]:
    """The processes of a group that still exist, zombies included."""
    return list(_commands_of(group))


def python_processes_of(group: int) -> list[int]:
    """Those without the Node processes in which ministack runs CloudFront's functions."""
    return [process for process, command in _commands_of(group).items() if not command.startswith("node")]


def _commands_of(group: int) -> dict[int, str]:
    """Each process of a group with its command's name."""
    commands = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                start, _, end = (folder / "stat").read_text().rpartition(")")
            except OSError:
                continue
            if int(end.split()[2]) == group:
                commands[int(folder.name)] = start.partition("(")[2]
    return commands
