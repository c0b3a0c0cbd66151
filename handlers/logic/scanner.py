"""Takes the results of malware scans into the catalogue, and reports files that stay without one."""

from __future__ import annotations

from dataclasses import dataclass

from domain.scans import OPERATORS_MATTER, ScanCheck, ScanResult
from handlers.data.catalogue import Catalogue
from handlers.data.verdicts import Verdicts
from handlers.logic.processor import Decision


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """The work queue's messages about scans. Failures are raised: the message is received again."""

    catalogue: Catalogue
    verdicts: Verdicts

    def record(self, result: ScanResult) -> Decision:
        """Write a verdict. Once it is written, a second delivery changes nothing."""
        stands, _ = self.verdicts.record(result)
        if not stands:
            return Decision(name="skipped", reason="a later scan is known")
        if result.reason in OPERATORS_MATTER:
            return Decision(name="unscanned", reason=result.reason)
        return Decision(name=result.verdict, reason=result.reason)

    def check(self, wanted: ScanCheck) -> Decision:
        """Look for the verdict on an upload some time after it. Files that were replaced or removed need none."""
        item = self.catalogue.read(wanted["id"])
        if item is None or item.status == "removed":
            return Decision(name="skipped", reason="removed" if item else "no such file")
        if item.version_id != wanted["versionId"]:
            return Decision(name="skipped", reason="superseded")
        if item.scan:
            return Decision(name="skipped", reason="scanned")
        return Decision(name="unscanned", reason="no result")
