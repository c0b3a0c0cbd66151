"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ops.reading.deployed import Deployed

Level = Literal["broken", "attention", "note"]
"""`broken`: people are not told, or files are lost track of. `attention`: they will be, or somebody must look.
`note`: worth knowing, nothing has to be done."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: what it is, what it means for people, and the command that fixes it."""

    id: str
    what: str
    means: str
    fix: str
    level: Level = "broken"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that is looked at. `find` yields nothing if it is as it should be.

    `not_local` says why it cannot be looked at on a local stack, if it cannot.
    """

    id: str
    title: str
    find: Callable[[Deployed], Iterable[Finding]]
    only_advanced: bool = False
    not_local: str = ""
