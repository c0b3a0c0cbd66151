"""Checks and what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypedDict

from ops.reading.deployed import Deployed

Level = Literal["broken", "attention", "note"]
"""`broken`: people are not notified, or files are lost track of. `attention`: they may be soon, or a person must
decide. `note`: worth knowing, nothing has to be done."""


class FindingDocument(TypedDict):
    """A finding for programs."""

    id: str
    what: str
    means: str
    fix: str
    level: Level


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One problem: `what` it is, what it `means` for people, and the command that fixes it."""

    id: str
    what: str
    means: str
    fix: str
    level: Level = "broken"

    def as_json(self) -> FindingDocument:
        """The finding for programs."""
        return {"id": self.id, "what": self.what, "means": self.means, "fix": self.fix, "level": self.level}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. `find` yields nothing if what `title` states is true.

    `not_local` says why it cannot be checked on a local stack; empty if it can.
    """

    id: str
    title: str
    find: Callable[[Deployed], Iterable[Finding]]
    only_advanced: bool = False
    not_local: str = ""
