"""docs/permissions.md: every permission and every statement of a resource's policy, and what fails without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.markdown import table
from tests.permissions.guards import Guard
from tests.permissions.needs import Need

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"

HEAD = """\
# Permissions

What each role is allowed, and what fails without it. Made by `make permissions` on {date}; do not edit.

The program is deployed in mode advanced, with an existing bucket, findings, expectations, the malware scan and a chat
channel, onto the local AWS emulator, which then enforces IAM, over TLS. For each action the role's policy is put
without it, the smallest use of it is made, and the policy is restored. *Seen* is what was refused; with the action,
nothing was. What the emulator does not enforce or does not have, and what only mode basic has, is *documented* by AWS,
and a test keeps the list: no role of any stack has an action that is not in this table.
"""

GUARDS = """
## Policies of queues, topics and buckets

Each statement is taken away in the same way: it is put for a principal that does not exist. *Seen* is what happened
then; with the statement, nothing did. The emulator checks no policy when CloudWatch publishes an alarm, its SNS sends
nothing to dead-letter queues, no role may read the page's bucket, and the deployment has no recipient's queue: these
are *documented*, and a test keeps the list.
"""


def as_markdown(needs: Sequence[tuple[Need, str]], guards: Sequence[tuple[Guard, str]]) -> str:
    """The document; each need and each guard with what was seen without it."""
    actions = [(need.role, f"`{need.action}`", need.fails, _seen(need, seen)) for need, seen in needs]
    statements = [(guard.resource, f"`{guard.statement}`", guard.fails, _seen(guard, seen)) for guard, seen in guards]
    lines = [
        HEAD.format(date=f"{datetime.now(UTC):%Y-%m-%d}"),
        *table(("role", "action", "what fails without it", "seen"), actions, texts=range(4)),
        GUARDS,
        *table(("resource", "statement", "what happens without it", "seen"), statements, texts=range(4)),
    ]
    return "\n".join(lines) + "\n"


def _seen(one: Need | Guard, seen: str) -> str:
    return seen if one.exercise is not None else f"[documented](https://{one.source})"
