"""What people read of a finding: its name first, then what was found, what it means and what happens to the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.findings import MISMATCH, SCAN_KINDS, Finding, FindingKind
from domain.wording import human_time, shorten, visible

LISTED_THREATS, LONGEST_THREAT = 3, 80
LONGEST_PROBLEM = 200
MOST_FACTS, LONGEST_FACT = 10, 200  # those that came by a queue; inspection finds fewer and shorter ones


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How a kind of finding is called.

    `label` begins subjects and short messages, `verb` continues the name of a file, `meaning` says what follows from it
    and what happens to the file.
    """

    label: str
    verb: str
    meaning: str


WORDING: Mapping[FindingKind, Wording] = {
    "processed": Wording(
        label="ready",
        verb="is ready",
        meaning="It was read to its end, and its name does not contradict its content.",
    ),
    "broken": Wording(
        label="broken",
        verb="is broken",
        meaning="The file stays in the bucket as it was uploaded. Programs will fail to read it: ask for it again.",
    ),
    "clean": Wording(
        label="clean",
        verb="is clean",
        meaning="The malware scan found nothing in it.",
    ),
    "infected": Wording(
        label="infected",
        verb="is infected",
        meaning="Page and API refuse to hand it out; anyone who may read the bucket directly still can. It stays there "
        "until it is deleted: do not open it.",
    ),
}
MISMATCHED = (
    "The file stays in the bucket as it was uploaded. Programs that go by its name will fail to read it, and people "
    "may open what they do not expect."
)


def found(finding: Finding) -> str:
    """What was found, in a sentence; empty if the kind says it all."""
    if finding.problem:
        return shorten(visible(finding.problem.message), LONGEST_PROBLEM)
    if finding.threats:
        names = [shorten(visible(threat), LONGEST_THREAT) for threat in finding.threats[:LISTED_THREATS]]
        more = len(finding.threats) - len(names)
        return f"The malware scan found {', '.join(names)}{f' and {more} more' if more else ''}."
    return ""


def meaning(finding: Finding) -> str:
    """What follows from it, and what happens to the file."""
    is_mismatch = finding.problem is not None and finding.problem.code == MISMATCH
    return MISMATCHED if is_mismatch else WORDING[finding.kind].meaning


def facts(finding: Finding) -> list[tuple[str, str]]:
    """When it was found, and what else is known of the file."""
    when = "Scanned" if finding.kind in SCAN_KINDS else "Inspected"
    known = [(when, human_time(finding.time))]
    if finding.content_type:
        known.append(("Type", shorten(visible(finding.content_type), LONGEST_FACT)))
    for label, value in finding.facts[:MOST_FACTS]:
        known.append((shorten(visible(label), LONGEST_FACT), shorten(visible(value), LONGEST_FACT)))
    if finding.sha256:
        known.append(("SHA-256", finding.sha256))
    return known
