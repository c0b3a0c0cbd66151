"""`python -m local upload` takes every file that the machine can have, or refuses it in one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.__main__ import cli
from local.emulator.aws import forget_real_accounts
from local.ready_file import Ready
from local.upload import key_of, upload

NAMES = st.binary(min_size=1, max_size=255).filter(
    lambda name: not {0, ord("/")} & set(name) and name not in (b".", b"..")
)
"""What Linux takes as the name of a file."""


@pytest.fixture(scope="module")
def ready(aws):
    """A running stack, as far as an upload sees it."""
    aws.s3.create_bucket(Bucket="uploads")
    return Ready(aws.endpoint, aws.region, {"bucketName": "uploads"}, "http://mailbox/", {})


@pytest.fixture
def run(ready, monkeypatch, tmp_path):
    """Type a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("local.__main__.forget_real_accounts", lambda: forget_real_accounts({}))
    monkeypatch.setattr("local.__main__.stack_at", lambda _: ready)
    return lambda *words: CliRunner().invoke(cli, ["upload", *words])


def refused(answer, reason: str) -> None:
    assert answer.exit_code in (1, 2)
    assert isinstance(answer.exception, SystemExit)
    assert reason in answer.output
    (line,) = [line for line in answer.output.splitlines() if line.startswith("Error: ")]
    assert line.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "résumé+1 (final).pdf",
        "100%25.txt",
        " ",
        "~",
        "*",
        "new\nline",
        "tab\t\x01\x7f",
        "...",
        "a" * 255,
        "é" * 127,
        "🚀",
    ],
    ids=ascii,
)
def test_a_file_is_stored_under_its_name(run, aws, tmp_path, name):
    (tmp_path / name).write_bytes(b"content")

    answer = run(name)

    assert answer.exit_code == 0, answer.output
    assert len(answer.output.splitlines()) == 1
    assert aws.s3.get_object(Bucket="uploads", Key=name)["Body"].read() == b"content"


@pytest.mark.parametrize("words", [["--", "-x.txt"], ["./-x.txt"]], ids=ascii)
def test_a_name_that_begins_with_a_dash_is_written_as_for_any_command(run, aws, tmp_path, words):
    (tmp_path / "-x.txt").write_bytes(b"content")

    assert run(*words).exit_code == 0
    assert aws.s3.get_object(Bucket="uploads", Key="-x.txt")["Body"].read() == b"content"


@pytest.mark.parametrize(
    "key", ["a/b/c.txt", "folder/", "/leading", "a//b", "../../up", "a/../b", ".", "..", "é" * 512], ids=ascii
)
def test_a_key_may_be_chosen(run, aws, tmp_path, key):
    (tmp_path / "file").write_bytes(b"content")

    assert run("file", "--key", key).exit_code == 0
    assert aws.s3.get_object(Bucket="uploads", Key=key)["Body"].read() == b"content"


def test_a_large_file_with_control_characters_is_stored(run, aws, tmp_path):
    (tmp_path / "large\x01").write_bytes(b"x" * 9_000_000)

    assert run("large\x01").exit_code == 0
    assert aws.s3.head_object(Bucket="uploads", Key="large\x01")["ContentLength"] == 9_000_000


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["absent"], "does not exist"),
        (["."], "is a directory"),
        ([".."], "is a directory"),
        (["folder/"], "is a directory"),
        (["file/"], "File 'file/'"),
        ([""], "does not exist"),
        (["-file"], "No such option"),
        (["unreadable"], "not readable"),
        (["pipe"], "pipe is not a regular file"),
        (["file", "--key", ""], "the key has 0 bytes"),
        (["file", "--key", "a" * 1025], "the key has 1025 bytes; an object key has 1 to 1024"),
        (["file", "--key", "é" * 513], "the key has 1026 bytes"),
        (["file", "--key", "\udcff"], r"'\udcff' is not UTF-8"),
        (["file\nwith-a-line-break-that-is-absent"], "does not exist"),
    ],
    ids=ascii,
)
def test_what_cannot_be_uploaded_is_refused_in_one_line(run, tmp_path, words, reason):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "unreadable").touch(0)
    os.mkfifo(tmp_path / "pipe")
    if reason == "not readable" and os.access(tmp_path / "unreadable", os.R_OK):
        pytest.skip("root can read everything")

    refused(run(*words), reason)


def test_a_name_that_is_not_utf8_is_refused_with_what_helps(run, tmp_path):
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / name).touch()

    refused(run(name), r"the name 'caf\udce9.txt' is not UTF-8, as an object key must be; choose a key with --key")
    assert run(name, "--key", "café.txt").exit_code == 0


def test_a_missing_bucket_is_refused_in_one_line(run, ready, tmp_path):
    (tmp_path / "file").touch()
    ready.outputs["bucketName"] = "absent"
    try:
        refused(run("file"), "NoSuchBucket")
    finally:
        ready.outputs["bucketName"] = "uploads"


@given(name=NAMES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_every_name_that_linux_has_is_stored_or_refused(ready, aws, tmp_path, name):
    file = Path(os.fsdecode(bytes(tmp_path) + b"/" + name))
    file.write_bytes(name)
    try:
        text = name.decode()
    except UnicodeDecodeError:
        with pytest.raises(Exception, match="is not UTF-8"):
            key_of(file, None)
        return

    upload(ready, file, key_of(file, None))

    assert aws.s3.get_object(Bucket="uploads", Key=text)["Body"].read() == name
