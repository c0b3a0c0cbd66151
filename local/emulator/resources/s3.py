"""Buckets, everything that is set on them, and what is put into them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from local.emulator.aws import Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, Setting, chosen, pascal

_SPELLED: dict[str, str] = {
    "id": "ID",
    "sseAlgorithm": "SSEAlgorithm",
    "kmsMasterKeyId": "KMSMasterKeyID",
}
# Pulumi's plural, S3's singular: the lists of one notification configuration.
_TARGETS = {
    "lambdaFunctions": ("LambdaFunctionConfigurations", "lambdaFunctionArn", "LambdaFunctionArn"),
    "queues": ("QueueConfigurations", "queueArn", "QueueArn"),
    "topics": ("TopicConfigurations", "topicArn", "TopicArn"),
}


class Bucket(Kind):
    pulumi_type = "aws:s3/bucket:Bucket"
    accepts = frozenset({"bucket", "forceDestroy"})
    replaces = frozenset({"bucket"})
    auto_name: ClassVar = AutoName("bucket", 63)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["bucket"]
        if aws.region == "us-east-1":  # the one region that S3 does not let be named
            aws.s3.create_bucket(Bucket=name)
        else:
            where: Any = {"LocationConstraint": aws.region}
            aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
        outputs = {
            "arn": f"arn:aws:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{aws.region}.amazonaws.com",
            "region": aws.region,
        }
        return Made(name, inputs, outputs)

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:  # noqa: ARG002 - forceDestroy is only our own note
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        if made.inputs.get("forceDestroy"):
            _empty(aws, made.id)
        aws.s3.delete_bucket(Bucket=made.id)


class BucketPublicAccessBlock(Setting):
    pulumi_type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    _flags: ClassVar = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    accepts = frozenset({"bucket", *_flags})
    replaces = frozenset({"bucket"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        block = pascal({flag: inputs.get(flag, False) for flag in self._flags})
        aws.s3.put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=block)
        return Made(inputs["bucket"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.s3.delete_public_access_block(Bucket=made.id)


class BucketOwnershipControls(Setting):
    pulumi_type = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    accepts = frozenset({"bucket", "rule"})
    replaces = frozenset({"bucket"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        aws.s3.put_bucket_ownership_controls(
            Bucket=inputs["bucket"], OwnershipControls={"Rules": [pascal(inputs["rule"])]}
        )
        return Made(inputs["bucket"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.s3.delete_bucket_ownership_controls(Bucket=made.id)


class BucketVersioning(Setting):
    pulumi_type = "aws:s3/bucketVersioning:BucketVersioning"
    accepts = frozenset({"bucket", "versioningConfiguration"})
    replaces = frozenset({"bucket"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        aws.s3.put_bucket_versioning(
            Bucket=inputs["bucket"], VersioningConfiguration=pascal(inputs["versioningConfiguration"])
        )
        return Made(inputs["bucket"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        """Versioning, once on, can only be suspended."""
        aws.s3.put_bucket_versioning(Bucket=made.id, VersioningConfiguration={"Status": "Suspended"})


class BucketEncryption(Setting):
    pulumi_type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    accepts = frozenset({"bucket", "rules"})
    replaces = frozenset({"bucket"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        aws.s3.put_bucket_encryption(
            Bucket=inputs["bucket"],
            ServerSideEncryptionConfiguration={"Rules": pascal(inputs["rules"], **_SPELLED)},
        )
        return Made(inputs["bucket"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.s3.delete_bucket_encryption(Bucket=made.id)


class BucketLifecycle(Setting):
    pulumi_type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    accepts = frozenset({"bucket", "rules"})
    replaces = frozenset({"bucket"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        aws.s3.put_bucket_lifecycle_configuration(
            Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": pascal(inputs["rules"], **_SPELLED)}
        )
        return Made(inputs["bucket"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.s3.delete_bucket_lifecycle(Bucket=made.id)


class BucketPolicy(Setting):
    pulumi_type = "aws:s3/bucketPolicy:BucketPolicy"
    accepts = frozenset({"bucket", "policy"})
    replaces = frozenset({"bucket"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        aws.s3.put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])
        return Made(inputs["bucket"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.s3.delete_bucket_policy(Bucket=made.id)


class BucketNotification(Setting):
    pulumi_type = "aws:s3/bucketNotification:BucketNotification"
    accepts = frozenset({"bucket", "eventbridge", *_TARGETS})
    replaces = frozenset({"bucket"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        told: Any = {
            aws_list: [_target(target, name, parameter) for target in inputs[ours]]
            for ours, (aws_list, name, parameter) in _TARGETS.items()
            if ours in inputs
        }
        if inputs.get("eventbridge"):
            told["EventBridgeConfiguration"] = {}
        aws.s3.put_bucket_notification_configuration(Bucket=inputs["bucket"], NotificationConfiguration=told)
        return Made(inputs["bucket"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.s3.put_bucket_notification_configuration(Bucket=made.id, NotificationConfiguration={})


class BucketObject(Setting):
    pulumi_type = "aws:s3/bucketObjectv2:BucketObjectv2"
    accepts = frozenset({"bucket", "key", "cacheControl", "content", "contentType", "source"})
    replaces = frozenset({"bucket", "key"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        body = inputs["source"].data if "source" in inputs else inputs.get("content", "").encode()
        headers = chosen(inputs, CacheControl="cacheControl", ContentType="contentType")
        answer = aws.s3.put_object(Bucket=inputs["bucket"], Key=inputs["key"], Body=body, **headers)
        outputs = {"arn": f"arn:aws:s3:::{inputs['bucket']}/{inputs['key']}", "etag": answer["ETag"].strip('"')}
        return Made(f"{inputs['bucket']}/{inputs['key']}", inputs, outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.s3.delete_object(Bucket=made.inputs["bucket"], Key=made.inputs["key"])


class BucketCorsConfiguration(Setting):
    pulumi_type = "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"
    accepts = frozenset({"bucket", "corsRules"})
    replaces = frozenset({"bucket"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        rules = [pascal(rule, id="ID") for rule in inputs["corsRules"]]
        aws.s3.put_bucket_cors(Bucket=inputs["bucket"], CORSConfiguration={"CORSRules": rules})
        return Made(inputs["bucket"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.s3.delete_bucket_cors(Bucket=made.id)


def _target(target: Mapping[str, Any], name: str, parameter: str) -> dict[str, Any]:
    rules = [
        {"Name": rule, "Value": target[key]}
        for rule, key in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
        if target.get(key)
    ]
    found = {
        "Id": target.get("id") or f"tf-s3-{secrets.token_hex(8)}",
        parameter: target[name],
        "Events": target["events"],
    }
    return found | ({"Filter": {"Key": {"FilterRules": rules}}} if rules else {})


def _empty(aws: Aws, bucket: str) -> None:
    """Every version, every delete marker and every part of an abandoned upload goes."""
    for page in aws.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        held: list[Any] = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if held:
            doomed: Any = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in held]
            aws.s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True})
    for uploads in aws.s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in uploads.get("Uploads", []):
            aws.s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


KINDS = (
    Bucket(),
    BucketPublicAccessBlock(),
    BucketOwnershipControls(),
    BucketVersioning(),
    BucketEncryption(),
    BucketLifecycle(),
    BucketPolicy(),
    BucketNotification(),
    BucketObject(),
    BucketCorsConfiguration(),
)
