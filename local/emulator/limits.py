"""What AWS's own service models refuse: the emulator takes lengths, patterns and values that AWS does not.

The models come with botocore, which checks types and what is required before it sends, and leaves the rest to AWS.
"""

from __future__ import annotations

import functools
import re
import reprlib
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ParamValidationError
from botocore.model import OperationModel, Shape


def refuse_what_aws_refuses(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
    """A handler of botocore's event `provide-client-params`. Raises ParamValidationError, which names each value."""
    if model.input_shape and (problems := list(_problems(model.input_shape, params, model.name))):
        raise ParamValidationError(report="\n".join(problems))


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    members: Any = shape
    if isinstance(value, dict) and shape.type_name == "structure":
        for name, item in value.items():
            if name in members.members:
                yield from _problems(members.members[name], item, f"{path}.{name}")
    elif isinstance(value, dict) and shape.type_name == "map":
        for name, item in value.items():
            yield from _problems(members.key, name, path)
            yield from _problems(members.value, item, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _problems(members.member, item, f"{path}[{number}]")
    if found := _problem(shape, value):
        shown = "secret" if shape.metadata.get("sensitive") else reprlib.repr(value)
        yield f"{path} is {shown}: {found}"


def _problem(shape: Shape, value: Any) -> str | None:
    """What is wrong with a value itself."""
    limits, size = shape.metadata, _size(value)
    if size is not None and not limits.get("min", size) <= size <= limits.get("max", size):
        return f"{size} is not from {limits.get('min', 0)} to {limits.get('max', 'any')}"
    if isinstance(value, str) and shape.type_name == "string":
        if "enum" in limits and value not in limits["enum"]:
            return f"it is none of {', '.join(limits['enum'])}"
        if (pattern := _pattern(limits.get("pattern", ""))) and not pattern.fullmatch(value):
            return f"it does not match {pattern.pattern}"
    return None


def _size(value: Any) -> float | None:
    """What limits are about: a number, or how long something is. None if it has no such thing, as a time."""
    if isinstance(value, int | float):
        return value
    return len(value) if isinstance(value, str | bytes | list | dict) else None


@functools.cache
def _pattern(written: str) -> re.Pattern[str] | None:
    """None for those few that are Java's and not Python's: \\p{L}, a letter of any script."""
    try:
        return re.compile(written) if written else None
    except re.error:
        return None
