"""What the README says about settings is what Pulumi.yaml declares."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.docs.pages import PAGES, ROOT

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
    if default in ([], {}, ""):
        return {"–", f"`{json.dumps(default)}`"}
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_a_page_links_to_exists(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_heading_that_a_page_links_to_exists(page):
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text())

    def headings(path):
        titles = re.findall(r"^#+ (.+)$", (path or page).read_text(), re.MULTILINE)
        return {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}

    assert [(path, name) for path, name in links if name not in headings(page.parent / path if path else None)] == []
