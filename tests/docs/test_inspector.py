"""The inspector that a how-to shows is complete: with its two files in place, it works."""

from __future__ import annotations

import sys

import pytest

import handlers.inspectors
from handlers.inspectors import _factories, inspectors_for
from tests.docs.pages import ROOT, blocks
from tests.handlers.inspectors.corpus import samples
from tests.handlers.inspectors.files import inspected

PAGE = ROOT / "docs" / "how-to" / "add-an-inspector.md"
CODE, TESTS, LISTED = blocks("python", [PAGE])


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


@pytest.mark.skipif((ROOT / "handlers/inspectors/pdf_file.py").exists(), reason="somebody has followed the page")
@pytest.mark.parametrize("name", sorted(shown_tests()))
def test_the_tests_that_are_shown_fail_without_the_inspector(name):
    with pytest.raises(AssertionError):
        shown_tests()[name]()


def test_the_types_that_are_shown_are_those_that_the_inspector_knows(saved):
    ((name, types),) = eval(f"{{{LISTED.text}}}").items()  # noqa: S307 - a page of ours

    assert name == "pdf_file"
    assert all(any(type(one).__module__.endswith(name) for one in inspectors_for(kind, "")) for kind in types)


def test_real_files_have_the_fact_that_the_page_adds_to_those_of_every_file_and_no_problem(saved):
    pdfs = {name: sample for name, sample in samples().items() if sample.content_type == "application/pdf"}
    results = {name: inspected(sample.content, name) for name, sample in pdfs.items()}

    assert pdfs
    assert {name for name, result in results.items() if result.broken} == set()
    added = {label for name, result in results.items() for label, _ in result.facts if label not in pdfs[name].facts}
    assert [f'`"{label}"`' in PAGE.read_text() for label in added] == [True]
    assert "COUNTED = {" in (ROOT / "tests/handlers/inspectors/test_corpus.py").read_text()


def test_the_page_names_the_files_that_are_shown():
    text = PAGE.read_text()
    folder = "tests/handlers/inspectors"

    assert "`handlers/inspectors/pdf_file.py`" in text
    assert f"`{folder}/test_pdf_file.py`" in text
    assert f"`{folder}/test_any_file.py`" in text
    assert "TYPES = {" in (ROOT / folder / "test_any_file.py").read_text()
