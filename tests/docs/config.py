"""`pulumi config set` without Pulumi: what the commands of a page make of a stack's config."""

from __future__ import annotations

import re
from typing import Any

import yaml

from domain.channels import SERVICES
from tests.docs.pages import ROOT, Command

_STEP = re.compile(r"\.?([A-Za-z][A-Za-z0-9_-]*)|\[([0-9]+)\]|\[\"((?:[^\"\\\\]|\\\\.)*)\"\]")
"""https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration"""


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
    steps = _steps(words[0]) if path else [words[0]]
    *way, last = steps
    at: Any = config
    for depth, (step, following) in enumerate(zip(way, steps[1:], strict=True)):
        empty: Any = [] if isinstance(following, int) else {}
        if depth == 0 and not isinstance(at.get(step), list | dict):
            at.pop(step, None)  # only at the top the CLI replaces a text by a list
        at = _into(at, step, empty)
        assert isinstance(at, type(empty)), f"{command}: expected {'an array' if empty == [] else 'an object'}"
    if command.words[2] == "rm":
        assert len(words) == 1, f"{command}: rm takes a key"
        del at[last]
        return
    if "--secret" in command.words and len(words) == 1:
        is_channel = words[0].startswith("channels.")
        words.append(SERVICES["slack"].example if is_channel else "what was typed when the CLI asked for it")
    assert len(words) == 2, f"{command}: set takes a key and a value"
    value = _typed(words[1], kind) if path else words[1]
    if isinstance(at, list) and last == len(at):
        at.append(value)
    else:
        assert isinstance(at, dict) or int(last) < len(at), f"{command}: the list has {len(at)} items"
        at[last] = value


def _steps(path: str) -> list[str | int]:
    assert "".join(match[0] for match in _STEP.finditer(path)) == path, f"{path} is not a path"
    return [name or (int(index) if index else re.sub(r"\\(.)", r"\1", key)) for name, index, key in _STEP.findall(path)]


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
