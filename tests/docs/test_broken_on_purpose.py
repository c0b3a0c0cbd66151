"""Each fault that was put into the code on purpose is found by a test that exists."""

from __future__ import annotations

import re

import pytest

from tests.docs.named_tests import missing_in, rows
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "broken-on-purpose.md"
ROWS = rows(PAGE)


@pytest.mark.parametrize(("fault", "found_by"), ROWS, ids=[fault for fault, _ in ROWS])
def test_a_fault_is_found_by_tests_that_exist(fault, found_by):
    assert missing_in(found_by) == []


@pytest.mark.parametrize("page", [PAGE, ROOT / "docs" / "README.md"], ids=lambda page: page.name)
def test_a_page_that_counts_the_faults_counts_all_of_them(page):
    assert re.findall(r"(\d+) faults", page.read_text()) == [str(len(ROWS))]
