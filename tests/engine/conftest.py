"""Pulumi's own CLI and engine, which deploy the unmodified program onto the emulator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from local.emulator.aws import Aws
from local.emulator.server import Emulator

ROOT = Path(__file__).resolve().parents[2]
CLI = ROOT / ".venv" / "engine"
PLUGINS = {"pulumi-language-python": "language", "pulumi-resource-aws": "provider"}
NOISE = "from $PATH at"
"""The CLI warns of plugins that it finds there, as ours are."""


class Project:
    """The program as one who deploys has it, in a folder of its own, and what the CLI needs."""

    def __init__(self, folder: Path, aws: Aws) -> None:
        self.aws, self.program = aws, folder / "program"
        shutil.copytree(ROOT, self.program, ignore=shutil.ignore_patterns(".*", "node_modules", "tests", "docs"))
        for part in (self.program, self.program / "policy"):
            (part / ".venv").symlink_to(ROOT / ".venv")
        for name, module in PLUGINS.items():
            plugin = folder / name
            plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.engine.{module} "$@"\n')
            plugin.chmod(0o755)
        (folder / "state").mkdir()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))},
            "PATH": os.pathsep.join((str(CLI), str(folder), os.environ["PATH"])),
            "PYTHONPATH": str(ROOT),
            "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "of a test",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_PYTHON_EXEC": str(CLI / "pulumi-language-python-exec"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "AWS_EMULATOR": aws.endpoint,
            "AWS_PLUGIN_VERSION": version("pulumi-aws"),
            # What operators have: credentials, and here an AWS on this machine.
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": aws.endpoint,
        }

    def stack(self, name: str, **settings: Any) -> Stack:
        """A new stack with these settings, as its file has them."""
        stack = Stack(self, name)
        stack.file.unlink(missing_ok=True)
        stack.run("stack", "init", name)
        stack.config({"aws:region": "eu-west-1"} | {f"file-notifications:{key}": v for key, v in settings.items()})
        return stack


class Stack:
    """One stack; every command is one of the CLI."""

    def __init__(self, project: Project, name: str) -> None:
        self.project, self.name = project, name
        self.file = project.program / f"Pulumi.{name}.yaml"

    def config(self, settings: dict[str, Any]) -> None:
        """Write all settings. JSON is YAML."""
        salt = [line for line in self.file.read_text().splitlines() if line.startswith("encryptionsalt")]
        self.file.write_text("\n".join([*salt, "config: " + json.dumps(settings), ""]))

    def set(self, *words: str) -> None:
        self.run("config", "set", *words)

    def run(self, *words: str, fails: bool = False) -> str:
        """What the CLI says. The test fails if the command does, or the other way round."""
        command = ["pulumi", *words, "--cwd", str(self.project.program), "--non-interactive"]
        if words[:2] != ("stack", "init"):
            command += ["--stack", self.name]
        done = subprocess.run(command, env=self.project.environment, capture_output=True, text=True, check=False)
        said = "\n".join(line for line in (done.stdout + done.stderr).splitlines() if NOISE not in line)
        assert (done.returncode != 0) == fails, said
        return said

    def up(self, *words: str) -> str:
        return self.run("up", "--yes", "--skip-preview", *words)

    def operations(self) -> set[tuple[str, str]]:
        """What a preview would do, as (operation, name of the resource)."""
        steps = json.loads(self.run("preview", "--json"))["steps"]
        return {(step["op"], step["urn"].rpartition("::")[2]) for step in steps}

    def urns(self) -> list[str]:
        """What is in the stack."""
        resources = json.loads(self.run("stack", "export"))["deployment"].get("resources", [])
        return [resource["urn"] for resource in resources]

    def problems(self) -> list[str]:
        """What a preview reports about the settings, line by line."""
        lines = self.run("preview", fails=True).splitlines()
        begin = next(number for number, line in enumerate(lines) if "error: the configuration has" in line)
        return [line.strip() for line in lines[begin + 1 :] if line.startswith("      ")]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    if not (CLI / "pulumi").is_file():
        pytest.fail("Pulumi's CLI has to be built first: make engine")
    emulator = Emulator(0)
    with emulator:
        emulator.start()
        emulator.wait_until_healthy(lambda: None)
        yield Project(tmp_path_factory.mktemp("engine"), Aws(emulator.endpoint, "eu-west-1"))
