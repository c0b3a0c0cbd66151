"""The demo fails where the story fails: it must not say that something happened which did not."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from local import demo
from local.__main__ import cli
from local.demo import StoryError, tell_story
from local.mailbox import Message

MAIL = Message(
    to="you@example.com",
    subject=f"{demo.FILE} arrived in {demo.FOLDER} (1.4 KB)",
    body=f"File {demo.FOLDER}/{demo.FILE}\nSize {len(demo.CONTENT):,} bytes\n[bold]not markup[/bold]",
    at="2026-11-23T08:41:07+00:00",
)


@pytest.fixture
def told(monkeypatch):
    """Tell the story of a stack whose mailbox holds these mails."""
    monkeypatch.setattr(demo, "_WITHIN_SECONDS", 0.1)
    uploaded = []

    def tell(*mails: Message) -> list[str]:
        stack = SimpleNamespace(
            aws=SimpleNamespace(
                s3=SimpleNamespace(upload_file=lambda _, bucket, key: uploaded.append(f"{bucket}/{key}"))
            ),
            outputs={"bucketName": "b", "mode": "basic"},
            mailbox=SimpleNamespace(messages=lambda: list(mails)),
            emulator=SimpleNamespace(tail=lambda: "  the end of the log"),
        )
        tell_story(stack)
        return uploaded

    return tell


def test_the_whole_story_ends_well_and_shows_the_mail_as_it_is(told, capsys):
    assert told(MAIL) == [f"b/{demo.FOLDER}/{demo.FILE}"]

    shown = capsys.readouterr().out
    assert "✔ the mail is right" in shown
    assert "[bold]not markup[/bold]" in shown


def test_no_mail_is_told_with_the_step_and_the_log(told, capsys):
    with pytest.raises(StoryError, match=r"(?s)a mail arrives: no mail within 0.1 s.*the end of the log"):
        told()

    assert "✘ a mail arrives" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("mail", "missing"),
    [
        (Message(MAIL.to, "something arrived", MAIL.body, MAIL.at), "its subject does not name the file"),
        (Message(MAIL.to, MAIL.subject, MAIL.body.replace(demo.FOLDER, ""), MAIL.at), "where the file lies"),
        (Message(MAIL.to, MAIL.subject, MAIL.body.replace("bytes", ""), MAIL.at), "how large the file is"),
    ],
    ids=["subject", "key", "size"],
)
def test_a_mail_that_says_something_else_is_told(told, mail, missing):
    with pytest.raises(StoryError, match=f"the mail is right: .*{missing}"):
        told(mail)


@pytest.mark.parametrize(
    ("story", "code"),
    [(lambda stack: None, 0), (lambda stack: (_ for _ in ()).throw(StoryError("no mail")), 1)],  # noqa: ARG005
    ids=["happened", "did not happen"],
)
def test_the_exit_code_says_whether_it_happened(monkeypatch, story, code):
    monkeypatch.setattr("local.__main__.forget_real_accounts", lambda: None)
    monkeypatch.setattr("local.stack.running", lambda *_, **__: nullcontext(SimpleNamespace()))
    monkeypatch.setattr("local.demo.tell_story", story)

    answer = CliRunner().invoke(cli, ["demo", "--port", "0"])

    assert answer.exit_code == code
    assert ("Error: no mail" in answer.output) == (code == 1)
