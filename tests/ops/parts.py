"""Stacks on a stubbed AWS, and the commands run in this process."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock, patch

import boto3
from botocore.stub import Stubber
from click.testing import CliRunner, Result

from domain.access import DEFAULT_ACCESS
from domain.rules import Rule
from domain.topology import own_address
from ops.__main__ import cli
from ops.doctor.finding import Finding
from ops.reading.deployed import Deployed
from ops.reading.functions import Function
from ops.reading.queues import Queue
from ops.reading.subscriptions import Subscription
from ops.stack import Stack

ACCOUNT, REGION = "111122223333", "eu-west-1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:notifications-topic"
BUCKET = "uploads-bucket"
QUEUES = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}"
BASIC = {
    "mode": "basic",
    "region": REGION,
    "bucketName": BUCKET,
    "topicArn": TOPIC,
    "failedEventsQueueUrl": f"{QUEUES}/failed-events",
    "undeliveredQueueUrl": f"{QUEUES}/undelivered",
    "notifyFunctionName": "notify-function",
    "alarmTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms-topic",
}
ADVANCED = {
    **BASIC,
    "mode": "advanced",
    "tableName": "catalogue",
    "auditLogGroupName": "audit-log",
    "workQueueUrl": f"{QUEUES}/work",
    "workDeadLettersUrl": f"{QUEUES}/work-dead",
    "digestQueueUrl": f"{QUEUES}/digest",
    "digestDeadLettersUrl": f"{QUEUES}/digest-dead",
    "digestFunctionName": "digest-function",
    "userPoolId": "eu-west-1_abc",
    "webUrl": "https://d111.cloudfront.net",
    "access": {grant.group: grant.meaning for grant in DEFAULT_ACCESS},
}
EVERY_FILE = Rule(name="every file", to=("ann@example.com",))


def a_stack(outputs: Any = BASIC, **changes: Any) -> Stack:
    return Stack(**{"outputs": outputs, "where": "stack dev", "options": ("--stack", "dev"), **changes})


def a_function(**changes: Any) -> Function:
    return Function(
        **{
            "name": "notify-function",
            "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:notify-function",
            "state": "Active",
            "state_reason": "",
            "last_update": "Successful",
            "memory_megabytes": 256,
            "log_group": "notify-logs",
            "environment": {
                "POWERTOOLS_METRICS_NAMESPACE": "file-notifications/dev",
                "POWERTOOLS_SERVICE_NAME": "notify",
            },
            "code_url": "",
            "reserved": None,
            **changes,
        }
    )


def a_queue(name: str, **changes: Any) -> Queue:
    return Queue(
        **{
            "arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
            "waiting": 0,
            "in_flight": 0,
            "policy": {},
            "redrive": {},
            **changes,
        }
    )


def a_subscription(endpoint: str = "ann@example.com", protocol: str = "email", **changes: Any) -> Subscription:
    policy = changes.pop("filter_policy", {"deliver": ["every file", own_address(endpoint)]})
    attributes = {
        "FilterPolicy": json.dumps(policy),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:undelivered"}),
        "ConfirmationWasAuthenticated": "true",
        **changes.pop("attributes", {}),
    }
    return Subscription(
        **{
            "arn": f"{TOPIC}:1",
            "protocol": protocol,
            "endpoint": endpoint,
            "is_pending": False,
            "attributes": attributes,
            **changes,
        }
    )


def deployed(stack: Stack | None = None, **known: Any) -> Deployed:
    """A deployed stack with some parts already read: deployed(notify=a_function(), rules=())."""
    read = Deployed(stack or a_stack())
    vars(read).update(known)
    return read


NOW = datetime(2026, 11, 23, 8, 41, tzinfo=UTC)


@contextmanager
def clock_of(*modules: str) -> Iterator[None]:
    """For these modules it is NOW, however long after the tests were collected."""
    clock = Mock(wraps=datetime, **{"now.return_value": NOW})
    with ExitStack() as patched:
        for module in modules:
            patched.enter_context(patch(f"{module}.datetime", clock))
        yield


@contextmanager
def answering(stack: Stack, service: str, *answers: Any) -> Iterator[Stubber]:
    """AWS answers exactly these calls, in this order: (operation, answer) or (operation, error code), optionally with
    the expected parameters."""
    name = {"lambda": "lambda_", "cognito-idp": "cognito"}.get(service, service)
    client = boto3.client(service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
    vars(stack.aws)[name] = client
    with Stubber(client) as stub:
        for operation, answer, *expected in answers:
            parameters = expected[0] if expected else None
            if isinstance(answer, str):
                stub.add_client_error(operation, answer, f"{answer}!", expected_params=parameters)
            else:
                stub.add_response(operation, answer, parameters)
        yield stub
        stub.assert_no_pending_responses()


def ops(*words: str, **options: Any) -> Result:
    """`python -m ops …`"""
    return CliRunner().invoke(cli, words, prog_name="python -m ops", **options)


def document(result: Result) -> Any:
    """The one JSON document that a command with --json printed."""
    return json.loads(result.stdout)


def by_id(findings: Iterable[Finding]) -> dict[str, Finding]:
    return {finding.id: finding for finding in findings}


def only(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding
