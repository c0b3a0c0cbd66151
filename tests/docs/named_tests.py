"""The tests that a page's tables name, and whether they exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.pages import ROOT

_ROW = re.compile(r"^\| (.+) \| (.+) \|\n(?!\|---)", re.MULTILINE)
# `tests/a.py::test_b`, `tests/a.py` as a whole, `web/tests/a.test.ts` "one title", "another".
_NAMED = re.compile(r"`((?:web/)?tests/[^`:]+|web/biome\.json)(?:::(\w+))?`((?:,? ?\"[^\"]+\")*)")


def rows(page: Path) -> list[tuple[str, str]]:
    """The rows of a page's tables, which have two columns, without their headings."""
    return _ROW.findall(page.read_text())


def missing_in(cell: str) -> list[str]:
    """What is wrong with a cell that names tests: those that do not exist, and what is no name."""
    named = list(_named_in(cell))
    rest = re.sub(r"[,\s]", "", _NAMED.sub("", cell))
    found = [f"{path.relative_to(ROOT).as_posix()} {test}" for path, test in named if not _exists(path, test)]
    return found + ([rest] if rest else []) if named else ["no test is named"]


def _named_in(cell: str) -> Iterator[tuple[Path, str]]:
    """The files that a cell names, each with the name of a test in it; without one, the file as a whole."""
    for path, name, titles in _NAMED.findall(cell):
        for test in [name] if name else re.findall(r'"([^"]+)"', titles) or [""]:
            yield ROOT / path, test


def _exists(path: Path, test: str) -> bool:
    if not path.is_file():
        return False
    text = path.read_text()
    return f"def {test}(" in text if path.suffix == ".py" and test else f'"{test}"' in text or not test
