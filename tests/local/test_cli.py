"""The commands, up to the point where a stack runs. What they do to it is tested end to end."""

import socket
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest
from click.testing import CliRunner

from local import settings
from local.__main__ import cli
from local.emulator.aws import forget_real_accounts
from local.emulator.server import Emulator
from local.people import Client, Tokens
from local.ready_file import Ready
from local.stack import ConfigurationError, errors_for_users, running

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(monkeypatch):
    """Run a command in this process, which keeps its environment."""
    monkeypatch.setattr("local.__main__.forget_real_accounts", lambda: forget_real_accounts({}))
    return lambda *arguments: CliRunner().invoke(cli, [str(argument) for argument in arguments])


def refused(answer, *parts: str) -> None:
    """One message: what is wrong, and the command that fixes it."""
    assert answer.exit_code in (1, 2)
    assert isinstance(answer.exception, SystemExit)
    for part in parts:
        assert part in answer.output


def test_a_missing_folder_for_the_ready_file_is_one_message_before_anything_starts(tmp_path):
    command = [sys.executable, "-m", "local", "up", "--ready-file", f"{tmp_path}/nowhere/stack.json"]

    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
    assert "does not exist; create it first" in answer.stderr
    assert f"mkdir -p {tmp_path}/nowhere" in answer.stderr


def test_a_port_in_use_is_one_message_before_anything_starts(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = run("up", "--port", port, "--ready-file", tmp_path / "stack.json")

    refused(answer, f"port {port} is in use", "python -m local up --port 0")
    assert "checking" not in answer.output


def test_settings_that_the_program_refuses_are_one_message_and_nothing_is_left(run, tmp_path):
    answer = run("up", "--port", "0", "--ready-file", tmp_path / "stack.json", "--set", "modee=advanced")

    refused(answer, "modee is not a setting; did you mean mode?")
    assert "deploying" not in answer.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("mode", "advance", "mode is 'advance'; use one of basic, advanced"),
        ("emails", "a@b.co", "emails is 'a@b.co'; it takes a list"),
        ("logRetentionDays", "31", "logRetentionDays is '31'"),
        ("protectData", "yes", "protectData is 'yes'; use true or false"),
    ],
)
def test_every_wrong_setting_is_reported_in_the_programs_words(key, value, message):
    steps = []
    wrong = settings.with_defaults({key: value})

    with (
        pytest.raises(ConfigurationError, match=message),
        running(wrong, emulator=Emulator(0), ready_file=None, report=steps.append),
    ):
        pytest.fail("it started")

    assert steps == ["starting the emulator and checking the program"]


def test_a_refused_setting_is_reported_with_how_settings_are_written_locally():
    locally = "up --set KEY=VALUE`, or `python -m local set KEY VALUE`"
    with pytest.raises(ConfigurationError, match=locally), errors_for_users():
        raise pulumi.RunError("mode is 'x'\n  pulumi config set mode basic")


def test_an_error_that_no_setting_fixes_is_reported_without_it():
    with pytest.raises(ConfigurationError) as raised, errors_for_users():
        raise pulumi.RunError("the web interface has not been built:\n  make web")

    assert str(raised.value) == "the web interface has not been built:\n  make web"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["up", "--set", "mode"], "has no '='"),
        (["up", "--mode", "basic", "--set", "mode=advanced"], "mode is given twice"),
        (["up", "--port", "70000"], "70000"),
        (["up", "--port", "http"], "http"),
        (["up", "--set", "aws:region=moon"], "aws:region is 'moon'"),
        (["set", "mode"], "'mode' has no value"),
        (["set"], "Missing argument"),
        (["upload", "nowhere.pdf"], "nowhere.pdf"),
        (["launch"], "No such command"),
    ],
)
def test_a_wrong_command_line_is_one_message(run, tmp_path, arguments, part):
    options = ["--ready-file", tmp_path / "stack.json"] if arguments[0] in ("up", "set") else []

    refused(run(*arguments, *options), part)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["set", "mode", "advanced"], ["unset", "mode"], ["upload", __file__]])
def test_commands_for_a_running_stack_say_so_when_there_is_none(run, tmp_path, arguments):
    refused(run(*arguments, "--ready-file", tmp_path / "stack.json"), "no stack is running", "python -m local up")


def running_with(monkeypatch, **outputs):
    ready = Ready(endpoint="http://127.0.0.1:1", region="us-east-1", outputs=outputs, mailbox="", control={})
    monkeypatch.setattr("local.__main__.stack_at", lambda _: ready)


POOL = {"userPoolId": "pool", "userPoolClientId": "client", "webUrl": "http://page.localhost", "signInUrl": "http://s"}


def test_a_token_is_printed_alone(run, monkeypatch):
    running_with(monkeypatch, **POOL)
    asked = []
    monkeypatch.setattr("local.people.sign_in", lambda _, *who: asked.append(who) or Tokens("a.b.c", "", ""))

    assert run("token", "editor").output == "a.b.c\n"
    assert asked == [(Client("client", "http://page.localhost/signed-in", "http://s"), "editor", "Try-it-out-1")]


def test_a_token_of_somebody_else_is_refused_with_the_names_there_are(run, monkeypatch):
    running_with(monkeypatch, **POOL)

    refused(run("token", "maria"), "'maria'", "reader, editor, admin")


def test_a_token_for_a_stack_without_an_api_is_refused_with_the_mode_that_has_one(run, monkeypatch):
    running_with(monkeypatch)

    refused(run("token", "reader"), "mode basic", "python -m local set mode advanced")


def test_the_overview_shows_every_command_whole(run):
    assert "..." not in run("--help").output.replace("[ARGS]...", "")


@pytest.mark.parametrize("before", [{}, {"userPoolId": "earlier"}], ids=["first", "again"])
def test_a_stack_that_is_switched_to_advanced_says_where_its_page_is_and_who_signs_in(run, monkeypatch, before):
    added = []
    outputs = {"userPoolId": "pool", "webUrl": "http://page.localhost", "access": {"admins": "read files"}}
    running_with(monkeypatch, **before)
    monkeypatch.setattr("local.control.change", lambda *_: {"changes": [], "diagnostics": [], "outputs": outputs})
    monkeypatch.setattr("local.people.add_person", lambda _, *person: added.append(person))

    answer = run("set", "mode", "advanced")

    password = "Try-it-out-1"
    assert added == [
        ("pool", "reader", password, []),
        ("pool", "editor", password, []),
        ("pool", "admin", password, ["admins"]),
    ]
    assert f"http://page.localhost/ (sign in as reader, editor, admin with {password})" in answer.output
