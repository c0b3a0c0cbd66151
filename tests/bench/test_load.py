"""What the load's figures are judged by."""

from __future__ import annotations

import pytest

from bench.load import DOCUMENT, QUEUES, Load, Sample, chart, document, growth, line_of


def samples(*megabytes: float):
    empty = dict.fromkeys(QUEUES, 0)
    return [Sample(float(n), 10 * (n + 1), amount, empty) for n, amount in enumerate(megabytes)]


@pytest.mark.parametrize("steps", [20, 200])
def test_memory_that_rises_is_more_than_allowed(steps):
    grown, allowed = growth(samples(*(100 + 2 * n * 100 / steps for n in range(steps))))

    assert grown == pytest.approx(100, rel=0.15)
    assert allowed < grown


def test_memory_that_only_rose_at_the_beginning_is_flat():
    grown, allowed = growth(samples(*range(0, 1000, 50), *[1000, 1004] * 15))

    assert grown < 10 < allowed


def test_what_comes_after_the_last_upload_hides_no_growth():
    rising = samples(*range(0, 400, 10))
    after = [Sample(one.at + 40, 400, 0, one.depths) for one in rising]

    assert growth([*rising, *after])[0] > 150


def test_a_single_sample_shows_no_growth():
    assert growth(samples(400))[0] == 0


def test_a_chart_shows_peaks_and_leaves_nothing_empty():
    assert chart([0, 1, 4, 8]) == " ▂▄█".replace("▄", chart([4, 8])[0])
    assert len(chart([1.0] * 10_000)) <= 60
    assert set(chart([0.0] * 59 + [5.0] + [0.0] * 3000)) == {" ", "█"}


def test_a_line_names_the_queues_that_hold_something():
    (sample,) = samples(5)

    assert line_of(sample).endswith("all queues empty")
    assert line_of(Sample(0, 1, 5, {**sample.depths, "work": 3})).endswith("work 3")


def test_the_page_has_the_words_of_its_writer():
    load = Load(stack=None, keys=["a"], samples=samples(5))  # type: ignore[arg-type]
    written = document(load, 2, {"all queues are empty in the end": ""}).split("\n\n")
    page = DOCUMENT.read_text().split("\n\n")

    assert (page[:2], page[-1]) == (written[:2], written[-1])
    assert page[3].splitlines()[:2] == written[3].splitlines()[:2]
