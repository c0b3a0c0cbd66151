"""How often each event of a file that rules can ask for comes, per upload that a rule matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.events import EventKind
from domain.findings import FINDING_KINDS
from domain.rules import Rule

A_MATCHED_UPLOAD: Mapping[EventKind, float] = {
    "created": 1.0,
    "processed": 1.0,
    "broken": 0.01,
    "clean": 1.0,
    "infected": 0.0,
    "removed": 0.0,  # not counted
    "restored": 0.0,
}
"""Assumed: one file in a hundred is broken, none is infected, none is removed."""


def asked(rules: Iterable[Rule]) -> frozenset[EventKind]:
    """The events that at least one of the rules asks for."""
    return frozenset(kind for rule in rules for kind in rule.events)


def events_a_file(kinds: Iterable[EventKind]) -> float:
    """How many of these events a matched upload has."""
    return sum(A_MATCHED_UPLOAD[kind] for kind in kinds)


def findings_a_file(rules: Iterable[Rule]) -> float:
    """How many findings of a matched upload are announced."""
    return events_a_file(asked(rules).intersection(FINDING_KINDS))
