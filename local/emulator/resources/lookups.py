"""Pulumi's data sources: what a program may look up while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local.emulator.aws import ACCOUNT, PARTITION, Aws
from local.emulator.errors import LocalError

Lookup = Callable[[Aws, Mapping[str, Any]], Mapping[str, Any]]


class LookupFailedError(LocalError):
    """What the program looks up does not exist; the text says how to create it."""


class MissingQueueError(LookupFailedError):
    """There is no such queue."""


class MissingBucketError(LookupFailedError):
    """There is no such bucket."""


def caller_identity(aws: Aws, arguments: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001
    return {"accountId": ACCOUNT, "arn": f"arn:{PARTITION}:iam::{ACCOUNT}:root", "userId": ACCOUNT, "id": ACCOUNT}


def region(aws: Aws, arguments: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001
    return {"region": aws.region, "name": aws.region, "id": aws.region, "description": "local AWS emulator"}


def partition(aws: Aws, arguments: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001
    return {"partition": PARTITION, "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws", "id": PARTITION}


def queue(aws: Aws, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    name = arguments["name"]
    if aws.running:
        for url in aws.sqs.list_queues(QueueNamePrefix=name).get("QueueUrls", []):
            if url.rpartition("/")[2] == name:
                return {"url": url, "arn": aws.arn("sqs", name), "id": url}
    raise MissingQueueError(
        f"there is no queue {name!r} in {aws.region}: the emulator starts empty. Create the queue before the program "
        f"looks it up:\n  {_cli(aws)} sqs create-queue --queue-name {name}"
    )


def bucket(aws: Aws, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    name = arguments["bucket"]
    if aws.running and any(found["Name"] == name for found in aws.s3.list_buckets()["Buckets"]):
        location: Any = aws.s3.get_bucket_location(Bucket=name)
        region = location.get("LocationConstraint") or "us-east-1"  # S3 says none for its first region
        return {
            "id": name,
            "bucket": name,
            "arn": f"arn:{PARTITION}:s3:::{name}",
            "bucketRegion": region,
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
            "region": aws.region,
        }
    raise MissingBucketError(
        f"there is no bucket {name!r}: the emulator starts empty. Create the bucket before the program looks it up:\n"
        f"  {_cli(aws)} s3 mb s3://{name}"
    )


def _cli(aws: Aws) -> str:
    """The AWS CLI on this emulator, also for those who have signed in nowhere."""
    keys = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
    return f"{keys} aws --endpoint-url {aws.endpoint} --region {aws.region}"


LOOKUPS: dict[str, Lookup] = {
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getPartition:getPartition": partition,
    "aws:index/getRegion:getRegion": region,
    "aws:s3/getBucket:getBucket": bucket,
    "aws:sqs/getQueue:getQueue": queue,
}
"""Every function by its Pulumi token; a program that calls another one is refused before anything is created."""
