"""Findings: what is known of a file once it was read or scanned. Each is an event of the file, after its upload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

ScanKind = Literal["clean", "infected"]
FindingKind = Literal["processed", "broken", "clean", "infected"]

SCAN_KINDS: tuple[ScanKind, ...] = get_args(ScanKind)
FINDING_KINDS: tuple[FindingKind, ...] = get_args(FindingKind)

MISMATCH = "mismatch"
"""The code of the problem of a file whose name contradicts its bytes."""

MAX_INSPECTED_BYTES = 5 * 1024**3
"""Of one file: larger ones are not read, so nothing is found in them."""

Facts = tuple[tuple[str, str], ...]
"""Labels and values as people read them."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a broken file: a code for programs, a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found in one version of a file, and when (ISO 8601, UTC).

    `processed`: inspected, nothing wrong. `broken`: it cannot be read as what it is, or its name contradicts its bytes.
    `clean`, `infected`: the malware scan's verdict; `threats` are their names as the scanner gives them. `problem` says
    what is wrong with the file, of a verdict as well: it comes after the inspection. Checksum, type and facts are empty
    for a file that was scanned and could not be inspected.
    """

    kind: FindingKind
    time: str
    sha256: str = ""
    content_type: str = ""
    facts: Facts = ()
    problem: Problem | None = None
    threats: tuple[str, ...] = ()
