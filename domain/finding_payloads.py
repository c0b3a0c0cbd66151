"""What payloads for systems say of a finding, beyond what they say of every file event. Written and read back.

docs/notification-schema.json is the contract and explains each field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from domain.findings import SCAN_KINDS, Finding, FindingKind, Problem

_SHA256 = re.compile(r"[0-9a-f]{64}")

MOST_TEXTS = 100  # facts, and threats: more than any inspector or scanner has


class FactPayload(TypedDict):
    """One of the facts of a file."""

    label: str
    value: str


class ContentPayload(TypedDict):
    """`content`: what the file's bytes are. Without an inspection there is no checksum, type or fact."""

    sha256: str | None
    type: str | None
    facts: list[FactPayload]


class ProblemPayload(TypedDict):
    """`problem`: what inspection found wrong with a file, also with one that a scan found clean or infected."""

    code: str
    message: str


class VerdictPayload(TypedDict):
    """`verdict`: of the malware scan."""

    result: str
    threats: list[str]


class FindingPayload(TypedDict):
    """The fields that a finding adds. `uploaded` is when the file arrived; `time` is when it was inspected."""

    uploaded: str
    content: ContentPayload
    problem: ProblemPayload | None
    verdict: VerdictPayload | None


def finding_payload(finding: Finding, uploaded: str) -> FindingPayload:
    """The fields of one finding. `uploaded` is ISO 8601."""
    is_verdict = finding.kind in SCAN_KINDS
    return {
        "uploaded": uploaded,
        "content": {
            "sha256": finding.sha256 or None,
            "type": finding.content_type or None,
            "facts": [{"label": label, "value": value} for label, value in finding.facts],
        },
        "problem": {"code": finding.problem.code, "message": finding.problem.message} if finding.problem else None,
        "verdict": {"result": finding.kind, "threats": list(finding.threats)} if is_verdict else None,
    }


def finding_in(payload: FindingPayload, kind: FindingKind, time: str) -> Finding:
    """The finding that a payload's fields were made of."""
    content, problem, verdict = payload["content"], payload["problem"], payload["verdict"]
    return Finding(
        kind=kind,
        time=time,
        sha256=content["sha256"] or "",
        content_type=content["type"] or "",
        facts=tuple((fact["label"], fact["value"]) for fact in content["facts"]),
        problem=Problem(code=problem["code"], message=problem["message"]) if problem else None,
        threats=tuple(verdict["threats"]) if verdict else (),
    )


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_checksum(value: object) -> bool:
    return value is None or (isinstance(value, str) and _SHA256.fullmatch(value) is not None)


def _is_short_list(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MOST_TEXTS


def _has(value: object, fields: Mapping[str, Callable[[Any], bool]]) -> bool:
    return isinstance(value, dict) and all(name in value and check(value[name]) for name, check in fields.items())


def _is_fact(value: object) -> bool:
    return _has(value, {"label": is_text, "value": is_text})


_CONTENT: Mapping[str, Callable[[Any], bool]] = {
    "sha256": _is_checksum,
    "type": is_text_or_none,
    "facts": lambda value: _is_short_list(value) and all(map(_is_fact, value)),
}
_VERDICT: Mapping[str, Callable[[Any], bool]] = {
    "result": lambda value: value in SCAN_KINDS,
    "threats": lambda value: _is_short_list(value) and all(map(is_text, value)),
}

FIELDS: Mapping[str, Callable[[object], bool]] = {
    "uploaded": is_text,
    "content": lambda value: _has(value, _CONTENT),
    "problem": lambda value: value is None or _has(value, {"code": is_text, "message": is_text}),
    "verdict": lambda value: value is None or _has(value, _VERDICT),
}
"""Each field with the check of its value."""
