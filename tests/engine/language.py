"""A language host for Pulumi's own engine: runs Python programs and policy packs, each with its virtual environment.

The engine starts it as `pulumi-language-python`, with its own address as the last argument. Pulumi's host is one of its
modules that are not published alone; what runs the program for it, PULUMI_PYTHON_EXEC, is Pulumi's own.
"""

# ruff: noqa: N802, ARG002 - names and parameters are those of Pulumi's protocol

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from tests.engine.plugin import serve

SHOWN = 32
"""How the program ends if the CLI has shown what was wrong already."""


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs what the engine asks for."""

    def Handshake(self, request, context):
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version=os.environ["AWS_PLUGIN_VERSION"])

    def RuntimeOptionsPrompts(self, request, context):
        return language_pb2.RuntimeOptionsResponse()

    def GetRequiredPackages(self, request, context):
        aws = plugin_pb2.PackageDependency(name="aws", kind="resource", version=os.environ["AWS_PLUGIN_VERSION"])
        return language_pb2.GetRequiredPackagesResponse(packages=[aws])

    def Run(self, request, context):
        given = {
            "monitor": request.monitor_address,
            "engine": sys.argv[-1],
            "project": request.project,
            "stack": request.stack,
            "organization": request.organization,
            "root_directory": request.info.root_directory,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "",
            "parallel": str(request.parallel),
        }
        options = [word for name, value in given.items() if value for word in (f"--{name}", value)]
        config = {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        words = [_python(request.info), "-u", os.environ["PULUMI_PYTHON_EXEC"], *options, request.info.entry_point]
        code = subprocess.run(words, env={**os.environ, **config}, stdout=sys.stderr, check=False).returncode
        error = f"Program exited with non-zero exit code: {code}"
        return language_pb2.RunResponse(bail=code == SHOWN, error=error if code not in (0, SHOWN) else "")

    def RunPlugin(self, request, context) -> Iterator[Any]:
        environment = dict(line.split("=", 1) for line in request.env)
        process = subprocess.Popen(
            [_python(request.info), "-u", request.info.program_directory, *request.args],
            cwd=request.pwd,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        context.add_callback(process.kill)
        said: queue.Queue[dict[str, bytes] | None] = queue.Queue()

        def read(name: str, lines: IO[bytes]) -> None:
            for line in lines:
                said.put({name: line})
            said.put(None)

        for name, lines in (("stdout", process.stdout), ("stderr", process.stderr)):
            threading.Thread(target=read, args=(name, lines), daemon=True).start()
        for _ in ("stdout", "stderr"):
            while (line := said.get()) is not None:
                yield language_pb2.RunPluginResponse(**line)
        yield language_pb2.RunPluginResponse(exitcode=process.wait())


def _python(info: Any) -> str:
    """The Python of the virtual environment that Pulumi.yaml or PulumiPolicy.yaml names."""
    return str(Path(info.root_directory) / info.options["virtualenv"] / "bin" / "python")


if __name__ == "__main__":
    serve(lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(), server))
