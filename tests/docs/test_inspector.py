"""The inspector that a how-to shows is complete: with its two files in place, it works."""

from __future__ import annotations

import sys

import pytest

import handlers.inspectors
from handlers.inspectors import _factories
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "how-to" / "add-an-inspector.md"
CODE, TESTS = blocks("python", [PAGE])


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """The inspector, saved where the page says; its folder is one more of the package's."""
    (tmp_path / "pdf_file.py").write_text(CODE.text)
    monkeypatch.setattr(handlers.inspectors, "__path__", [*handlers.inspectors.__path__, str(tmp_path)])
    _factories.cache_clear()
    yield
    _factories.cache_clear()
    sys.modules.pop("handlers.inspectors.pdf_file", None)


def shown_tests():
    found: dict[str, object] = {}
    exec(TESTS.text, found)  # noqa: S102 - a page of ours
    return {name: test for name, test in found.items() if name.startswith("test_")}


@pytest.mark.parametrize("name", sorted(shown_tests()))
def test_the_tests_that_are_shown_pass(name, saved):
    shown_tests()[name]()


@pytest.mark.parametrize("name", sorted(shown_tests()))
def test_the_tests_that_are_shown_fail_without_the_inspector(name):
    with pytest.raises((AssertionError, AttributeError)):
        shown_tests()[name]()


def test_the_page_names_the_files_that_are_shown():
    text = PAGE.read_text()

    assert "`handlers/inspectors/pdf_file.py`" in text
    assert "`tests/handlers/inspectors/test_pdf_file.py`" in text
