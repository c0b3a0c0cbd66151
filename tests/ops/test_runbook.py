"""Every heading of the runbook has its parts.

That its headings are the alarms is tested in tests/program, where the alarms are known; its commands in tests/docs.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.topology import FAILURE_QUEUES

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
PARTS = ("**Means.**", "**Look.**", "**Repair.**", "**Repaired when**")


def headings():
    return re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE)


def test_every_failure_queue_has_a_heading():
    assert {queue.heading for queue in FAILURE_QUEUES} <= set(headings())


@pytest.mark.parametrize("heading", [heading for heading in headings() if re.fullmatch(r"[a-z-]+", heading)])
def test_every_heading_of_an_alarm_has_its_four_parts(heading):
    section = RUNBOOK.split(f"\n## {heading}\n")[1].split("\n## ")[0]

    assert [part for part in PARTS if part not in section] == []
    assert "python -m ops" in section


def test_every_link_within_the_runbook_has_its_heading():
    links = re.findall(r"\]\(#([a-z-]+)\)", RUNBOOK)

    assert links
    assert set(links) <= set(headings())
