"""What people read of a finding: its name first, then what was found, what it means and what happens to the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
NOT_INSPECTED = "It could not be inspected; its page says why."


def wording(finding: Finding) -> Wording:
    """How a finding is called, and what follows from it. A clean file that is broken does not look ready."""
    ordinary = WORDING[finding.kind]
    if finding.kind == "clean" and not finding.sha256:
        return replace(ordinary, meaning=f"{ordinary.meaning} {NOT_INSPECTED}")
    if finding.problem is None or finding.kind == "infected":
        return ordinary
    meaning = MISMATCHED if finding.problem.code == MISMATCH else WORDING["broken"].meaning
    if finding.kind == "clean":
        label = "clean, but broken"
        return Wording(label=label, verb=f"is {label}", meaning=f"{ordinary.meaning} {meaning}")
    return replace(ordinary, meaning=meaning)


def found(finding: Finding) -> str:
    """What was found, in a sentence or two; empty if the kind says it all."""
    sentences = []
    if finding.threats:
        names = [shorten(visible(threat), LONGEST_THREAT) for threat in finding.threats[:LISTED_THREATS]]
        more = len(finding.threats) - len(names)
        sentences.append(f"The malware scan found {', '.join(names)}{f' and {more} more' if more else ''}.")
    if finding.problem:
        sentences.append(shorten(visible(finding.problem.message), LONGEST_PROBLEM))
    return " ".join(sentences)


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
