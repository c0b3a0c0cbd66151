"""The contract of a resource type: how it is created, changed and removed through AWS's API."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.emulator.aws import Aws
from local.emulator.errors import LocalError

Inputs = Mapping[str, Any]
"""A resource's properties as Pulumi names them (camelCase), with whole numbers as int and archives as Content."""

_RANDOM_DIGITS = 7  # as Pulumi's own automatic names


class NameTooLongError(LocalError):
    """An automatic name would be longer than AWS allows; the text says how long the logical name may be."""


@dataclass(frozen=True)
class AutoName:
    """Which property is given a name, when the program leaves it out, and the longest that AWS takes."""

    property: str
    limit: int

    def make(self, logical_name: str) -> str:
        """`logical_name` and seven random hex digits. Raises NameTooLongError, as the real provider refuses to cut."""
        longest = self.limit - _RANDOM_DIGITS - 1
        if len(logical_name) > longest:
            raise NameTooLongError(
                f"{logical_name!r} is longer than the {longest} characters that leave room for a suffix"
            )
        return f"{logical_name}-{secrets.token_hex(_RANDOM_DIGITS)[:_RANDOM_DIGITS]}"


@dataclass(frozen=True)
class Made:
    """A resource as it is in AWS: its Pulumi id, the inputs it was made from, and what AWS answered."""

    id: str
    inputs: Inputs = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)


class Kind(ABC):
    """One resource type. Types that take one call each to create, change and remove are data: see declared.py."""

    pulumi_type: str
    service: str
    """The service's name in boto3, which is also how its client is found."""
    accepts: frozenset[str]
    """Every property that is honoured. The program may use no other: nothing is ignored silently."""
    replaces: frozenset[str] = frozenset()
    """Properties that AWS cannot change: a new resource takes the old one's place."""
    auto_name: AutoName | None = None

    @abstractmethod
    def create(self, aws: Aws, inputs: Inputs) -> Made:
        """Create it. Raises botocore's ClientError with AWS's reason."""

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        """Change it in place, so that it is as if created from `inputs`. Its id and outputs stay."""
        self.change(aws, made, inputs)
        return Made(made.id, inputs, made.outputs)

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        """The calls of an update. A property that `inputs` leave out returns to AWS's default."""
        raise NotImplementedError(f"{self.pulumi_type} has no property that changes in place")  # replaces == accepts

    @abstractmethod
    def delete(self, aws: Aws, made: Made) -> None:
        """Remove it. An answer that it does not exist counts as done."""


def pascal(value: Any, **renamed: str) -> Any:
    """camelCase keys as AWS's API spells them; `renamed` holds those that differ in more than the first letter."""
    if isinstance(value, Mapping):
        return {renamed.get(key, key[:1].upper() + key[1:]): pascal(item, **renamed) for key, item in value.items()}
    if isinstance(value, list):
        return [pascal(item, **renamed) for item in value]
    return value


def chosen(inputs: Inputs, **names: str) -> dict[str, Any]:
    """The parameters of an API call: for each `Parameter="property"` that the program gave, its value."""
    return {parameter: inputs[name] for parameter, name in names.items() if name in inputs}
