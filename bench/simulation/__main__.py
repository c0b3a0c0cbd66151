"""`python -m bench.simulation`: writes the tables of docs/limits.md; with `--real-run` also the one of a real run."""

from __future__ import annotations

import argparse
import sys
import time

from bench.simulation import page
from bench.simulation.chain import chain_table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.simulation", description=__doc__)
    parser.add_argument("--real-run", action="store_true", help="run on the local AWS emulator, too: a minute or two")
    real = parser.parse_args().real_run
    begun = time.monotonic()

    def report(what: str) -> None:
        print(f"{time.monotonic() - begun:4.0f} s  {what}", file=sys.stderr)

    tables = {"chain": chain_table(), "day": page.day_table(page.simulated(report))}
    if real:
        from bench.simulation.real_run import comparison, observe
        from local.emulator.aws import forget_real_accounts

        forget_real_accounts()
        tables["real run"] = comparison(observe(report))
    page.PAGE.write_text(page.with_tables(page.PAGE.read_text(), tables))
    report(f"written: docs/{page.PAGE.name}")


if __name__ == "__main__":
    main()
