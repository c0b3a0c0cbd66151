"""python -m tests.permissions: takes every permission away, one after the other, and writes docs/permissions.md."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import track

from local.aws import forget_real_accounts
from tests.permissions.enforced import enforced
from tests.permissions.needs import ALL, EXERCISED, Need
from tests.permissions.removal import refused_without
from tests.permissions.report import DOCUMENT, as_markdown


def main() -> None:
    """Exit code 1 if something is refused with all permissions, or nothing is refused without one."""
    forget_real_accounts()
    console, wrong = Console(stderr=True), list[str]()
    refused: dict[Need, str] = {}
    with enforced() as stack:
        exercises = dict.fromkeys(need.exercise for need in EXERCISED if need.exercise is not None)
        said = {one.__name__: one(stack) for one in track(exercises, "with all", console=console)}
        wrong += [f"{name}, with every permission: {refusal}" for name, refusal in said.items() if refusal]
        for need in track(EXERCISED, "without one", console=console):
            refused[need] = refused_without(stack, need)
            if not refused[need]:
                wrong.append(f"{need.role} does not need {need.action}: nothing was refused without it")
    for one in wrong:
        console.print(f"[red]{one}")
    if not wrong:
        DOCUMENT.write_text(as_markdown([(need, refused.get(need, "")) for need in ALL]))
        console.print(f"{len(EXERCISED)} of {len(ALL)} permissions taken away; written to docs/{DOCUMENT.name}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
