"""What is uploaded to Lambda: archives whose hash moves when the code does, and only then."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pulumi

from components.bytecode import compiled

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("domain", "handlers")
"""Our own packages that functions run."""

REQUIREMENTS = ("aws-lambda-powertools", "filetype", "graphemeu", "imagesize", "jmespath", "typing-extensions")
"""The distributions that handlers import, with what those import. boto3 comes with the runtime."""
TIME_ZONES = "tzdata"
"""The time zone database as a distribution, which Python's zoneinfo finds by itself."""


class PackagingError(pulumi.RunError):
    """A distribution for the layer is missing, or would not run on Lambda."""


def handlers_archive(extra: Mapping[str, str], root: Path = ROOT, *, bytecode: bool = False) -> pulumi.AssetArchive:
    """The sources of PACKAGES in the checkout at `root`, and the texts in `extra` by name beside them.

    `bytecode` adds what this Python makes of the sources.
    """
    sources = {
        path.relative_to(root).as_posix(): path for package in PACKAGES for path in (root / package).rglob("*.py")
    }
    if bytecode:
        sources |= compiled(sources, "/var/task")
    texts = {name: pulumi.StringAsset(text) for name, text in sorted(extra.items())}
    return pulumi.AssetArchive({**_assets(sources), **texts})


def layer_archive(requirements: Iterable[str] = REQUIREMENTS, *, bytecode: bool = False) -> pulumi.AssetArchive:
    """The installed distributions under `python/`: what the tests import is what Lambda runs.

    Only sources and licences: installers' bytecode and notes differ from machine to machine. `bytecode` adds what this
    Python makes of the sources. Raises PackagingError for a distribution that is not installed, or that is compiled
    for this machine instead of Lambda's.
    """
    sources: dict[str, Path] = {}
    for name in requirements:
        for path, file in _files(name):
            sources[f"python/{path}"] = file
    if bytecode:
        sources |= compiled(sources, "/opt")
    return pulumi.AssetArchive(_assets(sources))


def file_asset(path: Path) -> pulumi.FileAsset:
    """A file by a relative path: it is kept in the state, and the next person's checkout lies elsewhere.

    The engine reads it from the project's folder as that was typed, which may be, or lie below, a symbolic link: a path
    within the real folder is right from both, and any other has to be relative to the folder as typed.
    """
    typed = pulumi.get_root_directory()
    if not typed or not Path(typed).is_absolute():  # where no engine runs the program, the SDK has none to give
        typed = str(Path.cwd())
    return pulumi.FileAsset(_relative(path, typed))


@cache
def _relative(path: Path, typed: str) -> str:
    """Every function of every region has the same files: resolving links was a fifth of a run of the program."""
    real, root = path.resolve(), Path(typed).resolve()
    return str(real.relative_to(root)) if real.is_relative_to(root) else os.path.relpath(path, typed)


def _assets(sources: Mapping[str, Path]) -> dict[str, pulumi.Asset | pulumi.Archive]:
    return {name: file_asset(path) for name, path in sorted(sources.items())}


def _files(name: str) -> list[tuple[str, Path]]:
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError as error:
        raise PackagingError(f"{name} is not installed, and the functions need it: pulumi install") from error
    if "Root-Is-Purelib: true" not in (distribution.read_text("WHEEL") or ""):
        raise PackagingError(
            f"{name} is compiled for this machine; the functions run on another: use a pure-Python one"
        )
    if not distribution.files:
        raise PackagingError(
            f"{name} does not say which files it consists of; install it with pip or uv: pulumi install"
        )
    return [
        (path.as_posix(), Path(str(path.locate())))
        for path in distribution.files
        if not path.as_posix().startswith("..") and _belongs(path.parts)
    ]


def _belongs(parts: tuple[str, ...]) -> bool:
    if parts[0].endswith(".dist-info"):
        return any(word in parts[-1].upper() for word in ("LICENSE", "LICENCE", "NOTICE", "COPYING"))
    return "__pycache__" not in parts
