"""`pulumi config set` without Pulumi: what the commands of a page make of a stack's config."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from tests.docs.pages import ROOT, Command

_STEP = re.compile(r"\.?([A-Za-z][A-Za-z0-9]*)|\[([0-9]+)\]")


def project(folder: str = ".") -> dict[str, Any]:
    """A project's file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / folder / "Pulumi.yaml").read_text())
    return found


def change(config: dict[str, Any], command: Command) -> None:
    """Do to the config what `pulumi config set` or `rm` would do. Raises AssertionError where Pulumi refuses."""
    words = [word for word in command.words[3:] if not word.startswith("--")]
    path = "--path" in command.words
    if "--stack" in command.words:
        words.remove(command.words[command.words.index("--stack") + 1])
    kind = command.words[command.words.index("--type") + 1] if "--type" in command.words else None
    if kind:
        words.remove(kind)
    steps = [name or int(index) for name, index in _STEP.findall(words[0])] if path else [words[0]]
    *way, last = steps
    at: Any = config
    for step, following in zip(way, steps[1:], strict=True):
        empty: Any = [] if isinstance(following, int) else {}
        at = _into(at, step, empty)
    if command.words[2] == "rm":
        assert len(words) == 1, f"{command}: rm takes a key"
        del at[last]
        return
    assert len(words) == 2, f"{command}: set takes a key and a value"
    value = _typed(words[1], kind) if path else words[1]
    if isinstance(at, list) and last == len(at):
        at.append(value)
    else:
        assert isinstance(at, dict) or int(last) < len(at), f"{command}: the list has {len(at)} items"
        at[last] = value


def _into(at: Any, step: str | int, empty: Any) -> Any:
    if isinstance(at, list):
        assert isinstance(step, int)
        assert step <= len(at), f"[{step}] is beyond the end of the list"
        if step == len(at):
            at.append(empty)
        return at[step]
    return at.setdefault(step, empty)


def _typed(text: str, kind: str | None) -> Any:
    """What the CLI makes of a value below a path, unless --type says what it is."""
    if kind == "string":
        return text
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else text


def as_engine(value: Any) -> str:
    """As the engine hands it to the program: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
