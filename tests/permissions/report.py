"""docs/permissions.md: every permission, and what fails without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.permissions.needs import Need

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"

HEAD = """\
# Permissions

What each role is allowed, and what fails without it. Made by `make permissions` on {date}; do not edit.

The program is deployed in mode advanced onto the embedded AWS, which then enforces IAM, over TLS. For each action the
role's policy is put without it, the smallest use of it is made, and the policy is restored. *Seen* is what was refused;
with the action, nothing was. What the embedded AWS does not enforce is *documented* by AWS, and a test keeps the list:
no role has an action that is not in this table. With several regions api-handler-role also has `sqs:SendMessage` on the
work queues: without it, files are not processed again.

| role | action | what fails without it | seen |
| --- | --- | --- | --- |
"""


def as_markdown(rows: Sequence[tuple[Need, str]]) -> str:
    """The document; each need with what was refused without it."""
    lines = []
    for need, refused in rows:
        seen = refused if need.exercise is not None else f"[documented](https://{need.source})"
        lines.append(f"| {need.role} | `{need.action}` | {need.fails} | {seen} |\n")
    return HEAD.format(date=f"{datetime.now(UTC):%Y-%m-%d}") + "".join(lines)
