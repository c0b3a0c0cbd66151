"""Every command in the documentation exists as it is written. Those that need no cloud are run: see test_walk_live.py.

A command that nothing checks fails: nobody adds one that is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import deepcopy

import pulumi
import pytest
import yaml

from components.settings import Settings
from tests.docs.config import change, project
from tests.docs.forms import faults
from tests.docs.pages import PAGES, Command, blocks, commands_of, inline_commands, name_of
from tests.examples import as_config

ANN, BOB = "ann@example.com", "bob@example.com"
BASE = {"mode": "advanced", "emails": [ANN]}
"""The config of a stack before a page's commands; an index beyond its lists is an error."""

SHELL = blocks("sh")
QUOTED = inline_commands(("python -m ", "pulumi ", "aws ", "make "))
PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*|")


@pytest.fixture
def accepted(monkeypatch):
    """accepted(config) has the program read a config; raises SettingsError if it refuses it."""
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)
    name = project()["name"]

    def read(config: dict[str, object], secrets: Iterable[str] = ()) -> Settings:
        given = {f"{name}:{key}": as_config(value) for key, value in config.items()}
        pulumi.runtime.set_all_config(given, [f"{name}:{key}" for key in secrets])
        return Settings.from_config(pulumi.Config(name), primary=lambda: "eu-west-1")

    yield read
    pulumi.runtime.set_all_config({}, [])


@pytest.mark.parametrize("command", [one for block in SHELL for one in block.commands], ids=str)
def test_every_command_exists_as_it_is_written(command):
    assert faults(command) == []


@pytest.mark.parametrize("command", QUOTED, ids=str)
def test_every_command_that_a_sentence_quotes_exists(command):
    missing = r"Missing (argument|parameter|option)|Got unexpected|is missing$"  # a sentence may leave things out
    assert [fault for fault in faults(command) if not re.search(missing, fault)] == []


@pytest.mark.parametrize("page", sorted({block.page for block in SHELL}))
def test_what_the_commands_of_a_page_set_is_a_config_that_the_program_accepts(page, accepted):
    config, secrets = deepcopy(BASE), set[str]()
    for block in (block for block in SHELL if block.page == page):
        for command in block.commands:
            if command.words[:2] == ("pulumi", "config") and command.words[2] in ("set", "rm"):
                if command.folder == ".":
                    change(config, command)
                    secrets |= {key_of(command)} if "--secret" in command.words else set()
                else:
                    known = {*project(command.folder)["config"], "aws:region"}
                    assert key_of(command) in known, str(command)
            elif command.words[:2] in (("pulumi", "up"), ("pulumi", "preview")):
                accepted(config, secrets)
        accepted(config, secrets)


@pytest.mark.parametrize("command", [one for one in QUOTED if one.words[:3:2] == ("pulumi", "set")], ids=str)
def test_every_setting_that_a_sentence_quotes_exists(command):
    key = key_of(command)

    assert PLACEHOLDER.fullmatch(key) or key in project()["config"]


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: f"{block.page}:{block.line}")
def test_every_config_that_is_shown_is_accepted(block, accepted):
    prefix = f"{project()['name']}:"
    shown = yaml.safe_load(block.text)
    ours = {key.removeprefix(prefix): value for key, value in shown.get("config", shown).items() if prefix in key}

    accepted({**BASE, **ours})


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_prose_fits_a_screen(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    long = [line for line in text.splitlines() if len(line) > 125 and not line.startswith(("|", "    "))]

    assert long == []


def test_the_index_lists_every_page():
    index = (PAGES[0].parent / "docs" / "README.md").read_text()
    listed = set(re.findall(r"\]\(([^)#:]+)", index))
    pages = {page.relative_to(PAGES[0].parent / "docs").as_posix() for page in PAGES[1:]}

    assert {page for page in pages if not page.startswith("decisions/0")} - {"README.md"} <= listed


def test_the_list_of_decisions_has_every_decision():
    folder = PAGES[0].parent / "docs" / "decisions"

    assert {path.name for path in folder.glob("0*.md")} == set(
        re.findall(r"\]\((0[^)#]+)", (folder / "README.md").read_text())
    )


def test_the_readme_links_to_the_index():
    assert "](docs/README.md)" in PAGES[0].read_text()


def key_of(command: Command) -> str:
    """The setting that a `pulumi config set` is about, without its path."""
    words = [word for word in command.words[3:] if not word.startswith("--")]
    return re.split(r"[.\[]", words[0])[0] if words else ""


# What makes the checks above worth having: that they find what is wrong.


@pytest.mark.parametrize(
    "line",
    [
        "python -m ops statu",
        "python -m ops replay --queue faild-events",
        "python -m ops cost --digests 2",
        "python -m local set",
        "python -m local upload no-such-file.txt",
        "python -m http.server",
        "pulumi up --skip-preview",
        "pulumi destroy --ignore-protect",
        "pulumi stack outputs",
        "aws sqs recieve-message",
        "aws sqs receive-message",
        "aws sqs receive-message --queue-url X --max-messages 3",
        "aws s33 ls",
        "make demos",
        "cp Pulumi.no-such.yaml Pulumi.test.yaml",
        "curl https://example.com",
        'echo "$(pulumi stak output)"',
    ],
)
def test_a_command_that_does_not_exist_is_found(line):
    assert [fault for words in commands_of(line) for fault in faults(Command("a page", 1, words))]


def test_a_line_of_shell_is_taken_apart_as_a_shell_does_it():
    line = 'A=b python -m x "$(one "$(two 3)" 4)/5" \'6 7\' && eight > nine   # ten'

    assert commands_of(line) == [
        ("two", "3"),
        ("one", "OUTPUT", "4"),
        ("python", "-m", "x", "OUTPUT/5", "6 7"),
        ("eight",),
    ]


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        (["pulumi config set mode basic"], {**BASE, "mode": "basic"}),
        (["pulumi config set --path 'emails[1]' bob@example.com"], {**BASE, "emails": [ANN, BOB]}),
        (["pulumi config set --path 'r[0].to[0]' +849"], {**BASE, "r": [{"to": [849]}]}),
        (["pulumi config set --path 'r[0].to[0]' +849 --type string"], {**BASE, "r": [{"to": ["+849"]}]}),
        (["pulumi config set a b --stack prod", "pulumi config rm a"], BASE),
    ],
)
def test_config_is_changed_as_pulumi_does_it(lines, made):
    config = deepcopy(BASE)

    for line in lines:
        (words,) = commands_of(line)
        change(config, Command("a page", 1, words))

    assert config == made
