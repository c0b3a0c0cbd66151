"""An OpenAPI schema as a model of API Gateway, which understands JSON schema draft 4 and no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local.emulator.resources.strict import NotHonouredError

_REFERENCE = "#/components/schemas/"
_KEYWORDS = frozenset(
    {
        "$ref", "additionalProperties", "allOf", "default", "description", "enum", "exclusiveMaximum",
        "exclusiveMinimum", "format", "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems",
        "minLength", "minProperties", "minimum", "multipleOf", "pattern", "properties", "required", "title", "type",
        "uniqueItems",
    }
)  # fmt: skip


def model(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema, if API Gateway takes it as one of `schemas`. Raises NotHonouredError."""
    if not (name.isalnum() and name.isascii()):
        raise NotHonouredError(f"the schema {name!r} has a name that is no model's: only letters and digits are")
    _check(schema, schemas, f"the schema {name}")
    return schema


def text(schema: Mapping[str, Any], api: str) -> str:
    """The schema as API `api` keeps it: the others are named by their address."""
    return json.dumps(_referring(schema, f"https://apigateway.amazonaws.com/restapis/{api}/models/"))


def _check(schema: Any, schemas: Mapping[str, Any], where: str) -> None:
    if isinstance(schema, bool):  # additionalProperties
        return
    unknown = sorted(set(schema) - _KEYWORDS)
    if unknown:
        raise NotHonouredError(f"{where} uses {', '.join(unknown)}, which is not JSON schema draft 4")
    reference = schema.get("$ref")
    if reference is not None and (reference.removeprefix(_REFERENCE) not in schemas or len(schema) > 1):
        raise NotHonouredError(f"{where} refers to {reference}, which has to be one of components, and alone")
    for name, property_ in schema.get("properties", {}).items():
        _check(property_, schemas, f"{where}.{name}")
    for part in (schema.get("items"), schema.get("additionalProperties"), *schema.get("allOf", [])):
        if part is not None:
            _check(part, schemas, where)


def _referring(value: Any, models: str) -> Any:
    if isinstance(value, Mapping):
        return {
            name: item.replace(_REFERENCE, models)
            if name == "$ref" and isinstance(item, str)
            else _referring(item, models)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_referring(item, models) for item in value]
    return value
