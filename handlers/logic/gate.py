"""The malware gate: decides whether the content of a file may be handed out. Everything that makes links asks here.

    state          known by                                            on       strict
    clean          a scan found nothing                                passes   passes
    infected       a scan found a threat                               refused  refused
    pending        uploaded since scanning began, no verdict yet       refused  refused
    unscannable    the scan failed, or is impossible                   passes   refused
    unscanned      from before scanning, or in another's bucket        passes   refused

Docs: docs/how-to/scan-uploads.md, docs/decisions/0028-the-malware-gate.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from domain.scans import CHECKED_AFTER_SECONDS, Mode, is_scanned
from domain.wording import human_time, visible

if TYPE_CHECKING:
    from handlers.data.items import Item

State = Literal["clean", "infected", "pending", "unscannable", "unscanned"]

_REFUSED: Mapping[Mode, frozenset[State]] = {
    "off": frozenset(),
    "on": frozenset({"infected", "pending"}),
    "strict": frozenset({"infected", "pending", "unscannable", "unscanned"}),
}


class NotCleanError(ValueError):
    """The content of the file is not handed out. The text says why, and what happens next."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """`since` has the buckets whose uploads are scanned, each with the time at which that began."""

    mode: Mode = "off"
    since: Mapping[str, datetime] = field(default_factory=dict)
    clock: Callable[[], float] = time.time

    def state_of(self, item: Item) -> State | None:
        """What is known of malware in the file. None if nothing is scanned, and of a file without content here."""
        if self.mode == "off" or item.status in {"removed", "stored"}:
            return None
        if item.scan:
            return item.scan.verdict
        began = self.since.get(item.bucket)
        return "pending" if began and is_scanned(item.time, began) else "unscanned"

    def is_open(self, item: Item) -> bool:
        """Whether the content may be handed out."""
        return self.state_of(item) not in _REFUSED[self.mode]

    def check(self, item: Item) -> None:
        """Raises NotCleanError if the content may not be handed out."""
        if not self.is_open(item):
            raise NotCleanError(self._reason(item))

    def _reason(self, item: Item) -> str:
        state = self.state_of(item)
        if state == "infected":
            threat = visible(item.scan.reason) if item.scan else ""
            return f"The file is infected: {threat}. It cannot be downloaded here."
        if state == "pending":
            if not is_scanned(item.time, datetime.fromtimestamp(self.clock() - CHECKED_AFTER_SECONDS, UTC)):
                return (
                    f"The file has not been scanned for malware since its upload on {human_time(item.time)}. Those who "
                    "run this system have been alarmed; it can be downloaded once it is scanned."
                )
            return "The file is being scanned for malware. Try again in a moment."
        only = "and only files that are known to be clean are handed out here."
        if state == "unscannable":
            status = visible(item.scan.reason) if item.scan else ""
            return f"The file could not be scanned for malware ({status}), {only}"
        if item.bucket not in self.since:
            return f"The file is in the bucket {item.bucket}, in which nothing is scanned for malware, {only}"
        return f"The file was uploaded before files were scanned for malware, {only}"


def gate_of(mode: str, regions: Iterable[Mapping[str, Any]]) -> Gate:
    """The gate of a stack, from the function's environment. Raises ValueError for a mode that does not exist."""
    known = next((one for one in _REFUSED if one == mode), None)
    if known is None:
        raise ValueError(f"SCAN is {mode!r}; use {', '.join(_REFUSED)}")
    scanned = {region["bucket"]: region["scannedSince"] for region in regions if "scannedSince" in region}
    return Gate(mode=known, since={bucket: datetime.fromisoformat(since) for bucket, since in scanned.items()})
