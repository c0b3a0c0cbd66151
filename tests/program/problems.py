"""What the program says of a wrong config, and what the commands that it prints make of one."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from components.settings import Settings, SettingsError
from tests.docs.config import change
from tests.docs.pages import Command


def problems_of(read: Callable[..., Settings], /, **config: Any) -> str:
    """What the CLI would show; nothing for a config that is accepted."""
    try:
        read(**config)
    except SettingsError as error:
        return str(error)
    return ""


def one_problem(what: str, fix: str) -> str:
    return f"the configuration has a problem:\n  {what}\n    pulumi config {fix}"


def repaired(config: Mapping[str, Any], fix: str) -> dict[str, Any]:
    """The config after the command of one problem, or its commands joined by `&&`."""
    stored = copy.deepcopy(dict(config))
    for command in f"pulumi config {fix}".split(" && "):
        change(stored, Command(page="", line=0, words=tuple(shlex.split(command))))
    return stored
