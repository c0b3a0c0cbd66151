"""The whole story with IAM enforced, and what is refused to everyone else. `make permissions` tries every action."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from domain.audit import AUDIT_STREAM
from local.emulator.aws import forget_real_accounts
from tests.e2e.stack import wait_until
from tests.permissions import needs
from tests.permissions.enforced import EVERYONE, Enforced, enforced
from tests.permissions.guards import EXERCISED, Guard
from tests.permissions.needs import Need
from tests.permissions.removal import refused_without, seen_without

CHEAP = {
    ("notify-role", "sns:Publish"),
    ("process-role", "s3:GetObjectVersion"),
    ("process-role", "sns:Publish"),
    ("digest-role", "sqs:SendMessage"),
    ("api-role", "dynamodb:Query"),
    ("api-uploader", "s3:PutObject"),
    ("api-remover", "s3:DeleteObject"),
    ("api-role", "logs:PutLogEvents"),
}

pytestmark = pytest.mark.xdist_group("permissions")


@pytest.fixture(scope="module")
def stack() -> Iterator[Enforced]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        environment: dict[str, str] = {}
        forget_real_accounts(environment)
        for name, value in environment.items():
            patch.setenv(name, value)
        with enforced() as stack:
            yield stack


def refused(error: pytest.ExceptionInfo[ClientError]) -> int:
    return int(error.value.response["ResponseMetadata"]["HTTPStatusCode"])


def record_something(logs: Any, group: str) -> None:
    logs.put_log_events(logGroupName=group, logStreamName=AUDIT_STREAM, logEvents=[{"timestamp": 1, "message": "m"}])


def test_from_upload_to_mail_item_result_list_download_and_again(stack: Enforced):
    form = stack.form("story.txt")
    assert stack.send(form).status_code == 204

    stack.processed(form["id"])
    (mail,) = wait_until(
        lambda: [one for one in stack.stack.mailbox.messages() if "story.txt" in one.subject], "no mail"
    )
    assert (mail.to, "by maria" in mail.body) == (EVERYONE, True)
    assert form["id"] in [one["id"] for one in stack.call("GET", "/files").json()["files"]]
    assert stack.http.get(stack.call("GET", f"/files/{form['id']}/download").json()["url"]).content == b"hello"
    table, key = stack.outputs["tableName"], {"id": {"S": form["id"]}}
    stack.aws.dynamodb.update_item(TableName=table, Key=key, UpdateExpression="REMOVE sha256")
    assert stack.call("POST", f"/files/{form['id']}/reprocess").status_code == 202
    wait_until(lambda: "sha256" in stack.processed(form["id"]), "not processed again")
    assert stack.call("DELETE", f"/files/{form['id']}").status_code == 204
    stack.processed(form["id"], "removed")


def test_a_digest_goes_out(stack: Enforced):
    stack.aws.s3.put_object(Bucket=stack.bucket, Key="digests/one.txt", Body=b"hello")
    url = stack.outputs["digestQueueUrl"]

    def waits() -> bool:
        asked = ["ApproximateNumberOfMessages"]
        found = stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"]
        return found["ApproximateNumberOfMessages"] == "1"

    wait_until(waits, "nothing waits")
    assert stack.invoke("digestFunctionName", {})["digests"] == 2
    notified = {mail.to for mail in stack.stack.mailbox.messages() if "one.txt" in mail.subject}
    assert {"alpha@example.com", "beta@example.com"} <= notified


@pytest.mark.parametrize(
    "need",
    [need for need in needs.EXERCISED if (need.role, need.action) in CHEAP],
    ids=lambda need: f"{need.role} {need.action}",
)
def test_a_function_that_lacks_one_permission_is_refused(stack: Enforced, need: Need):
    assert need.exercise is not None
    assert need.exercise(stack) == ""
    assert refused_without(stack, need) != ""
    assert need.exercise(stack) == ""


def test_nobody_reads_lists_or_writes_files_without_signing(stack: Enforced):
    key = stack.unique()
    stack.aws.s3.put_object(Bucket=stack.bucket, Key=key, Body=b"hello")
    anybody = stack.client("s3")

    for attempt in (
        lambda: anybody.get_object(Bucket=stack.bucket, Key=key),
        lambda: anybody.list_objects_v2(Bucket=stack.bucket),
        lambda: anybody.put_object(Bucket=stack.bucket, Key=key, Body=b"mine"),
        lambda: anybody.delete_object(Bucket=stack.bucket, Key=key),
    ):
        with pytest.raises(ClientError) as error:
            attempt()
        assert refused(error) == 403


@pytest.mark.parametrize(("method", "path"), [("GET", "/files"), ("POST", "/uploads"), ("GET", "/stats")])
def test_nobody_calls_the_api_without_a_token(stack: Enforced, method: str, path: str):
    assert stack.call(method, path, token="").status_code == 401


def test_a_form_uploads_into_its_persons_prefix_only(stack: Enforced):
    form = stack.form("mine.txt")
    assert form["key"].startswith("people/maria/")

    assert stack.send(form, key="people/bob/mine.txt").status_code == 403
    assert stack.send(form, key="invoices/mine.txt").status_code == 403


@pytest.mark.parametrize(
    ("role", "service", "attempt"),
    [
        ("notify-role", "s3", lambda s, c: c.list_objects_v2(Bucket=s.bucket)),
        ("notify-role", "dynamodb", lambda s, c: c.scan(TableName=s.outputs["tableName"])),
        ("process-role", "sns", lambda s, c: c.publish(TopicArn=s.outputs["alarmTopicArn"], Message="m")),
        ("process-role", "s3", lambda s, c: c.put_object(Bucket=s.bucket, Key="k", Body=b"")),
        ("digest-role", "dynamodb", lambda s, c: c.scan(TableName=s.outputs["tableName"])),
        ("api-role", "s3", lambda s, c: c.put_object(Bucket=s.bucket, Key="k", Body=b"")),
        ("api-role", "s3", lambda s, c: c.delete_object(Bucket=s.bucket, Key="k")),
        ("api-role", "logs", lambda s, c: c.delete_log_group(logGroupName=s.outputs["auditLogGroupName"])),
        ("notify-role", "logs", lambda s, c: record_something(c, s.outputs["auditLogGroupName"])),
        ("api-role", "sqs", lambda s, c: c.receive_message(QueueUrl=s.outputs["failedEventsQueueUrl"])),
    ],
)
def test_a_role_does_nothing_that_is_another_ones(stack: Enforced, role: str, service: str, attempt):
    client = stack.as_role(role, service)

    with pytest.raises(ClientError, match=r"AccessDenied|AuthorizationError|not authorized"):
        attempt(stack, client)


@pytest.mark.parametrize("role", ["api-uploader", "api-remover"])
def test_nobody_but_the_api_function_acts_in_a_persons_name(stack: Enforced, role: str):
    for anybody in (stack.as_role("notify-role", "sts"), stack.as_root("sts")):
        with pytest.raises(ClientError, match="AccessDenied"):
            anybody.assume_role(RoleArn=stack.role(role)["Arn"], RoleSessionName="trial")


@pytest.mark.parametrize("guard", EXERCISED, ids=lambda guard: f"{guard.resource} {guard.statement}")
def test_a_policy_that_lacks_one_statement_is_seen(stack: Enforced, guard: Guard):
    assert guard.exercise is not None
    assert guard.exercise(stack) == ""
    assert seen_without(stack, guard) != ""
    assert guard.exercise(stack) == ""
