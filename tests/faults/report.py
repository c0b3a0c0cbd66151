"""The table of faults, for a terminal and for docs/faults.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from bench.markdown import table
from tests.faults.run import Result

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
COLUMNS = (
    "fault",
    "what happens",
    "accidents",
    "notified once",
    "notified again",
    "queued meanwhile",
    "lost",
    "silent",
)
TEXTS = (0, 1, 5)
"""The columns that hold words; the others hold counts."""

HEAD = """\
# Faults

The outcome of {events:,} events in each of {faults} faults. Made by `make faults` on {date}; do not edit.
System: {machine}.

The functions are the deployed ones, in one process with the test; tables, topics and queues are the local AWS
emulator's. Around them the test does what Lambda does: three attempts over three minutes, then the failed-events queue;
five receives, then the dead-letter queue. An accident is a failure that is left when the SDK has given up. Once the
fault is over, the failure queues are replayed by the code of `python -m ops replay`. The clock is the test's: minutes
and days pass at once.

- **notified once, notified again**: after the replay; *again* only where [guarantees.md](guarantees.md) says so
  (¹ {between}, ² {deleting}, ³ {basic},
  ⁴ {posting}).
  Of `process`, notified means that the file's item has its result; of `announcing`, that the rule's queue got what was
  found; of `scan results`, that it got the verdict; of `chat`, that the channel has the message. The chat queue and the
  service behind it are the test's own, which keep its time: eight receives in an hour.
- **queued meanwhile**: how many waited in which queue when the fault was over, before the replay.
- **lost**: neither notified nor queued after the replay.
- **silent**: before the replay neither notified, nor queued, nor named in a log.

"""


def as_markdown(results: Sequence[Result], notes: Sequence[str]) -> str:
    """docs/faults.md. `notes` are the sentences that allow a repetition, in the order of their numbers."""
    between, deleting, basic, posting = notes
    head = HEAD.format(
        events=results[0].tally.events,
        faults=len(results),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}",
        between=between,
        deleting=deleting,
        basic=basic,
        posting=posting,
    )
    return head + "\n".join(table(COLUMNS, [_cells(one, notes) for one in results], texts=TEXTS)) + "\n"


def as_table(results: Sequence[Result], notes: Sequence[str]) -> Table:
    shown = Table(title=f"{results[0].tally.events:,} events through each fault" if results else None)
    for column, name in enumerate(COLUMNS):
        shown.add_column(name, justify="left" if column in TEXTS else "right")
    for one in results:
        shown.add_row(*_cells(one, notes), style="red" if one.verdict else None)
    return shown


def _cells(result: Result, notes: Sequence[str]) -> list[str]:
    found, mark = result.tally, ""
    if found.notified_again and result.fault.repeats:
        mark = " " + "¹²³⁴"[notes.index(result.fault.repeats)]
    return [
        result.fault.name,
        result.fault.happens,
        f"{found.accidents:,}",
        f"{found.notified_once:,}",
        f"{found.notified_again:,}{mark}",
        ", ".join(f"{queue} {count:,}" for queue, count in found.queued.items()) or "–",
        f"{found.lost:,}",
        f"{found.silent:,}",
    ]
