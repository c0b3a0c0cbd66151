"""An audit that keeps its lines, for tests of the operations."""

from __future__ import annotations

import json
from typing import Any

from handlers.api import _STATUS
from handlers.logic.audit import Audit
from handlers.logic.person import Person

MARIA = Person(
    name="maria",
    groups=frozenset({"admins"}),
    address="203.0.113.7",
    forwarded_for="203.0.113.7",
    sub="5c0e",
    request="r-1",
)


class Lines:
    """Keeps what was written."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.texts.append(text)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts]

    @property
    def audit(self) -> Audit:
        return Audit(write=self.write, refusals=_STATUS, clock=lambda: 1_795_423_267.123)


def unread() -> Audit:
    """An audit for tests of something else."""
    return Lines().audit
