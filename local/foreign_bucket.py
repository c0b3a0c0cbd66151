"""Buckets that the program did not make, as it finds them in an account: with files' events going to somebody else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.emulator.errors import LocalError

if TYPE_CHECKING:
    from local.emulator.aws import Aws

QUEUE_SUFFIX = "-events-of-others"


class ForeignBucketError(LocalError):
    """The bucket cannot be made; the text says why."""


def make_foreign_bucket(aws: Aws, name: str) -> None:
    """Make a bucket that sends its events to EventBridge, and created objects to another program's queue.

    Raises ForeignBucketError.
    """
    from botocore.exceptions import ClientError, ParamValidationError

    where: Any = {"LocationConstraint": aws.region}
    options = {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": where}
    try:
        aws.s3.create_bucket(Bucket=name, **options)
        aws.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        aws.sqs.create_queue(
            QueueName=f"{name.replace('.', '-')}{QUEUE_SUFFIX}", Attributes={"Policy": _policy(aws, name)}
        )
        aws.s3.put_bucket_notification_configuration(
            Bucket=name,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {
                        "Id": "another-program",
                        "QueueArn": _queue_arn(aws, name),
                        "Events": ["s3:ObjectCreated:*"],
                    }
                ],
                "EventBridgeConfiguration": {},
            },
        )
    except (ClientError, ParamValidationError) as error:
        raise ForeignBucketError(f"the bucket {name!r} cannot be made: {error}") from error


def _queue_arn(aws: Aws, name: str) -> str:
    return aws.arn("sqs", f"{name.replace('.', '-')}{QUEUE_SUFFIX}")


def _policy(aws: Aws, name: str) -> str:
    """Another program's policy: S3 may send the bucket's events to the queue."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": _queue_arn(aws, name),
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{name}"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
