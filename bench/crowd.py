"""Uploads per second, end to end: both systems on one emulator, eight clients, in turns."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.starts import Pair
from bench.uploads import BODY, key_of
from local.emulator.aws import Aws
from local.stack import Stack

CROWD = 8
PATIENCE_SECONDS = 120
_POLL_SECONDS = 0.02
_NAIVE = Path(__file__).with_name("naive")


class NeverNotifiedError(RuntimeError):
    """Files were uploaded and no notification arrived in time."""


@dataclass
class Target:
    """A bucket to upload to, and a queue that gets every notification of a file."""

    aws: Aws
    bucket: str
    notifications: str
    settled: Callable[[], bool] = lambda: True
    expected: int = 0
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def upload(self, files: int) -> float:
        """Upload so many with a crowd. Returns files notified a second, from the first upload to the last message."""
        keys = [key_of(next(self._numbers)) for _ in range(files)]
        self.expected += files
        begun = time.perf_counter()
        with ThreadPoolExecutor(CROWD) as crowd:
            for _ in crowd.map(lambda key: self.aws.s3.put_object(Bucket=self.bucket, Key=key, Body=BODY), keys):
                pass
        self._wait(lambda: messages(self.aws, self.notifications) >= self.expected)
        seconds = time.perf_counter() - begun
        self._wait(self.settled)  # what is still being processed must not slow down the other one's turn
        return files / seconds

    def _wait(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise NeverNotifiedError(
                    f"{messages(self.aws, self.notifications)} of {self.expected} notifications came"
                )
            time.sleep(_POLL_SECONDS)


def messages(aws: Aws, queue: str) -> int:
    """How many messages are in a queue, those in flight included."""
    found = aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])


def rates(ours: Target, naive: Target, *, rounds: int, files: int) -> Pair:
    """Seconds a file, in `rounds` turns of `files` each."""
    seconds = [(1 / ours.upload(files), 1 / naive.upload(files)) for _ in range(rounds)]
    return Pair(ours=tuple(one for one, _ in seconds), naive=tuple(other for _, other in seconds))


def our_target(stack: Stack) -> Target:
    """The deployed program, with one more subscriber."""
    aws, outputs = stack.aws, stack.outputs

    def settled() -> bool:
        return "workQueueUrl" not in outputs or messages(aws, outputs["workQueueUrl"]) == 0

    notifications = _subscribed(aws, "our-notifications", outputs["topicArn"], {"kind": ["upload"]})
    return Target(aws, outputs["bucketName"], notifications, settled)


def naive_target(aws: Aws, mode: str, mail_to: str) -> Target:
    """The naive handler of a mode with its bucket, topic and one address; in advanced mode also its table and queue."""
    topic = aws.sns.create_topic(Name="naive-notifications")["TopicArn"]
    aws.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=mail_to)
    environment = {"TOPIC_ARN": topic}
    if mode == "advanced":
        environment |= {
            "TABLE_NAME": naive_table(aws),
            "QUEUE_URL": aws.sqs.create_queue(QueueName="naive-work")["QueueUrl"],
        }
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as packed:
        packed.writestr("naive.py", (_NAIVE / f"{mode}.py").read_text())
    function = aws.lambda_.create_function(
        FunctionName="naive",
        Runtime="python3.13",
        Role=f"arn:aws:iam::{topic.split(':')[4]}:role/any",
        Handler="naive.handler",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": environment},
        Timeout=30,
    )["FunctionArn"]
    bucket = "naive-uploads"
    aws.s3.create_bucket(Bucket=bucket)
    aws.s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [{"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    return Target(aws, bucket, _subscribed(aws, "all-naive-notifications", topic, None))


def naive_table(aws: Aws) -> str:
    """A table as tutorials make it."""
    name = "naive-files"
    with suppress(aws.dynamodb.exceptions.ResourceInUseException):
        aws.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
    return name


def _subscribed(aws: Aws, name: str, topic: str, only: dict[str, list[str]] | None) -> str:
    url = aws.sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = {"RawMessageDelivery": "true", **({"FilterPolicy": json.dumps(only)} if only else {})}
    aws.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=aws.arn("sqs", name), Attributes=attributes)
    return url
