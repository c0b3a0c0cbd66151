"""Checks of what is nested in a property: nothing of it is ignored silently either."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from local.emulator.errors import LocalError


class NotHonouredError(LocalError):
    """The program uses something that the emulator would not do; the text says what and where."""


def known(value: Mapping[str, Any], names: Collection[str], where: str) -> Mapping[str, Any]:
    """`value`, if it holds none but these names. Raises NotHonouredError."""
    if not isinstance(value, Mapping):
        raise NotHonouredError(f"{where} is not an object")
    unknown = sorted(set(value) - set(names))
    if unknown:
        raise NotHonouredError(f"{where} uses {', '.join(unknown)}, which is not honoured locally")
    return value
