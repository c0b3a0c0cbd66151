"""docs/permissions.md: every permission and every statement of a resource's policy, and what fails without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.permissions.guards import Guard
from tests.permissions.needs import Need

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"

HEAD = """\
# Permissions

What each role is allowed, and what fails without it. Made by `make permissions` on {date}; do not edit.

The program is deployed in mode advanced onto the embedded AWS, which then enforces IAM, over TLS. For each action the
role's policy is put without it, the smallest use of it is made, and the policy is restored. *Seen* is what was refused;
with the action, nothing was. What the embedded AWS does not enforce is *documented* by AWS, and a test keeps the list:
no role has an action that is not in this table.

| role | action | what fails without it | seen |
| --- | --- | --- | --- |
"""

GUARDS = """
## Policies of queues, topics and buckets

Each statement is taken away in the same way: it is put for a principal that does not exist. *Seen* is what happened
then; with the statement, nothing did. The embedded AWS asks no policy when CloudWatch publishes an alarm, its SNS keeps
nothing that it cannot deliver, no role may read the page's bucket, and the deployment has no recipient's queue: these
are *documented*, and a test keeps the list.

| resource | statement | what happens without it | seen |
| --- | --- | --- | --- |
"""


def as_markdown(needs: Sequence[tuple[Need, str]], guards: Sequence[tuple[Guard, str]]) -> str:
    """The document; each need and each guard with what was seen without it."""
    lines = [HEAD.format(date=f"{datetime.now(UTC):%Y-%m-%d}")]
    lines += [f"| {one.role} | `{one.action}` | {one.fails} | {_seen(one, seen)} |\n" for one, seen in needs]
    lines.append(GUARDS)
    lines += [f"| {one.resource} | `{one.statement}` | {one.fails} | {_seen(one, seen)} |\n" for one, seen in guards]
    return "".join(lines)


def _seen(one: Need | Guard, seen: str) -> str:
    return seen if one.exercise is not None else f"[documented](https://{one.source})"
