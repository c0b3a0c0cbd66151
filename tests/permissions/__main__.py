"""python -m tests.permissions: takes every permission and guard away, one by one, and writes docs/permissions.md."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import track

from local.emulator.aws import forget_real_accounts
from tests.permissions import guards
from tests.permissions.enforced import enforced
from tests.permissions.needs import ALL, EXERCISED, Need
from tests.permissions.removal import refused_without, seen_without
from tests.permissions.report import DOCUMENT, as_markdown


def main() -> None:
    """Exit code 1 if something fails with all of them, or nothing does without one."""
    forget_real_accounts()
    console, wrong = Console(stderr=True), list[str]()
    refused: dict[Need, str] = {}
    seen: dict[guards.Guard, str] = {}
    with enforced() as stack:
        exercises = dict.fromkeys(need.exercise for need in EXERCISED if need.exercise is not None)
        said = {one.__name__: one(stack) for one in track(exercises, "with all", console=console)}
        wrong += [f"{name}, with every permission: {refusal}" for name, refusal in said.items() if refusal]
        for need in track(EXERCISED, "without one", console=console):
            refused[need] = refused_without(stack, need)
            if not refused[need]:
                wrong.append(f"{need.role} does not need {need.action}: nothing was refused without it")
        for guard in track(guards.EXERCISED, "unguarded", console=console):
            assert guard.exercise is not None
            if said_before := guard.exercise(stack):
                wrong.append(f"{guard.resource}, with every statement: {said_before}")
            seen[guard] = seen_without(stack, guard)
            if not seen[guard]:
                wrong.append(f"{guard.resource} does not need {guard.statement}: all was as with it")
    for one in wrong:
        console.print(f"[red]{one}")
    if not wrong:
        DOCUMENT.write_text(
            as_markdown(
                [(need, refused.get(need, "")) for need in ALL], [(one, seen.get(one, "")) for one in guards.ALL]
            )
        )
        console.print(
            f"{len(EXERCISED)} of {len(ALL)} permissions and {len(guards.EXERCISED)} of {len(guards.ALL)} statements "
            f"taken away; written to docs/{DOCUMENT.name}"
        )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
