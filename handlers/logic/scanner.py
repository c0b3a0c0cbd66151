"""Takes the results of malware scans into the catalogue, announces them, and reports files that stay without one.

A verdict is announced once the file is inspected as well, with what the inspection found: rules may ask for a type, and
systems get checksum, facts and what is wrong with the file. Whichever of the two is written second announces it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from domain.findings import Finding, ScanKind
from domain.scans import OPERATORS_MATTER, ScanCheck, ScanResult
from handlers.data.catalogue import Catalogue
from handlers.data.findings import is_announced
from handlers.data.items import Item
from handlers.data.scan_verdicts import ScanVerdicts
from handlers.logic.announcer import Announcer
from handlers.logic.findings import finding_of
from handlers.logic.processor import Decision


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """The work queue's messages about scans. Failures are raised: the message is received again.

    `check_later` has the verdict on an upload looked for when there should be one.
    """

    catalogue: Catalogue
    verdicts: ScanVerdicts
    announcer: Announcer
    check_later: Callable[[ScanCheck], object]

    def record(self, result: ScanResult) -> Decision:
        """Write a verdict, and announce it. A second delivery writes it again and announces what was not."""
        stands, item = self.verdicts.record(result)
        if not stands:
            return Decision(name="skipped", reason="a later scan is known")
        announced = self._announce(item) if item else ""
        name = "unscanned" if result.reason in OPERATORS_MATTER else result.verdict
        return Decision(name=name, reason=result.reason, announced=announced)

    def follow(self, upload: ScanCheck) -> ScanKind | Literal[""]:
        """What remains to be done about scans once an upload was inspected. Returns what was announced."""
        item = self.catalogue.read(upload["id"])
        if item is None or _needless(item, upload):
            return ""
        if item.scan:
            return self._announce(item)
        self.check_later(upload)
        return ""

    def check(self, upload: ScanCheck) -> Decision:
        """Look for the verdict on an upload some time after it. Files that were replaced or removed need none."""
        item = self.catalogue.read(upload["id"])
        if item is None:
            return Decision(name="skipped", reason="no such file")
        if reason := _needless(item, upload):
            return Decision(name="skipped", reason=reason)
        if item.scan:
            return Decision(name="skipped", reason="scanned", announced=self._announce(item))
        return Decision(name="unscanned", reason="no result")

    def _announce(self, item: Item) -> ScanKind | Literal[""]:
        """Announce the verdict that the item shows, unless that was done. Returns what was announced."""
        if item.scan is None or item.scan.verdict == "unscannable" or item.status in {"received", "removed"}:
            return ""
        kind, inspected = item.scan.verdict, finding_of(item.result, item.processed_at)
        finding = Finding(
            kind=kind,
            time=item.scan.time,
            sha256=item.sha256,
            content_type=item.content_type,
            facts=item.facts,
            problem=inspected.problem if inspected else None,
            threats=(item.scan.reason,) if kind == "infected" else (),
        )
        event = item.event(finding)
        if is_announced(event, item) or not self.announcer.wants(event):
            return ""
        return kind if self.announcer.announce(event, {}) == "published" else ""


def _needless(item: Item, upload: ScanCheck) -> str:
    """Why the verdict on an upload no longer matters; empty if it does."""
    if item.status == "removed":
        return "removed"
    return "" if item.version_id == upload["versionId"] else "superseded"
