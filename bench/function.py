"""Functions laid out on disk as Lambda lays them out, and run in processes of their own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import pulumi

from components.packaging import handlers_archive, layer_archive
from domain.rules import RULES_FILE, Rule

ROOT = Path(__file__).resolve().parents[1]
RUNNER = Path(__file__).with_name("runner.py")
PROVIDED = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
"""What Lambda's Python runtime has by itself, with its bytecode."""

RULES = (Rule(name="every file", to=("you@example.com",)),)


@dataclass(frozen=True, kw_only=True)
class Function:
    """Where a handler and its packages lie, in the order in which Lambda looks for modules."""

    module: str
    paths: tuple[Path, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def having(self, **environment: str) -> Function:
        """The same function with more in its environment."""
        return Function(module=self.module, paths=self.paths, environment={**self.environment, **environment})

    def lacking(self, *names: str) -> Function:
        """The same function without these in its environment."""
        kept = {name: value for name, value in self.environment.items() if name not in names}
        return Function(module=self.module, paths=self.paths, environment=kept)

    def started(self, *, count: bool = False, clock: bool = False, alone: bool = False) -> Running:
        """A new process; nothing is imported before the first event. `clock` lets each event say what time it is.

        `alone` answers its calls in the process itself, so it needs no AWS.
        """
        return Running(self, count=count, clock=clock, alone=alone)


class Running:
    """One process of a function. Use as a context manager."""

    def __init__(self, function: Function, *, count: bool, clock: bool, alone: bool) -> None:
        task = {
            "module": function.module,
            "paths": [str(path) for path in function.paths],
            "count": count,
            "root": str(ROOT),
            "clock": clock,
            "alone": alone,
        }
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            # -I -S: nothing of this machine's site-packages; -B: no bytecode is written, as nothing can be on Lambda
            [sys.executable, "-I", "-S", "-B", str(RUNNER), json.dumps(task)],
            env=dict(function.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def handle(self, event: object, *, now: float | None = None) -> dict[str, Any]:
        """Hand over one event. Returns seconds, the log, the result, and the calls if counted."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the function's process has no pipes")
        self._process.stdin.write(json.dumps({"event": event, "now": now}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the function ended with {self._process.wait()}; its traceback is above")
        answer: dict[str, Any] = json.loads(line)
        return answer


def unpack(
    folder: Path,
    environment: Mapping[str, str],
    *,
    bytecode: bool = False,
    rules: Sequence[Rule] = RULES,
) -> dict[str, Function]:
    """Our functions and the naive ones in `folder`, by name: notify, process, digest, naive-basic, naive-advanced."""
    shipped = {RULES_FILE: json.dumps([rule.as_json() for rule in rules])}
    _unpack(handlers_archive(shipped, bytecode=bytecode), folder / "code")
    _unpack(layer_archive(bytecode=bytecode), folder / "layer")
    runtime = folder / "runtime"
    runtime.mkdir()
    for name in PROVIDED:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise RuntimeError(f"{name} is not installed: make .venv/.ready")
        place = Path(found.origin)
        place = place.parent if place.name == "__init__.py" else place
        (runtime / place.name).symlink_to(place)
    ours = (folder / "code", folder / "layer" / "python", runtime)
    naive = folder / "naive"
    naive.mkdir()
    functions = {
        name: Function(
            module=f"handlers.{name}",
            paths=ours,
            environment=dict(environment),
        )
        for name in ("notify", "process", "digest")
    }
    for mode in ("basic", "advanced"):
        (naive / f"naive_{mode}.py").write_text((ROOT / "bench" / "naive" / f"{mode}.py").read_text())
        functions[f"naive-{mode}"] = Function(
            module=f"naive_{mode}", paths=(naive, runtime), environment=dict(environment)
        )
    return functions


def _unpack(archive: pulumi.AssetArchive, folder: Path) -> None:
    for name, asset in archive.assets.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(asset, pulumi.FileAsset):
            path.write_bytes(Path(asset.path).read_bytes())
        elif isinstance(asset, pulumi.StringAsset):
            path.write_text(asset.text)
        else:
            raise TypeError(f"{name} is {asset!r}, neither a file nor a text")
