"""`python -m bench`: measures, and writes docs/benchmark.md, its plot, and the figures that the README quotes."""

from __future__ import annotations

import sys
import time

from bench.plot import draw
from bench.report import DOCUMENT, README, document, missed, notes_of, with_figures
from bench.run import measure
from local.emulator.aws import forget_real_accounts


def main() -> None:
    forget_real_accounts()
    begun = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - begun:4.0f} s  {what}", file=sys.stderr)

    figures = measure(tell)
    notes = notes_of(DOCUMENT.read_text())
    DOCUMENT.write_text(document(figures, notes))
    draw(figures, DOCUMENT.with_suffix(".svg"))
    README.write_text(with_figures(README.read_text(), figures))
    tell("written: docs/benchmark.md, docs/benchmark.svg, README.md")
    for name in missed(figures):
        print(f"target missed: {name}")


if __name__ == "__main__":
    main()
