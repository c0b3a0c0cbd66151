"""Python's bytecode of the files in an archive, so that functions need not compile them at every cold start."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath

CACHE = Path(__file__).resolve().parents[1] / ".bytecode"
"""Compiled files, named by what they were compiled from."""

# In a process of its own: what is interned in this one would change single bits of the result. Unchecked: Lambda has
# no times to compare, and the source cannot change without the archive.
_COMPILE = """
import json, py_compile, sys
for source, target, shown in json.load(sys.stdin):
    py_compile.compile(
        source, target, shown, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
"""


def compiled(sources: Mapping[str, Path], shown_under: str, cache: Path = CACHE) -> dict[str, Path]:
    """The bytecode of the Python files in `sources` by its name in the archive, for the Python that runs this.

    `shown_under` is where Lambda puts the archive: tracebacks name the files there.
    """
    found: dict[str, Path] = {}
    missing: list[tuple[str, str, str]] = []
    tag = sys.implementation.cache_tag
    for name, path in sources.items():
        place = PurePosixPath(name)
        if place.suffix != ".py":
            continue
        shown = f"{shown_under}/{name}"
        target = cache / f"{sha256(shown.encode() + path.read_bytes()).hexdigest()[:32]}.{tag}.pyc"
        if not target.is_file():
            missing.append((str(path), str(target), shown))
        found[str(place.parent / "__pycache__" / f"{place.stem}.{tag}.pyc")] = target
    if missing:
        command = [sys.executable, "-I", "-S", "-c", _COMPILE]
        subprocess.run(command, input=json.dumps(missing), text=True, check=True)  # noqa: S603 - our own text
    return found
