"""The table of faults, for a terminal and for docs/faults.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from tests.faults.run import Result

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
COLUMNS = ("fault", "what happens", "accidents", "told once", "told again", "kept meanwhile", "lost", "silent")

HEAD = """\
# Faults

What became of {events:,} events in each of {faults} faults. Made by `make faults` on {date}; do not edit.
The machine: {machine}.

The functions are the deployed ones, in one process with the test; tables, topics and queues are the embedded AWS's.
Around them the test does what Lambda does: three attempts over three minutes, then the failed-events queue; five
receives, then the dead letters. An accident is what is left when the SDK has given up. Once the fault is over, what was
kept is replayed by the code of `python -m ops replay`. The clock is the test's: minutes and days pass at once.

- **told once, told again**: after the replay; *again* only where [guarantees.md](guarantees.md) says so
  (¹ {between}, ² {deleting}, ³ {basic}).
  Of `process`, told means that the file's row has its result.
- **kept meanwhile**: how many waited in which queue when the fault was over, before the replay.
- **lost**: neither told nor kept after the replay.
- **silent**: before the replay neither told, nor kept, nor named in a log.

"""


def as_markdown(results: Sequence[Result], notes: Sequence[str]) -> str:
    """docs/faults.md. `notes` are the sentences that allow a repetition, in the order of their numbers."""
    between, deleting, basic = notes
    head = HEAD.format(
        events=results[0].tally.events,
        faults=len(results),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}",
        between=between,
        deleting=deleting,
        basic=basic,
    )
    rule = ["---", "---", *["---:"] * 3, "---", *["---:"] * 2]
    lines = [COLUMNS, rule, *(_cells(one, notes) for one in results)]
    return head + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def as_table(results: Sequence[Result], notes: Sequence[str]) -> Table:
    table = Table(title=f"{results[0].tally.events:,} events through each fault" if results else None)
    for name in COLUMNS:
        table.add_column(name, justify="left" if name in ("fault", "what happens", "kept meanwhile") else "right")
    for one in results:
        table.add_row(*_cells(one, notes), style="red" if one.verdict else None)
    return table


def _cells(result: Result, notes: Sequence[str]) -> list[str]:
    found, mark = result.tally, ""
    if found.told_again and result.fault.repeats:
        mark = " " + "¹²³"[notes.index(result.fault.repeats)]
    return [
        result.fault.name,
        result.fault.happens,
        f"{found.accidents:,}",
        f"{found.told_once:,}",
        f"{found.told_again:,}{mark}",
        ", ".join(f"{queue} {count:,}" for queue, count in found.kept.items()) or "–",
        f"{found.lost:,}",
        f"{found.silent:,}",
    ]
