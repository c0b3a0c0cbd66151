"""What the policies of queues, topics and buckets say, and what happens without it.

As with the permissions of roles: `exercise` shows it on the emulator, `source` is where AWS documents the need of
what is not enforced there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from tests.permissions.enforced import Enforced
from tests.permissions.exercises import record

NOT_PUBLISHED, PLAIN = "nothing arrives", "answered without TLS"
_REFUSALS = ("AccessDenied", "AuthorizationError")
_TLS_ONLY = "docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html"


@dataclass(frozen=True, kw_only=True)
class Guard:
    """`resource` is the part of its policy's name between the project and "-policy", `statement` the Sid."""

    resource: str
    statement: str
    fails: str
    exercise: Callable[[Enforced], str] | None = None
    source: str = ""


def queue_url(stack: Enforced, resource: str) -> str:
    (url,) = [one for one in stack.aws.sqs.list_queues()["QueueUrls"] if f"-{resource}-queue-" in one]
    return str(url)


def topic_arn(stack: Enforced, resource: str) -> str:
    arns = [one["TopicArn"] for one in stack.aws.sns.list_topics()["Topics"]]
    (arn,) = [one for one in arns if f"-{resource}-topic-" in one]
    return str(arn)


def _plainly(client: Any, service: str) -> Any:
    """The client, whose requests come as if something before AWS had taken off their TLS."""
    client.meta.events.register(
        f"before-send.{service}", lambda request, **_: request.headers.update({"X-Forwarded-Proto": "http"})
    )
    return client


def _answered(call: Callable[[], object]) -> str:
    try:
        call()
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] not in _REFUSALS:
            raise
        return ""
    return PLAIN


def read_plainly(stack: Enforced) -> str:
    """Someone who may reads a file without TLS."""
    key = stack.unique("plain")
    stack.aws.s3.put_object(Bucket=stack.bucket, Key=key, Body=b"hello")
    client = stack.as_role("process-role", "s3")
    assert client.get_object(Bucket=stack.bucket, Key=key)["Body"].read() == b"hello"
    return _answered(lambda: _plainly(client, "s3").get_object(Bucket=stack.bucket, Key=key))


def _look_at_queue_plainly(stack: Enforced, *, resource: str) -> str:
    sqs = _plainly(stack.as_root("sqs"), "sqs")
    return _answered(lambda: sqs.receive_message(QueueUrl=queue_url(stack, resource), VisibilityTimeout=0))


def _publish_plainly(stack: Enforced, *, resource: str) -> str:
    sns = _plainly(stack.as_root("sns"), "sns")
    return _answered(lambda: sns.publish(TopicArn=topic_arn(stack, resource), Message="without TLS"))


def _published(stack: Enforced, *, resource: str, folder: str) -> str:
    """notify publishes an event; it stays in the queue unseen until it was counted."""
    url = queue_url(stack, resource)
    counted = "ApproximateNumberOfMessagesDelayed"
    stack.aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "900"})
    try:
        stack.invoke("notifyFunctionName", {"Records": [record(stack, stack.unique(folder))]})
        found = stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[counted])["Attributes"]
    finally:
        stack.aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "0"})
        stack.aws.sqs.purge_queue(QueueUrl=url)
    return NOT_PUBLISHED if found[counted] == "0" else ""


def open_page(stack: Enforced) -> str:
    """The web interface, as CloudFront has it from its bucket."""
    here = urlsplit(stack.outputs["apiUrl"])
    host = urlsplit(stack.outputs["webUrl"]).netloc
    answer = stack.http.get(f"{here.scheme}://{here.netloc}/", headers={"Host": host})
    return "" if answer.is_success else f"the page answers {answer.status_code}"


def _tls(resource: str) -> Guard:
    return Guard(
        resource=resource,
        statement="RefusePlainHttp",
        fails="messages can be read without TLS",
        exercise=partial(_look_at_queue_plainly, resource=resource),
    )


ALL: tuple[Guard, ...] = (
    Guard(
        resource="uploads",
        statement="RefusePlainHttp",
        fails="files can be read without TLS",
        exercise=read_plainly,
    ),
    Guard(resource="web-site", statement="RefusePlainHttp", fails="the page can be read without TLS", source=_TLS_ONLY),
    Guard(resource="web-site", statement="AllowCloudFront", fails="the page does not open", exercise=open_page),
    Guard(
        resource="notifications",
        statement="RefusePlainHttp",
        fails="notifications can be published without TLS",
        exercise=partial(_publish_plainly, resource="notifications"),
    ),
    Guard(
        resource="alarms",
        statement="RefusePlainHttp",
        fails="alarms can be published without TLS",
        exercise=partial(_publish_plainly, resource="alarms"),
    ),
    Guard(
        resource="alarms",
        statement="AllowService",
        fails="alarms notify nobody",
        source="docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
    ),
    _tls("work"),
    Guard(
        resource="work",
        statement="AllowService",
        fails="no file is processed",
        exercise=partial(_published, resource="work", folder="notified"),
    ),
    Guard(
        resource="work",
        statement="AllowSender",
        fails="no result of a malware scan is received",
        source="docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html",
    ),
    Guard(
        resource="work-dead-letters",
        statement="AllowService",
        fails="a result of a malware scan that cannot be delivered is lost",
        source="docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
    ),
    _tls("work-dead-letters"),
    _tls("digest"),
    Guard(
        resource="digest",
        statement="AllowService",
        fails="nothing waits for a digest",
        exercise=partial(_published, resource="digest", folder="digests"),
    ),
    _tls("digest-dead-letters"),
    _tls("chat"),
    Guard(
        resource="chat",
        statement="AllowService",
        fails="no chat channel is notified",
        exercise=partial(_published, resource="chat", folder="chat"),
    ),
    _tls("chat-dead-letters"),
    _tls("failed-events"),
    _tls("notifications-undelivered"),
    Guard(
        resource="notifications-undelivered",
        statement="AllowService",
        fails="a notification that cannot be delivered is lost",
        source="docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html",
    ),
    Guard(
        resource="a recipient's queue",
        statement="AllowService",
        fails="the recipient receives nothing",
        source="docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
    ),
)
EXERCISED = tuple(guard for guard in ALL if guard.exercise is not None)
