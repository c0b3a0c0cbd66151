"""Each line of the threat model is held by tests that exist, and so is each promise."""

from __future__ import annotations

import pytest

from tests.docs.named_tests import missing_in, rows
from tests.docs.pages import ROOT

ROWS = rows(ROOT / "docs" / "security.md")
PROMISES = [row for row in rows(ROOT / "docs" / "guarantees.md") if "`tests/" in row[1]]


@pytest.mark.parametrize(("holds", "held_by"), ROWS, ids=[holds for holds, _ in ROWS])
def test_a_line_is_held_by_tests_that_exist(holds, held_by):
    assert missing_in(held_by) == []


def test_the_page_has_lines_and_the_root_leads_to_it():
    assert len(ROWS) > 50
    assert len(PROMISES) > 25
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text()


@pytest.mark.parametrize(("promise", "shown_by"), PROMISES, ids=[promise for promise, _ in PROMISES])
def test_a_promise_is_shown_by_tests_that_exist(promise, shown_by):
    assert missing_in(shown_by) == []
