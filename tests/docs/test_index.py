"""Every page of the documentation can be found from docs/README.md, every decision from their list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def linked(index: Path) -> set[Path]:
    """The files that a page links to."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", index.read_text())
    return {(index.parent / target).resolve() for target in targets}


@pytest.mark.parametrize("folder", [DOCS, DOCS / "how-to"], ids=["docs", "how-to"])
def test_every_page_is_in_the_list_of_pages(folder):
    pages = {*folder.glob("*.md"), *folder.glob("*.json")} - {DOCS / "README.md"}

    assert sorted(page.name for page in pages - linked(DOCS / "README.md")) == []


def test_every_decision_is_in_the_list_of_decisions():
    decisions = set((DOCS / "decisions").glob("0*.md"))

    assert sorted(page.name for page in decisions - linked(DOCS / "decisions" / "README.md")) == []
