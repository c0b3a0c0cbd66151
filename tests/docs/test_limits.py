"""What docs/limits.md says of limits that are set here is what the code sets."""

from __future__ import annotations

import pytest

from components.chat import CONCURRENCY
from components.rule_settings import MAX_RULES
from handlers.data.arrivals import MOST_VERSIONS
from handlers.logic.poster import SECONDS_BETWEEN_MESSAGES
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "limits.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize(
    ("part", "said", "is_so"),
    [
        ("`channels`", "one a second and channel, set here", CONCURRENCY / SECONDS_BETWEEN_MESSAGES == 1),
        ("`expect`", "at most 100 at once", MAX_RULES == 100),
        ("`expect`, one rule", "50,000 versions, set here", MOST_VERSIONS == 50_000),
    ],
)
def test_a_limit_that_is_set_here_is_as_the_page_says(part, said, is_so):
    assert [row for row in ROWS if row.startswith(f"| {part} |") and said in row], "the page says it"
    assert is_so
