"""What the README says about settings is what Pulumi.yaml declares."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DECLARED = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]


@pytest.fixture
def rows():
    """The README's settings table: each key with its cells."""
    table = (ROOT / "README.md").read_text().split("## Settings", 1)[1].split("\n#", 1)[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| `")
    ]
    return {key.strip("`"): rest for key, *rest in cells}


def written(default):
    """A default as the README writes it; without one there is a dash."""
    if default is None:
        return {"–"}
    if default == []:
        return {"–", "`[]`"}
    return {f"`{default if isinstance(default, str) else json.dumps(default)}`"}


def test_the_readme_lists_every_setting_in_the_order_in_which_it_is_declared(rows):
    assert list(rows) == list(DECLARED)


def test_the_readme_gives_every_setting_its_default(rows):
    wrong = {
        key: rows[key][0] for key, declared in DECLARED.items() if rows[key][0] not in written(declared.get("default"))
    }

    assert wrong == {}


def test_the_readme_says_what_every_setting_means(rows):
    assert [key for key, (_, meaning) in rows.items() if len(meaning) < 10] == []


def test_every_file_that_the_readme_links_to_exists():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / "README.md").read_text())

    assert [link for link in links if not (ROOT / link).exists()] == []
