"""The smallest use of each permission. Each returns what was refused: nothing as long as the permission is there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from domain.events import FileEvent, file_id_of
from domain.messages import REPROCESS_SCHEMA, upload_payload
from domain.notifications import Notification, NotificationTooLargeError
from domain.s3_events import file_event
from domain.topology import CHANNELS_VARIABLE
from handlers.data.chat_queue import ChatQueue
from handlers.data.digest_queue import DigestQueue
from handlers.data.items import ANNOUNCED
from handlers.data.webhooks import Webhooks
from handlers.logic.digester import Digester
from tests.e2e.stack import wait_until
from tests.permissions.enforced import Enforced

_ACTION = re.compile(r"not authorized to perform:? (\S+?:\w+)")


def _said(lines: list[str]) -> str:
    """The shortest form of what a log says of a refusal."""
    for line in lines:
        if found := _ACTION.search(line):
            return f"denied: {found[1]}"
    return f"denied: {lines[0][:100]}" if lines else ""


def record(stack: Enforced, key: str, **of_it: Any) -> dict[str, Any]:
    """An upload as S3 reports it."""
    item = {"key": key, "size": 5, "eTag": "e", "sequencer": key.encode().hex()[-16:], **of_it}
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": stack.aws.region,
        "eventTime": "2026-11-23T08:41:07.123Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AROAEXAMPLE:maria"},
        "s3": {"bucket": {"name": stack.bucket}, "object": item},
    }


def notify(stack: Enforced) -> str:
    """notify publishes one event."""
    return _notified(stack, stack.unique("notified"))


def notify_late(stack: Enforced) -> str:
    """notify publishes one event of a file that a rule expected earlier, and reads what was found out about it."""
    return _notified(stack, stack.unique("never"))


def _notified(stack: Enforced, key: str) -> str:
    stack.invoke("notifyFunctionName", {"Records": [record(stack, key)]})
    return _said(stack.refused("notify", file_id_of(stack.bucket, key)))


def expect(stack: Enforced) -> str:
    """expect reports a window in which nothing arrived, each time another one."""
    scheduled = f"{date(2026, 11, 1) - timedelta(days=next(_days))}T06:00:00Z"
    stack.invoke("expectFunctionName", {"rule": "expected", "scheduledTime": scheduled})
    return _said(stack.refused("expect", scheduled))


_days = count()


def _known(stack: Enforced, *, version: bool, folder: str = "known", body: bytes = b"hello") -> str:
    """A file's item, made by notify; with or without the version of its object. Returns its id."""
    key = stack.unique(folder)
    stored = stack.aws.s3.put_object(Bucket=stack.bucket, Key=key, Body=body)
    of_it = {"versionId": stored["VersionId"]} if version else {}
    later = {"sequencer": "FFFFFFFFFFFFFFFF"}
    stack.invoke("notifyFunctionName", {"Records": [record(stack, key, **of_it, **later)]})
    return file_id_of(stack.bucket, key)


def _process(stack: Enforced, body: object, *, message_id: str = "any") -> Any:
    message = {
        "messageId": message_id,
        "receiptHandle": "none",
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{stack.aws.region}:000000000000:work",
        "awsRegion": stack.aws.region,
    }
    return stack.invoke("process-function", {"Records": [message]})


def _item(stack: Enforced, file_id: str) -> dict[str, Any]:
    found = stack.aws.dynamodb.get_item(TableName=stack.outputs["tableName"], Key={"id": {"S": file_id}})
    return dict(found.get("Item", {}))


def _process_file(stack: Enforced, file_id: str) -> str:
    _process(stack, {"schema": REPROCESS_SCHEMA, "id": file_id})
    failure = _item(stack, file_id).get("failure", {}).get("L", [])
    if failure and failure[0]["S"] == "forbidden":
        return "the item says: forbidden"
    return _said(stack.refused("process", file_id))


def process_a_version(stack: Enforced) -> str:
    """process reads an object's version."""
    return _process_file(stack, _known(stack, version=True))


def process_no_version(stack: Enforced) -> str:
    """process reads an object that the event gave no version of."""
    return _process_file(stack, _known(stack, version=False))


def look_for_result_later(stack: Enforced) -> str:
    """process has inspected an upload that has no result of the malware scan yet."""
    key = stack.unique("scan-never")
    stored = stack.aws.s3.put_object(Bucket=stack.bucket, Key=key, Body=b"hello")
    upload = record(stack, key, versionId=stored["VersionId"], sequencer="FFFFFFFFFFFFFFFF")
    stack.invoke("notifyFunctionName", {"Records": [upload]})
    event = file_event(upload)
    assert isinstance(event, FileEvent)
    _process(stack, upload_payload(event, rules=[], digest=[], late=None, page=None, console=""))
    return _said(stack.refused("process", event.file_id))


def announce(stack: Enforced) -> str:
    """process reads a file that is broken, which a rule asks for."""
    file_id = _known(stack, version=True, folder="findings", body=b"PK\x03\x04" + bytes(60))
    _process_file(stack, file_id)

    def refused() -> list[str]:
        return [line for line in stack.refused("process", file_id) if "sns:publish" in line.lower()]

    # The upload's own event is on its way as well, and its announcement may be the one refused. Whichever of the two
    # came second found the announcement leased, and says nothing of how the first one ended.
    wait_until(lambda: refused() or "S" in _item(stack, file_id).get(ANNOUNCED["broken"], {}), "nothing announced")
    return _said(refused())


def redeliver(stack: Enforced) -> str:
    """process fails on a message, and has it redelivered soon."""
    message_id = stack.unique("message")
    _process(stack, {"schema": "unknown"}, message_id=message_id)
    return _said(stack.refused("process", message_id))


def _digest(stack: Enforced) -> str:
    before = stack.denials("digest")
    answer = json.dumps(stack.invoke("digestFunctionName", {}))
    return _said([*stack.denied("digest")[before:], *([answer] if "not authorized" in answer else [])])


def _wait_for_digest(stack: Enforced) -> None:
    stack.invoke("notifyFunctionName", {"Records": [record(stack, stack.unique("digests"))]})


def send_digest(stack: Enforced) -> str:
    """digest sends what waits."""
    _wait_for_digest(stack)
    said = _digest(stack)
    _empty(stack)
    return said


def keep_for_one_rule(stack: Enforced) -> str:
    """digest cannot notify one rule, and keeps the message for that rule alone.

    Its code runs here, with its role: no message that it accepts can be published for one rule and not for another.
    """

    def publish(notification: Notification) -> None:
        if notification.attributes["deliver"] == ("alpha",):
            raise NotificationTooLargeError("alpha is not notified")

    _wait_for_digest(stack)
    queue = DigestQueue(
        logger=Logger(), client=stack.as_role("digest-role", "sqs"), url=stack.outputs["digestQueueUrl"]
    )
    digester = Digester(
        logger=Logger(level="CRITICAL"), queue=queue, rules={}, partition="aws", publish=publish, pause=lambda _: None
    )
    try:
        digester.run(lambda: 60.0)
    except ExceptionGroup as failed:
        notified, *others = map(str, failed.exceptions)
        assert notified == "alpha is not notified"
        return _said(others)
    finally:
        _empty(stack)
    raise AssertionError("alpha was notified")


def _as_chat(stack: Enforced, call: Callable[[ChatQueue], object]) -> str:
    """What chat's own code does on its queue, with chat's role. The receipt is none: SQS checks it after the right."""
    queue = ChatQueue(client=stack.as_role("chat-role", "sqs"), url=stack.outputs["chatQueueUrl"])
    return _said_by(lambda: call(queue))


def _said_by(call: Callable[[], object]) -> str:
    try:
        call()
    except ClientError as refusal:
        return _said([str(refusal)]) if "not authorized" in str(refusal) else ""
    return ""


def _environment(stack: Enforced, output: str) -> dict[str, str]:
    configuration = stack.aws.lambda_.get_function_configuration(FunctionName=stack.outputs[output])
    return dict(configuration["Environment"]["Variables"])


def read_webhook(stack: Enforced) -> str:
    """chat reads the webhook of its channel."""
    parameters = json.loads(_environment(stack, "chatFunctionName")[CHANNELS_VARIABLE])
    webhooks = Webhooks(client=stack.as_role("chat-role", "ssm"), parameters=parameters)
    return _said_by(lambda: webhooks.of("alerts"))


def copy_for_channel(stack: Enforced) -> str:
    """chat sends a copy for the one channel that missed a message. The copy is of no rule, and dropped."""
    body = json.dumps({"Type": "Notification", "Message": "{}"})
    return _as_chat(stack, lambda queue: queue.send_copy(body, "alerts", delay=0))


def retry_post(stack: Enforced) -> str:
    """chat says when a message is received again."""
    return _as_chat(stack, lambda queue: queue.retry({"none": 15}))


def delete_posted(stack: Enforced) -> str:
    """chat deletes what it has posted."""
    return _as_chat(stack, lambda queue: queue.delete("none"))


def _empty(stack: Enforced) -> None:
    """What a digest could not publish or delete must not disturb the next one."""
    stack.aws.sqs.purge_queue(QueueUrl=stack.outputs["digestQueueUrl"])


def _asked(stack: Enforced, method: str, path: str, **options: Any) -> str:
    before = stack.denials("api")
    answer = stack.call(method, path, **options)
    if answer.is_success:
        return ""
    return _said(stack.denied("api")[before:]) or f"{answer.status_code}"


def list_files(stack: Enforced) -> str:
    """GET /files."""
    _known(stack, version=True)
    return _asked(stack, "GET", "/files")


def search(stack: Enforced) -> str:
    """GET /files with a prefix."""
    return _asked(stack, "GET", "/files", params={"prefix": "known/"})


def describe(stack: Enforced) -> str:
    """GET /files/{id}."""
    return _asked(stack, "GET", f"/files/{_known(stack, version=True)}")


def count(stack: Enforced) -> str:
    """GET /stats, with days that nobody has counted yet."""
    table = stack.outputs["tableName"]
    pages = stack.aws.dynamodb.get_paginator("scan").paginate(TableName=table)
    for item in (item for page in pages for item in page["Items"] if item["id"]["S"].startswith("day#")):
        stack.aws.dynamodb.delete_item(TableName=table, Key={"id": item["id"]})
    return _asked(stack, "GET", "/stats")


def _download(stack: Enforced, file_id: str) -> str:
    link = stack.call("GET", f"/files/{file_id}/download").json()["url"]
    answer = stack.http.get(link)
    return "" if answer.is_success else f"the link answers {answer.status_code}"


def download_a_version(stack: Enforced) -> str:
    """The link of GET /files/{id}/download."""
    return _download(stack, _known(stack, version=True))


def download_no_version(stack: Enforced) -> str:
    """The link to a file whose event gave no version."""
    return _download(stack, _known(stack, version=False))


def delete(stack: Enforced) -> str:
    """DELETE /files/{id}."""
    return _asked(stack, "DELETE", f"/files/{_known(stack, version=True)}")


def reprocess(stack: Enforced) -> str:
    """POST /files/{id}/reprocess."""
    return _asked(stack, "POST", f"/files/{_known(stack, version=True)}/reprocess")


def ask_to_upload(stack: Enforced) -> str:
    """POST /uploads."""
    return _asked(stack, "POST", "/uploads", json={"name": "a.txt", "size": 5, "contentType": "text/plain"})


def upload(stack: Enforced) -> str:
    """The form of POST /uploads, sent to the bucket."""
    answer = stack.send(stack.form("b.txt"))
    return "" if answer.is_success else f"the bucket answers {answer.status_code}"


def _started(stack: Enforced) -> dict[str, Any]:
    """The links of an upload in parts that has begun."""
    size = 6 * 1024 * 1024
    wanted = {"name": "c.bin", "size": size, "contentType": "application/octet-stream"}
    upload = stack.call("POST", "/multipart-uploads", json=wanted).json()
    answer = stack.http.post(upload["start"]["url"], headers=upload["start"]["headers"])
    (upload_id,) = re.findall("<UploadId>(.+?)</UploadId>", answer.text)
    started = {"key": upload["key"], "uploadId": upload_id, "size": size, "firstPart": 1}
    links: dict[str, Any] = stack.call("POST", "/multipart-uploads/links", json=started).json()
    return links


def list_parts(stack: Enforced) -> str:
    """The list link of POST /multipart-uploads/links."""
    answer = stack.http.get(_started(stack)["listUrl"])
    return "" if answer.is_success else f"the link answers {answer.status_code}"


def abort_parts(stack: Enforced) -> str:
    """The abort link of POST /multipart-uploads/links."""
    answer = stack.http.delete(_started(stack)["abortUrl"])
    return "" if answer.is_success else f"the link answers {answer.status_code}"
