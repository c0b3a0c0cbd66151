"""What leaves the process is what botocore would have sent by itself, only made with less work."""

from __future__ import annotations

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

ANSWER = b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"


class Body:
    def stream(self):
        yield ANSWER


@pytest.mark.parametrize(
    "text",
    ["plain", "résumé/日本語 🚀 + & = %2B\n\t~*", '{"default": "\\"quoted\\""}', "long " * 600],
    ids=["plain", "escaped", "quoted", "long"],
)
def test_a_notification_that_is_encoded_once_is_sent_as_it_would_be_otherwise(notify, text):
    sent = []

    def send(request, **_):
        sent.append((request.body, request.headers["Content-Type"], request.headers["Content-Length"]))
        return AWSResponse(request.url, 200, HTTPHeaders.from_dict({}), Body())

    for is_encoded_once in (False, True):
        sns = boto3.Session().client("sns")  # not the one that the fixture gives the function
        sns.meta.events.register("before-send.sns.Publish", send)
        if is_encoded_once:
            sns.meta.events.register("before-call.sns.Publish", notify.module._encode_once)
        attributes = {"rules": {"DataType": "String.Array", "StringValue": '["a b", "ü"]'}}
        sns.publish(TopicArn="arn:aws:sns:eu-west-1:1:t", Message=text, MessageAttributes=attributes)

    assert sent[0] == sent[1]
    assert len(sent) == 2


def test_a_notification_that_another_boto3_sends_as_no_form_is_left_to_it(notify):
    params = {"body": b'{"TopicArn": "arn:aws:sns:eu-west-1:1:t"}'}

    notify.module._encode_once(params)

    assert params == {"body": b'{"TopicArn": "arn:aws:sns:eu-west-1:1:t"}'}
