"""`expect`: what the rules expect, and what would be said now."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

import click

from domain.shortfalls import utc
from ops.command import on_a_stack
from ops.errors import ATTENTION
from ops.reading.deployed import Deployed
from ops.reading.expectations import Expected, Looked, expected
from ops.screen import Screen
from ops.stack import Stack
from ops.times import Time
from ops.words import counted


class WindowDocument(TypedDict):
    """A window for programs; times are ISO 8601 in UTC. Not expected is one from before the rule was deployed."""

    since: str
    by: str
    files: int
    arrived: int
    isComplete: bool
    isExpected: bool


class ExpectedDocument(TypedDict):
    """A rule's expectation for programs."""

    rule: str
    last: WindowDocument
    next: WindowDocument


@on_a_stack()
@click.option(
    "--at", metavar="TIME", type=Time(), default="now",
    help="Another time than now, such as 2026-11-30T06:00 (UTC unless it has an offset) or 2h (ago).",
)  # fmt: skip
def expect(stack: Stack, screen: Screen, at: datetime) -> int:
    """Show what the rules expect, and what would be said now.

    For each rule with `expect`: the last window that is over, by which its recipients were notified if files were
    missing, and the one that ends next. Asks S3 and publishes nothing. Exit code 1 if files are missing.
    """
    with screen.waiting("Asking S3 …"):
        found = expected(Deployed(stack), at)
    if not found:
        screen.mark("unknown", "no rule expects files; docs/how-to/expect-a-file.md says how one does")
    for one in found:
        _show(screen, one)
    screen.result("expect", {"at": utc(at), "expectations": [_document(one) for one in found]})
    return ATTENTION if any(one.last.is_missing for one in found) else 0


def _show(screen: Screen, one: Expected) -> None:
    name, last, upcoming = one.rule.name, one.last, one.next
    mark = "attention" if last.is_missing else "fine"
    screen.mark(mark, (f"{name}: ", "bold"), outcome(last))
    so_far = f"{upcoming.arrived:,} of {counted(upcoming.files, 'file')} so far"
    screen.say(f"    next by {upcoming.window.local_end}: {so_far}")
    if not (last.is_complete and upcoming.is_complete):
        screen.say("    not certain: there are more files under its prefix than are looked at; give it a narrower one")


def outcome(over: Looked) -> str:
    """A window that is over, in words."""
    by, files = over.window.local_end, counted(over.files, "file")
    if over.is_missing:
        return f"missing: expected {files} by {by}, {over.arrived:,} arrived"
    arrived = f"{counted(over.arrived, 'file')} of {over.files:,} arrived by {by}"
    return arrived if over.is_expected else f"{arrived}, before the rule was deployed: nobody was notified"


def _document(one: Expected) -> ExpectedDocument:
    return {"rule": one.rule.name, "last": _window(one.last), "next": _window(one.next)}


def _window(looked: Looked) -> WindowDocument:
    return {
        "since": utc(looked.window.start),
        "by": utc(looked.window.end),
        "files": looked.files,
        "arrived": looked.arrived,
        "isComplete": looked.is_complete,
        "isExpected": looked.is_expected,
    }
