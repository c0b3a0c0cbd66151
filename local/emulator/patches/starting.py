"""Function processes start from the current function, and from code and layers that are unpacked once.

AWS: a new execution environment has the function's current code and settings, and its layers unpacked.
ministack 1.5.33: starts it from the function as it was when the event came, so an event that waited, or is retried,
brings back old settings, for later events too. And it unpacks the code and every layer for every process, which then
compiles them: half of a cold start.
Unnecessary when: ministack looks the function up when it starts a worker, and unpacks code and layers once.
Private names: lambda_runtime.Worker._spawn; lambda_svc._get_func_record_for_ref, _resolve_layer_zip; the environment
variable _LAMBDA_LAYERS_DIRS of its worker script.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import functools
import hashlib
import io
import os
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]
from ministack.services import lambda_svc  # type: ignore[import-untyped]

from local.emulator.patches import require

_LAYERS = "_LAMBDA_LAYERS_DIRS"
"""Where ministack's script for Python functions looks for folders to import from, before it looks into the code's."""


class Unpacked:
    """Unpacks each archive once, into a folder of its own: what is compiled there serves all later processes."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="unpacked-"))
        self._unpacking = threading.Lock()

    def __call__(self, archive: bytes) -> Path:
        folder = self._folder / hashlib.sha256(archive).hexdigest()
        with self._unpacking:
            if not folder.exists():
                with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                    opened.extractall(folder)
        return folder


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(lambda_runtime, Worker="")
    require(lambda_runtime.Worker, _spawn="self")
    require(lambda_svc, _get_func_record_for_ref="function_ref", _resolve_layer_zip="attachment")
    unpacked, original = Unpacked(), lambda_runtime.Worker._spawn

    @functools.wraps(original)
    def spawn(worker: Any) -> None:
        # It is in its pool by now: a change that is missed here takes it out again.
        function, config, _ = lambda_svc._get_func_record_for_ref(worker.config["FunctionArn"])
        if function is not None:
            worker.config, worker.code_zip = dict(config), function["code_zip"]
        whole = worker.config
        attached = filter(None, map(lambda_svc._resolve_layer_zip, whole.get("Layers", [])))
        # The last one is searched first: the function's own code comes before its layers, as on Lambda.
        folders = os.pathsep.join(str(unpacked(archive)) for archive in (*attached, worker.code_zip))
        variables = {**whole.get("Environment", {}).get("Variables", {}), _LAYERS: folders}
        worker.config = {**whole, "Layers": [], "Environment": {"Variables": variables}}
        try:
            original(worker)
        finally:
            worker.config = whole

    lambda_runtime.Worker._spawn = spawn
