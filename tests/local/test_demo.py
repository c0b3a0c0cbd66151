"""The demo fails where a step fails: it must not report what did not happen."""

import shutil
import subprocess
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from local import demo
from local.__main__ import cli
from local.demo import DemoError, run_demo
from local.mailbox import Message

ROOT = Path(__file__).parents[2]
MAIL = Message(
    to="you@example.com",
    subject=f"{demo.FILE} arrived in {demo.FOLDER} (1.4 KB)",
    body=f"File {demo.FOLDER}/{demo.FILE}\nSize {len(demo.CONTENT):,} bytes\n[bold]not markup[/bold]",
    at="2026-11-23T08:41:07+00:00",
)


@pytest.fixture
def run(monkeypatch):
    """Run the demo on a stack whose mailbox holds these mails."""
    monkeypatch.setattr(demo, "_WITHIN_SECONDS", 0.1)
    uploaded = []

    def run_with(*mails: Message) -> list[str]:
        stack = SimpleNamespace(
            aws=SimpleNamespace(
                s3=SimpleNamespace(upload_file=lambda _, bucket, key: uploaded.append(f"{bucket}/{key}"))
            ),
            outputs={"bucketName": "b", "mode": "basic"},
            mailbox=SimpleNamespace(messages=lambda: list(mails) if uploaded else []),
            check=lambda: None,
            emulator=SimpleNamespace(tail=lambda: "  the end of the log"),
        )
        run_demo(stack)
        return uploaded

    return run_with


def test_all_steps_succeed_and_the_mail_is_shown_as_it_is(run, capsys):
    assert run(MAIL) == [f"b/{demo.FOLDER}/{demo.FILE}"]

    shown = capsys.readouterr().out
    assert "✔ the mail is right" in shown
    assert "[bold]not markup[/bold]" in shown


def test_a_missing_mail_is_reported_with_the_step_and_the_log(run, capsys):
    with pytest.raises(DemoError, match=r"(?s)a mail arrives: no mail within 0.1 s.*the end of the log"):
        run()

    assert "✘ a mail arrives" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("mail", "missing"),
    [
        (Message(MAIL.to, "something arrived", MAIL.body, MAIL.at), "the subject does not name the file"),
        (
            Message(MAIL.to, MAIL.subject, MAIL.body.replace(demo.FOLDER, ""), MAIL.at),
            "the body does not have the file's key",
        ),
        (
            Message(MAIL.to, MAIL.subject, MAIL.body.replace("bytes", ""), MAIL.at),
            "the body does not have the file's size",
        ),
    ],
    ids=["subject", "key", "size"],
)
def test_a_mail_with_other_content_is_reported(run, mail, missing):
    with pytest.raises(DemoError, match=f"the mail is right: .*{missing}"):
        run(mail)


@pytest.mark.parametrize(
    ("story", "code"),
    [(lambda stack: None, 0), (lambda stack: (_ for _ in ()).throw(DemoError("no mail")), 1)],  # noqa: ARG005
    ids=["happened", "did not happen"],
)
def test_the_exit_code_says_whether_it_happened(monkeypatch, story, code):
    monkeypatch.setattr("local.__main__.forget_real_accounts", lambda: None)
    monkeypatch.setattr("local.stack.running", lambda *_, **__: nullcontext(SimpleNamespace()))
    monkeypatch.setattr("local.demo.run_demo", story)

    answer = CliRunner().invoke(cli, ["demo", "--port", "0"])

    assert answer.exit_code == code
    assert ("Error: no mail" in answer.output) == (code == 1)


@pytest.fixture
def make_demo(tmp_path):
    """Run `make demo` where only these programs exist; Python is one that prints its arguments."""

    def run(*programs: str) -> str:
        for name in ("make", "sh", "getconf", "find", *programs):
            (tmp_path / name).symlink_to(shutil.which(name) or "/bin/true")
        (tmp_path / "python").write_text('#!/bin/sh\necho "python $*"\n')
        (tmp_path / "python").chmod(0o755)
        arguments = ["demo", f"BIN={tmp_path}", "--assume-old=.venv/.ready", "MAKE=true"]
        answer = subprocess.run(
            ["make", *arguments], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    return run


def test_make_demo_needs_python_alone_and_says_what_is_left_out(make_demo):
    lines = make_demo().splitlines()

    assert lines[0] == "python -m local demo"
    assert lines[1] == (
        "Mode advanced is left out: its page is built with Node.js, which is missing here (https://nodejs.org)."
    )
    assert lines[2].endswith("/python -m local up")


def test_make_demo_goes_on_to_mode_advanced_where_node_is(make_demo):
    lines = make_demo("npm", "true").splitlines()

    assert [line for line in lines if line.startswith("python")] == ["python -m local demo --then-advanced"]
    assert lines[-1].endswith("make local")
