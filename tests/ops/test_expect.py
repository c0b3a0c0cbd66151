"""What `expect` says to people and scripts; how it looks is tested with the watcher."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.expectations import Window
from ops.reading.expectations import Expected, Looked
from tests.ops.parts import EVERY_FILE, a_stack

END = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)


def looked(arrived: int) -> Looked:
    window = Window(start=END - timedelta(hours=6), end=END, zone="UTC")
    return Looked(window=window, files=1, arrived=arrived, is_complete=True)


def an_expectation(*, last: int) -> Expected:
    return Expected(rule=EVERY_FILE, last=looked(last), next=looked(0), today=())


@pytest.mark.parametrize(("arrived", "code"), [([1, 1], 0), ([1, 0], 1), ([0, 0], 1), ([], 0)])
def test_a_script_learns_by_the_exit_code_if_the_files_of_any_rule_are_missing(monkeypatch, on, arrived, code):
    monkeypatch.setattr("ops.expect.expected", lambda *_: [an_expectation(last=files) for files in arrived])

    assert on(a_stack(), "expect").exit_code == code
