"""`python -m bench`: measures, and writes docs/benchmark.md and its plot."""

from __future__ import annotations

import sys
import time

from bench.plot import draw
from bench.report import DOCUMENT, document, missed, notes_of
from bench.run import measure
from local.emulator.aws import forget_real_accounts


def main() -> None:
    forget_real_accounts()
    begun = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - begun:4.0f} s  {what}", file=sys.stderr)

    figures = measure(say)
    notes = notes_of(DOCUMENT.read_text())
    DOCUMENT.write_text(document(figures, notes))
    draw(figures, DOCUMENT.with_suffix(".svg"))
    say("written: docs/benchmark.md, docs/benchmark.svg")
    for name in missed(figures):
        print(f"target missed: {name}")


if __name__ == "__main__":
    main()
