"""The figures of a run as docs/benchmark.md has them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from bench.figures import ANNOUNCED, PACES, Figures, Row, Target, counts, ratios
from bench.markdown import table

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "benchmark.md"


def number(value: float | None) -> str:
    """Two decimals; whole numbers without, – for nothing."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if isinstance(value, int) or value == int(value) >= 2 else f"{value:.2f}"  # noqa: PLR2004


def table_of_ratios(figures: Figures) -> list[str]:
    """Markdown: ours ÷ naive, by mode."""
    return table(
        ("ours ÷ naive", "basic", "target", "advanced", "target"),
        [
            (row.name, number(row.values[0]), _target(row, 0), number(row.values[1]), _target(row, 1))
            for row in ratios(figures)
        ],
    )


def table_of_counts(figures: Figures) -> list[str]:
    """Markdown: what was counted in advanced mode."""
    return table(
        ("advanced, counted", "ours", "target", "naive"),
        [(name, number(ours), _verdict(ours, target), number(naive)) for name, ours, naive, target in counts(figures)],
    )


def missed(figures: Figures) -> list[str]:
    """What misses its target, in words."""
    found = [row.name for row in ratios(figures) if row.missed]
    return found + [name for name, ours, _, target in counts(figures) if target and not target.met(ours)]


def document(figures: Figures, notes: str) -> str:
    """docs/benchmark.md. `notes` is what people have written below the figures."""
    without = missed(figures)
    outcome = "Every target is met." if not without else f"Missed: {'; '.join(without)}."
    files, peak, end = figures.memory
    (few, few_pages), (many, many_pages) = sorted(figures.pages.items())
    lines = [
        "# Benchmark",
        "",
        f"Written by `make bench` on {figures.date}: {figures.machine}.",
        *textwrap.wrap(outcome, 120, break_on_hyphens=False),
        "",
        "![The ratios](benchmark.svg)",
        "",
        *table_of_ratios(figures),
        "",
        *table_of_counts(figures),
        "",
        *table(
            ("dollars a million uploads", "ours", "naive", "ratio"),
            [_bill("basic", figures.ours["basic"].dollars, figures.naive["basic"].dollars)]
            + [
                _bill(f"advanced, {PACES[pace]}", figures.ours[pace].dollars, figures.naive["advanced"].dollars)
                for pace in PACES
            ]
            + [_bill(f"advanced, {ANNOUNCED}", figures.ours["announced"].dollars, figures.naive["advanced"].dollars)],
        ),
        "",
        *table(
            ("a page of 50 files: requests to DynamoDB, items read", f"{few:,} files", f"{many:,} files", "ratio"),
            [
                (name, *(f"{requests}, {items}" for requests, items in both), number(both[1][1] / both[0][1]))
                for name, both in zip(
                    ("the first page", "a page near the end"), zip(few_pages, many_pages, strict=True), strict=True
                )
            ],
        ),
        "",
        *table(
            ("ours alone", "ratio"),
            [
                ("a warm event that matches 100 rules ÷ one", number(figures.hundred_rules)),
                ("a warm event of 10 records ÷ one of 1", number(figures.ten_records)),
                (f"memory at its peak in {files:.0f} uploads (basic, all processes, PSS) ÷ before", number(peak)),
                (f"memory after {files:.0f} uploads ÷ before", number(end)),
            ],
        ),
        "",
        notes.strip(),
        "",
    ]
    return "\n".join(lines)


def notes_of(text: str) -> str:
    """What people have written below the figures: from the first second-level heading on."""
    found = re.search(r"^## ", text, re.MULTILINE)
    return text[found.start() :] if found else ""


def _bill(name: str, ours: float, naive: float) -> tuple[str, ...]:
    return name, f"${ours:.2f}", f"${naive:.2f}", number(ours / naive)


def _target(row: Row, place: int) -> str:
    value, target = row.values[place], row.targets[place]
    return "" if value is None else _verdict(value, target)


def _verdict(value: float, target: Target | None) -> str:
    if target is None:
        return ""
    return f"{target} {'✔' if target.met(value) else '**missed**'}"
