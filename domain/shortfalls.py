"""Shortfalls: windows in which fewer files arrived than a rule expects, and their payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from domain.wording import human_count

if TYPE_CHECKING:
    from domain.expectations import Window

MISSING_SCHEMA = "file-notifications/missing/1"


class ExpectedPayload(TypedDict):
    """In the payload of a file that arrives after a window: what was expected of it. `by` is ISO 8601 in UTC."""

    rule: str
    by: str
    files: int
    arrived: int


class NewestPayload(TypedDict):
    """The last file of a rule that arrived until a window's end."""

    bucket: str
    key: str
    time: str


class MissingPayload(TypedDict):
    """What systems get when files are missing. docs/missing-schema.json explains each field."""

    schema: str
    rule: str
    files: int
    arrived: int
    isComplete: bool
    since: str
    by: str
    timeZone: str
    prefix: str
    suffix: str
    buckets: list[str]
    newest: NewestPayload | None


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """A window in which `arrived` of the `files` arrived that a rule expects."""

    rule: str
    window: Window
    files: int
    arrived: int

    def as_payload(self) -> ExpectedPayload:
        """For systems, in the payload of a file that arrives after the window."""
        return {"rule": self.rule, "by": utc(self.window.end), "files": self.files, "arrived": self.arrived}

    @property
    def headline(self) -> str:
        """`expected 1 file by 06:00, 0 arrived`."""
        return f"expected {self.expected} by {self.window.by}, {self.arrived:,} arrived"

    @property
    def expected(self) -> str:
        """`1 file`, `3 files`."""
        return human_count(self.files)


def utc(moment: datetime) -> str:
    """A moment as payloads write it: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def expected_in(payload: Mapping[str, Any]) -> tuple[ExpectedPayload, ...]:
    """What the payload of a file says of expectations. Raises ValueError for what as_payload does not write."""
    found = payload.get("expected", [])
    if not isinstance(found, list) or not all(map(_is_expected, found)):
        raise ValueError(f"expected is {found!r:.80}, which no message of this system has")
    return tuple(found)


def _is_expected(value: object) -> bool:
    if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in ("rule", "by")):
        return False
    return all(type(value.get(name)) is int for name in ("files", "arrived"))
