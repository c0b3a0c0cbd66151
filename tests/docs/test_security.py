"""Each line of the threat model is held by tests that exist, and so is each promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "security.md"
_ROW = re.compile(r"^\| (?!what holds|---)(.+) \| (.+) \|$", re.MULTILINE)
_NAMED = re.compile(r"`((?:web/)?tests/[^`:]+)(?:::(\w+))?`((?:,? ?\"[^\"]+\")*)")

ROWS = _ROW.findall(PAGE.read_text())
PROMISES = [row for row in _ROW.findall((ROOT / "docs" / "guarantees.md").read_text()) if "`tests/" in row[1]]


def named_in(cell: str) -> Iterator[tuple[Path, str]]:
    """The files that a cell names, each with the name of a test in it; without one, the file as a whole."""
    for path, name, titles in _NAMED.findall(cell):
        for test in [name] if name else re.findall(r'"([^"]+)"', titles) or [""]:
            yield ROOT / path, test


def exists(path: Path, test: str) -> bool:
    if not path.is_file():
        return False
    text = path.read_text()
    return f"def {test}(" in text if path.suffix == ".py" and test else f'"{test}"' in text or not test


@pytest.mark.parametrize(("holds", "held_by"), ROWS, ids=[holds for holds, _ in ROWS])
def test_a_line_is_held_by_tests_that_exist(holds, held_by):
    named = list(named_in(held_by))

    assert named, f"{holds}: no test is named"
    assert [(path.relative_to(ROOT).as_posix(), test) for path, test in named if not exists(path, test)] == []
    assert re.sub(r"[,\s]", "", _NAMED.sub("", held_by)) == ""


def test_the_page_has_lines_and_the_root_leads_to_it():
    assert len(ROWS) > 50
    assert len(PROMISES) > 25
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text()


@pytest.mark.parametrize(("promise", "shown_by"), PROMISES, ids=[promise for promise, _ in PROMISES])
def test_a_promise_is_shown_by_tests_that_exist(promise, shown_by):
    named = list(named_in(shown_by))

    assert shown_by.count("`tests/") == len(named), "a test is named as path::name"
    assert [(path.relative_to(ROOT).as_posix(), test) for path, test in named if not exists(path, test)] == [], promise
