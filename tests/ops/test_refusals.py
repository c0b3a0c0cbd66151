"""Every error is one message with a fix, never a traceback."""

from __future__ import annotations

import json

import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProfileNotFound

from ops import status
from tests.ops.parts import BASIC, document, ops


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """failing(error) runs a command in which AWS, or the code, raises this error."""
    (tmp_path / "o.json").write_text(json.dumps(BASIC))

    def run(error, *words):
        def fail(*_):
            raise error

        monkeypatch.setattr(status, "_delivering", fail)
        return ops("status", "--outputs", str(tmp_path / "o.json"), *words)

    return run


def refusal(code, message="a reason"):
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetQueueAttributes")


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (refusal("AccessDenied"), ["you are not allowed to call GetQueueAttributes", "aws sts get-caller-identity"]),
        (refusal("ExpiredToken"), ["does not accept these credentials", "aws sso login"]),
        (refusal("QueueDoesNotExist"), ["is missing", "python -m ops doctor"]),
        (refusal("QueueDoesNotExist", "No such queue."), ["GetQueueAttributes: No such queue. A part of"]),
        (refusal("InternalError"), ["GetQueueAttributes failed: a reason"]),
        (NoCredentialsError(), ["no AWS credentials were found", "aws sso login"]),
        (ProfileNotFound(profile="x"), ["profile (x) could not be found", "aws configure list-profiles"]),
        (EndpointConnectionError(endpoint_url="https://x"), ["AWS in eu-west-1 cannot be reached"]),
        (KeyError("surprise"), ["internal error: KeyError: 'surprise'", "OPS_TRACEBACK=1"]),
    ],
)
def test_an_error_is_one_message_with_what_to_do(failing, error, parts):
    answer = failing(error)

    assert answer.exit_code == 2
    assert "Traceback" not in answer.output
    for part in parts:
        assert part in answer.stderr


def test_an_error_of_aws_is_a_document_for_programs(failing):
    answer = failing(refusal("AccessDenied"), "--json")

    assert answer.exit_code == 2
    assert document(answer)["error"]["fix"] == "aws sts get-caller-identity"


def test_an_internal_error_is_a_document_for_programs(failing):
    answer = failing(KeyError("surprise"), "--json")

    assert answer.exit_code == 2
    assert "KeyError: 'surprise'" in document(answer)["error"]["what"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), click.Abort()])
def test_control_c_ends_a_command_quietly(failing, stop):
    answer = failing(stop)

    assert answer.exit_code == 130
    assert "interrupted; completed steps are not rolled back" in answer.stderr


def test_the_traceback_of_an_internal_error_can_be_shown(failing, monkeypatch):
    monkeypatch.setenv("OPS_TRACEBACK", "1")

    assert isinstance(failing(KeyError("surprise")).exception, KeyError)
