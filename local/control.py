"""Requests to a stack that runs in another process."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from local.emulator.errors import LocalError
from local.mailbox import TOKEN_HEADER
from local.ready_file import Ready

_ANSWERS_WITHIN_SECONDS = 3
_APPLIES_WITHIN_SECONDS = 300


class NotRunningError(LocalError):
    """The ready file exists, but its stack does not run; the text says what to do."""


class NotChangedError(LocalError):
    """The stack refused the settings; the text says why."""


def runs(ready: Ready) -> bool:
    """Whether the stack of this ready file still answers."""
    request = urllib.request.Request(f"{ready.mailbox}messages?after=999999999")  # noqa: S310 - our own http address
    try:
        with urllib.request.urlopen(request, timeout=_ANSWERS_WITHIN_SECONDS) as answer:  # noqa: S310
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def change(ready: Ready, settings: Mapping[str, str | None]) -> Mapping[str, Any]:
    """Apply settings; None takes one back to its default. Returns `changes` and `outputs`.

    Raises NotRunningError or NotChangedError.
    """
    request = urllib.request.Request(  # noqa: S310
        ready.control["url"],
        data=json.dumps(settings).encode(),
        headers={TOKEN_HEADER: ready.control["token"], "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_APPLIES_WITHIN_SECONDS) as answer:  # noqa: S310
            changed: Mapping[str, Any] = json.load(answer)
            return changed
    except urllib.error.HTTPError as refused:
        with refused:
            raise NotChangedError(json.load(refused)["error"]) from None
    except OSError as error:
        raise NotRunningError(
            f"the stack at {ready.endpoint} no longer answers ({error}); start it again:\n  python -m local up"
        ) from error
