"""AWS's answers without AWS: what is left of an event's time is the handler's own, with signing and parsing.

Every call is answered at the place where botocore would send it, the same for ours and the naive functions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

_ITEM = {
    "id": {"S": "5f0c3a9b1d7e24680ace13579bdf0246"},
    "bucket": {"S": "file-notifications-uploads-bucket-1a2b3c4"},
    "key": {"S": "invoices/2026/november/invoice-00001.csv"},
    "region": {"S": "us-east-1"},
    "size": {"N": "23"},
    "etag": {"S": "d41d8cd98f00b204e9800998ecf8427e"},
    "by": {"S": "maria"},
    "status": {"S": "received"},
    "arrived": {"S": "2026-11-18T11:10:00.000Z"},
    "month": {"S": "2026-11#1"},
    "order": {"S": "0055AED6DC00000001"},
    "e:0123456789": {"N": "1795000232.000"},
    "minute10": {"N": "1"},  # the storm guard's counter is asked for with the same operation
}

_PUBLISHED = b"""<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>\
<MessageId>5d0c2ea8-43a1-5c6f-9d5b-7182a1d5a9ec</MessageId></PublishResult><ResponseMetadata>\
<RequestId>1c5e7bd1-9a8e-5a6b-8f0a-24fba86b4c3e</RequestId></ResponseMetadata></PublishResponse>"""

_SENT = {"MD5OfMessageBody": "a5f0c3b1d7e24680ace13579bdf02468", "MessageId": "5fea7756-0ea4-451a-a703-a558b933e274"}

_ANSWERS: dict[str, bytes] = {
    "Publish": _PUBLISHED,
    "SendMessage": json.dumps(_SENT).encode(),
    "PutItem": b"{}",
    "GetItem": b"{}",  # nothing was counted in the minute before
    "UpdateItem": json.dumps({"Attributes": _ITEM}).encode(),
}


class _Body:
    """A body as urllib3 hands it over."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


def answer_calls() -> None:
    """Answer the calls of every client that boto3 makes from now on, in this process."""
    boto3.setup_default_session()
    session: Any = boto3.DEFAULT_SESSION
    session.events.register("before-send", _answer)


def _answer(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
    """The answer to one call; `event_name` is before-send.SERVICE.OPERATION. Raises KeyError for one without."""
    operation = event_name.rsplit(".", 1)[-1]
    content = _ANSWERS[operation]
    if operation == "UpdateItem" and isinstance(request.body, bytes) and b'"ReturnValues"' not in request.body:
        content = b"{}"  # DynamoDB returns only what is asked for
    headers = HTTPHeaders.from_dict({"Content-Length": str(len(content)), "x-amzn-RequestId": "1c5e7bd1-9a8e-5a6b"})
    return AWSResponse(request.url, 200, headers, _Body(content))
