"""The audit log takes a line, or says that it did not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from handlers.data.audit_log import AuditLog, UnrecordedError

PUT = {
    "logGroupName": "audit",
    "logStreamName": "acts",
    "logEvents": [{"timestamp": 1_795_423_267_123, "message": "{}"}],
}
MAKE = {"logGroupName": "audit", "logStreamName": "acts"}
ABSENT = "ResourceNotFoundException"


@pytest.fixture
def logs() -> Any:
    once = Config(retries={"total_max_attempts": 1})  # botocore would wait between attempts
    return boto3.client("logs", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b", config=once)


@pytest.fixture
def aws(logs) -> Iterator[Stubber]:
    with Stubber(logs) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def log(logs) -> AuditLog:
    return AuditLog(logs, "audit", clock=lambda: 1_795_423_267.123)


def test_a_line_is_one_call(aws, log):
    aws.add_response("put_log_events", {}, PUT)

    log.write("{}")


def test_the_first_line_of_all_makes_the_stream(aws, log):
    aws.add_client_error("put_log_events", ABSENT, expected_params=PUT)
    aws.add_response("create_log_stream", {}, MAKE)
    aws.add_response("put_log_events", {}, PUT)

    log.write("{}")


def test_a_stream_that_another_invocation_made_meanwhile_is_written_to(aws, log):
    aws.add_client_error("put_log_events", ABSENT)
    aws.add_client_error("create_log_stream", "ResourceAlreadyExistsException")
    aws.add_response("put_log_events", {}, PUT)

    log.write("{}")


def test_a_log_group_that_is_gone_is_an_error(aws, log):
    aws.add_client_error("put_log_events", ABSENT)
    aws.add_client_error("create_log_stream", ABSENT)

    with pytest.raises(UnrecordedError, match="audit log audit did not take a line"):
        log.write("{}")


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ServiceUnavailableException"])
def test_a_refusal_is_an_error(aws, log, code):
    aws.add_client_error("put_log_events", code)

    with pytest.raises(UnrecordedError, match=code):
        log.write("{}")


def test_a_line_that_cloudwatch_rejects_in_a_success_is_an_error(aws, log):
    aws.add_response("put_log_events", {"rejectedLogEventsInfo": {"tooNewLogEventStartIndex": 0}}, PUT)

    with pytest.raises(UnrecordedError, match="tooNewLogEventStartIndex"):
        log.write("{}")


def test_no_answer_at_all_is_an_error(logs, log):
    def fail(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://logs")

    logs.meta.events.register("before-send", fail)

    with pytest.raises(UnrecordedError):
        log.write("{}")
