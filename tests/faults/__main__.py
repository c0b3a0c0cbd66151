"""python -m tests.faults: the fault-injection suite; prints the table and writes docs/faults.md."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import click
from rich.console import Console
from rich.progress import track

from local.emulator.aws import forget_real_accounts
from tests.faults.faults_of_chat import POSTING
from tests.faults.faults_of_digest import DELETING
from tests.faults.faults_of_notify import BASIC_FORGETS, BETWEEN
from tests.faults.report import DOCUMENT, as_markdown, as_table
from tests.faults.run import ALL, Result, tally_of

NOTES = (BETWEEN, DELETING, BASIC_FORGETS, POSTING)


@click.command()
@click.option("--events", type=click.IntRange(20), default=1000, show_default=True, help="Through each fault.")
@click.option("--only", metavar="TEXT", default="", help="Faults whose names contain it, for the terminal only.")
@click.option("--processes", type=click.IntRange(1), default=os.cpu_count(), show_default=True, help="At a time.")
def main(events: int, only: str, processes: int) -> None:
    """Send events through every fault, count the outcomes, and fail if they are not what the guarantees say."""
    forget_real_accounts()
    console, began = Console(stderr=True), time.monotonic()
    faults = [fault for fault in ALL if only in fault.name]
    if not faults:
        raise click.UsageError(f"no fault's name contains {only!r}; there are {', '.join(one.name for one in ALL)}")
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        tallies = pool.map(tally_of, [one.name for one in faults], [events] * len(faults))
        counted = list(track(tallies, "faults", total=len(faults), console=console))
    results = [Result(fault, tally) for fault, tally in zip(faults, counted, strict=True)]
    Console(width=None if sys.stdout.isatty() else 160).print(as_table(results, NOTES))
    wrong = {one.fault.name: one.verdict for one in results if one.verdict}
    for name, verdict in wrong.items():
        console.print(f"[red]{name}: {verdict}")
    if not only and not wrong:
        DOCUMENT.write_text(as_markdown(results, NOTES))
        console.print(f"written to docs/{DOCUMENT.name}, after {time.monotonic() - began:.0f} s")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(prog_name="python -m tests.faults")
