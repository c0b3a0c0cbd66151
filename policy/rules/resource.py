"""A resource as the rules see it, whether Pulumi's engine or a test registered it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Unknown(Enum):
    """Not known before the update, as in a preview: a rule neither counts it as kept nor as broken."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Resource:
    """`properties` as the program gives them; `references` are the URNs that each property is made of.

    References are known in a preview, when the names and ARNs of what is to be made are not.
    """

    type: str
    name: str
    urn: str
    properties: Mapping[str, Any]
    references: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def refers_to(self, other: Resource, *properties: str) -> bool:
        """Whether one of these properties is made of the other resource."""
        return any(other.urn in self.references.get(name, ()) for name in properties)


Violation = tuple[Resource, str]


def of_type(resources: Iterable[Resource], type_: str) -> list[Resource]:
    return [resource for resource in resources if resource.type == type_]


def is_or_may_be(value: object, wanted: object) -> bool:
    """Whether a value is the wanted one, or is not known yet."""
    return value is UNKNOWN or value == wanted


def given(value: object) -> bool:
    """Whether a value is there, or is not known yet. Providers write an empty text for what is left out."""
    return value is UNKNOWN or bool(value)


def part(value: object, *path: str) -> Any:
    """What lies at a path of names inside a property; None if there is nothing, UNKNOWN if that is not known yet."""
    for name in path:
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(value, Sequence) and not isinstance(value, str):  # providers wrap some single objects into a list
            value = value[0] if value else None
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def statements(document: object) -> list[Mapping[str, Any]]:
    """The statements of a policy document; none if there is no document, or none that is known yet."""
    if isinstance(document, str) and document:
        document = json.loads(document)
    return as_list(document["Statement"]) if isinstance(document, Mapping) and "Statement" in document else []


_REQUIRING = {"ArnEquals", "ArnLike", "StringEquals", "StringLike"}


def conditions(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Every condition key that has to have a value, with it; not what is excluded, nor what may be absent."""
    tests = statement.get("Condition", {})
    return {key: value for name, test in tests.items() if name in _REQUIRING for key, value in test.items()}
