"""The tables are written from what was measured."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.figures import ANNOUNCED, Target
from bench.report import ROOT, document, missed, notes_of, number
from tests.bench.figures import FIGURES

NOTES = "## How it is measured\n\nBy hand.\n"


def test_every_measured_ratio_and_its_target_is_in_the_table():
    written = document(FIGURES, NOTES)

    assert "| uploads notified per second, crowd of 8 | 1.04 | ≥ 1 ✔ | 0.70 | ≥ 0.85 **missed** |" in written
    assert "| warm event, handler alone | 1.65 | ≤ 1.7 ✔ | 1.75 | ≤ 1.7 **missed** |" in written
    assert "| warm event, through the emulator | 1.50 |  | 1.60 |  |" in written
    assert "| cold start with `bytecode: true` | 1.10 | ≤ 1.15 ✔ | 0.90 | ≤ 1 ✔ |" in written
    assert "| cost, a mail a file | 1.00 |  | 1.30 |  |" in written
    assert "| cost, an even month, 23 a minute | – |  | 0.25 | ≤ 0.25 ✔ |" in written
    assert "| mails for a burst of 1,000 files | 13 | ≤ 12 **missed** | 1,000 |" in written
    assert "| advanced, storms of 1,000 | $5.00 | $20.00 | 0.25 |" in written
    assert f"| DynamoDB write units an upload, {ANNOUNCED} | 6 | ≤ 6 ✔ |" in written
    assert "| a page near the end | 2, 100 | 2, 101 | 1.01 |" in written


def test_what_misses_its_target_is_named_at_the_top():
    assert missed(FIGURES) == [
        "uploads notified per second, crowd of 8",
        "cold start as deployed by default",
        "warm event, handler alone",
        "mails for a burst of 1,000 files",
    ]
    assert "Missed: uploads notified per second, crowd of 8; cold start as deployed by default;" in document(
        FIGURES, NOTES
    )


def test_what_people_wrote_below_the_figures_stays():
    assert notes_of(document(FIGURES, NOTES)).strip() == NOTES.strip()


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.954, "0.95"), (1.0, "1.00"), (5.0, "5"), (1000, "1,000"), (7.32, "7.32")]
)
def test_numbers_read_well(value, shown):
    assert number(value) == shown


def test_a_target_is_met_at_its_limit():
    assert Target(most=0.25).met(0.25)
    assert not Target(most=0.25).met(0.2501)
    assert Target(least=0.95).met(0.95)
    assert not Target(least=0.95).met(0.9499)


def test_the_plot_shows_every_ratio_without_scripts_and_the_same_each_time(tmp_path):
    # In a process of its own: pygal puts a finder into sys.meta_path that makes every later import warn.
    script = "import sys, bench.plot, tests.bench.figures as made; bench.plot.draw(made.FIGURES, sys.argv[1])"
    for name in ("one.svg", "two.svg"):
        subprocess.run([sys.executable, "-c", script, tmp_path / name], cwd=ROOT, check=True)
    text = (tmp_path / "one.svg").read_text()

    assert (tmp_path / "two.svg").read_text() == text
    assert all(
        f">{value}</text>" in text for value in ("1.04", "0.70", "1.10", "0.90", "warm event, through the emulator")
    )
    assert [word for word in ("<script", "@import", "url(http") if word in text] == []
