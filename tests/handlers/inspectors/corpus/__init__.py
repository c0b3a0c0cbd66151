"""Files of many kinds as their real producers write them, and the right answer for each.

The files are kept in `files/`; the modules here say how each was made and what must be found in it. Tests need the
files only. What makes them anew needs the producers: see `__main__.py`.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FILES = Path(__file__).parent / "files"
FAMILIES = ("office", "opendocument", "packages", "images", "phones", "media", "archives", "texts", "data")

Maker = Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One file. `facts` are all that must be reported under its own name; none of them is a warning."""

    name: str
    kind: str
    producer: str
    content_type: str
    facts: Mapping[str, str] = field(default_factory=dict)
    make: Maker | None = None
    """None for what was not made here but came from elsewhere."""

    @property
    def content(self) -> bytes:
        return (FILES / self.name).read_bytes()


_SAMPLES: dict[str, Sample] = {}


def sample(
    name: str, kind: str, producer: str, content_type: str, facts: Mapping[str, str] | None = None
) -> Callable[[Maker], Maker]:
    """Registers what the decorated function makes."""

    def enter(make: Maker) -> Maker:
        stored(name, kind, producer, content_type, facts, make)
        return make

    return enter


def stored(
    name: str,
    kind: str,
    producer: str,
    content_type: str,
    facts: Mapping[str, str] | None = None,
    make: Maker | None = None,
) -> None:
    if name in _SAMPLES:
        raise ValueError(f"{name} is there twice")
    _SAMPLES[name] = Sample(
        name=name, kind=kind, producer=producer, content_type=content_type, facts=facts or {}, make=make
    )


@cache
def samples() -> dict[str, Sample]:
    """All of them, by name, in the order of the families."""
    for family in FAMILIES:
        importlib.import_module(f"{__name__}.{family}")
    return dict(_SAMPLES)


def made_by(*command: str, result: str, given: Mapping[str, bytes] | None = None) -> bytes:
    """What a program leaves as `result` in a folder that holds the given files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in (given or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        program = shutil.which(command[0])
        if not program:
            raise FileNotFoundError(f"{command[0]} is not installed: see tests/handlers/inspectors/corpus/__main__.py")
        subprocess.run([program, *command[1:]], cwd=folder, check=True, capture_output=True)
        return (folder / result).read_bytes()


def of_shell(script: str, result: str, given: Mapping[str, bytes] | None = None) -> bytes:
    return made_by("sh", "-c", script, result=result, given=given)


def by_office(source: bytes, suffix: str, target: str, filter_name: str = "") -> bytes:
    """What LibreOffice converts a document to."""
    form = f"{target}:{filter_name}" if filter_name else target
    return of_shell(
        f'HOME=$PWD soffice --headless --norestore --convert-to "{form}" --outdir out in.{suffix}',
        f"out/in.{target}",
        {f"in.{suffix}": source},
    )
