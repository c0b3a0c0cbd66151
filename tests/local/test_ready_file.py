"""The file that says where a stack runs."""

import pytest

from local import control
from local.ready_file import Ready, ReadyFileError, read, writable

READY = Ready(
    endpoint="http://127.0.0.1:1",
    region="us-east-1",
    outputs={"bucketName": "b"},
    mailbox="http://127.0.0.1:2/",
    control={"url": "http://127.0.0.1:2/settings", "token": "secret"},
)


def test_a_ready_file_that_is_written_can_be_read(tmp_path):
    READY.write(tmp_path / "stack.json")

    assert read(tmp_path / "stack.json") == READY
    assert list(tmp_path.iterdir()) == [tmp_path / "stack.json"]


def test_only_the_owner_can_read_the_token(tmp_path):
    READY.write(tmp_path / "stack.json")

    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600


def test_a_missing_folder_is_an_error_with_the_command_that_creates_it(tmp_path):
    with pytest.raises(ReadyFileError, match=r"(?s)does not exist.*mkdir -p .*nowhere"):
        writable(tmp_path / "nowhere" / "stack.json")


def test_a_file_that_is_no_ready_file_is_not_overwritten(tmp_path):
    (tmp_path / "README.md").write_text("# Mine")

    with pytest.raises(ReadyFileError, match="is not a ready file"):
        writable(tmp_path / "README.md")


def test_a_ready_file_that_was_left_behind_may_be_overwritten(tmp_path):
    READY.write(tmp_path / "stack.json")

    assert writable(tmp_path / "stack.json") == tmp_path / "stack.json"


def test_no_ready_file_is_an_error_with_the_command_that_starts_a_stack(tmp_path):
    with pytest.raises(ReadyFileError, match=r"(?s)no stack is running.*python -m local up"):
        read(tmp_path / "stack.json")


def test_a_stack_that_has_ended_is_noticed():
    assert not control.runs(READY)
    with pytest.raises(control.NotRunningError, match="no longer answers"):
        control.change(READY, {"mode": "basic"})
