"""Evaluates resource policies: who may act, for which source, and whether TLS is required."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any


def allows(policy: Mapping[str, Any], *, service: str, action: str, source_arn: str) -> bool:
    """Whether a statement allows the service this action for this source, perhaps among others."""
    return any(
        statement.get("Effect") == "Allow"
        and service in _listed(statement.get("Principal"), "Service")
        and _covers(statement, action)
        and any(fnmatchcase(source_arn, pattern) for pattern in _sources(statement) or ["*"])
        for statement in statements(policy)
    )


def is_open(policy: Mapping[str, Any]) -> bool:
    """Whether a statement allows everyone, or a service for any source: it has no condition."""
    return any(
        statement.get("Effect") == "Allow" and not statement.get("Condition") and _is_anybody(statement)
        for statement in statements(policy)
    )


def refuses_everything(policy: Mapping[str, Any]) -> bool:
    """Whether a statement denies everyone, with TLS or without."""
    return any(
        statement.get("Effect") == "Deny" and not statement.get("Condition") and _is_everyone(statement)
        for statement in statements(policy)
    )


def refuses_plain_http(policy: Mapping[str, Any]) -> bool:
    """Whether a statement denies requests without TLS."""
    return any(
        statement.get("Effect") == "Deny"
        and str((statement.get("Condition") or {}).get("Bool", {}).get("aws:SecureTransport")).lower() == "false"
        for statement in statements(policy)
    )


def statements(policy: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Its statements; IAM lets a policy have a single one outside a list."""
    value = policy.get("Statement", [])
    yield from value if isinstance(value, list) else [value]


def _is_anybody(statement: Mapping[str, Any]) -> bool:
    return _is_everyone(statement) or bool(_listed(statement.get("Principal"), "Service"))


def _is_everyone(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    return principal == "*" or "*" in _listed(principal, "AWS")


def _covers(statement: Mapping[str, Any], action: str) -> bool:
    service = action.partition(":")[0]
    wanted = {action.lower(), f"{service}:*".lower(), "*"}
    return any(str(allowed).lower() in wanted for allowed in _listed(statement, "Action"))


def _sources(statement: Mapping[str, Any]) -> list[str]:
    """The source ARNs that a statement names, with any operator and any spelling of the key."""
    return [
        str(value)
        for operator in (statement.get("Condition") or {}).values()
        for key, _ in operator.items()
        if key.lower() == "aws:sourcearn"
        for value in _listed(operator, key)
    ]


def _listed(holder: Any, key: str) -> list[Any]:
    value = holder.get(key, []) if isinstance(holder, Mapping) else []
    return value if isinstance(value, list) else [value]
