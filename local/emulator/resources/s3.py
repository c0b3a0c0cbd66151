"""Buckets, everything that is set on them, and what is put into them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.declared import ID, Call, Declared, setting
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, chosen, pascal

_SPELLED: dict[str, str] = {
    "id": "ID",
    "sseAlgorithm": "SSEAlgorithm",
    "kmsMasterKeyId": "KMSMasterKeyID",
}
_PUBLIC_ACCESS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
# Pulumi's plural, S3's singular: the lists of one notification configuration.
_TARGETS = {
    "lambdaFunctions": ("LambdaFunctionConfigurations", "lambdaFunctionArn", "LambdaFunctionArn"),
    "queues": ("QueueConfigurations", "queueArn", "QueueArn"),
    "topics": ("TopicConfigurations", "topicArn", "TopicArn"),
}

# DeleteObjects names its keys in XML 1.0, which has no control characters.
_NOT_IN_XML = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")


class Bucket(Kind):
    pulumi_type = "aws:s3/bucket:Bucket"
    service = "s3"
    accepts = frozenset({"bucket", "forceDestroy"})
    replaces = frozenset({"bucket"})
    auto_name = AutoName("bucket", 63)

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

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        """forceDestroy is only a note for the deletion."""

    def delete(self, aws: Aws, made: Made) -> None:
        if made.inputs.get("forceDestroy"):
            _empty(aws, made.id)
        aws.s3.delete_bucket(Bucket=made.id)


class BucketObject(Kind):
    pulumi_type = "aws:s3/bucketObjectv2:BucketObjectv2"
    service = "s3"
    accepts = frozenset({"bucket", "key", "cacheControl", "content", "contentType", "source"})
    replaces = frozenset({"bucket", "key"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        body = inputs["source"].data if "source" in inputs else inputs.get("content", "").encode()
        headers = chosen(inputs, CacheControl="cacheControl", ContentType="contentType")
        answer = aws.s3.put_object(Bucket=inputs["bucket"], Key=inputs["key"], Body=body, **headers)
        outputs = {"arn": f"arn:aws:s3:::{inputs['bucket']}/{inputs['key']}", "etag": answer["ETag"].strip('"')}
        return Made(f"{inputs['bucket']}/{inputs['key']}", inputs, outputs)

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:  # noqa: ARG002 - written as a whole
        return self.create(aws, inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.s3.delete_object(Bucket=made.inputs["bucket"], Key=made.inputs["key"])


def _of_bucket(type_: str, put: Call, remove: Call, *also: str) -> Declared:
    """Something that is set on a bucket as a whole."""
    return setting(f"aws:s3/{type_}", service="s3", on="bucket", put=put, remove=remove, also=frozenset(also))


def _public_access(made: Made) -> Any:
    return pascal({flag: made.inputs.get(flag, False) for flag in _PUBLIC_ACCESS})


def _rules(made: Made) -> dict[str, Any]:
    return {"Rules": pascal(made.inputs["rules"], **_SPELLED)}


def _encryption(made: Made) -> dict[str, Any]:
    blocked = "blockedEncryptionTypes"
    rules = [
        {**rule, blocked: {"encryptionType": rule[blocked]}} if blocked in rule else rule
        for rule in made.inputs["rules"]
    ]
    return {"Rules": pascal(rules, **_SPELLED)}


def _targets(made: Made) -> dict[str, Any]:
    configuration: dict[str, Any] = {
        aws_list: [_target(target, name, parameter) for target in made.inputs[ours]]
        for ours, (aws_list, name, parameter) in _TARGETS.items()
        if ours in made.inputs
    }
    return configuration | ({"EventBridgeConfiguration": {}} if made.inputs.get("eventbridge") else {})


def _target(target: Mapping[str, Any], name: str, parameter: str) -> dict[str, Any]:
    rules = [
        {"Name": rule, "Value": target[key]}
        for rule, key in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
        if target.get(key)
    ]
    configuration = {
        "Id": target.get("id") or f"tf-s3-{secrets.token_hex(8)}",
        parameter: target[name],
        "Events": target["events"],
    }
    return configuration | ({"Filter": {"Key": {"FilterRules": rules}}} if rules else {})


def _empty(aws: Aws, bucket: str) -> None:
    """Delete every version, every delete marker and every part of an unfinished upload."""
    for page in aws.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions: list[Any] = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        doomed: Any = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
        in_xml = [version for version in doomed if not _NOT_IN_XML.search(version["Key"])]
        if in_xml:
            aws.s3.delete_objects(Bucket=bucket, Delete={"Objects": in_xml, "Quiet": True})
        for version in doomed:
            if version not in in_xml:
                aws.s3.delete_object(Bucket=bucket, **version)
    for uploads in aws.s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in uploads.get("Uploads", []):
            aws.s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


_SETTINGS = (
    _of_bucket(
        "bucketPublicAccessBlock:BucketPublicAccessBlock",
        Call("put_public_access_block", Bucket="bucket", PublicAccessBlockConfiguration=_public_access),
        Call("delete_public_access_block", Bucket=ID),
        *_PUBLIC_ACCESS,
    ),
    _of_bucket(
        "bucketOwnershipControls:BucketOwnershipControls",
        Call(
            "put_bucket_ownership_controls",
            Bucket="bucket",
            OwnershipControls=lambda made: {"Rules": [pascal(made.inputs["rule"])]},
        ),
        Call("delete_bucket_ownership_controls", Bucket=ID),
        "rule",
    ),
    _of_bucket(
        "bucketVersioning:BucketVersioning",
        Call("put_bucket_versioning", Bucket="bucket", VersioningConfiguration="versioningConfiguration"),
        # Once enabled, it can only be suspended.
        Call("put_bucket_versioning", Bucket=ID, VersioningConfiguration=lambda _: {"Status": "Suspended"}),
    ),
    _of_bucket(
        "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        Call("put_bucket_encryption", Bucket="bucket", ServerSideEncryptionConfiguration=_encryption),
        Call("delete_bucket_encryption", Bucket=ID),
        "rules",
    ),
    _of_bucket(
        "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        Call("put_bucket_lifecycle_configuration", Bucket="bucket", LifecycleConfiguration=_rules),
        Call("delete_bucket_lifecycle", Bucket=ID),
        "rules",
    ),
    _of_bucket(
        "bucketPolicy:BucketPolicy",
        Call("put_bucket_policy", Bucket="bucket", Policy="policy"),
        Call("delete_bucket_policy", Bucket=ID),
    ),
    _of_bucket(
        "bucketNotification:BucketNotification",
        Call("put_bucket_notification_configuration", Bucket="bucket", NotificationConfiguration=_targets),
        Call("put_bucket_notification_configuration", Bucket=ID, NotificationConfiguration=lambda _: {}),
        "eventbridge",
        *_TARGETS,
    ),
    _of_bucket(
        "bucketCorsConfiguration:BucketCorsConfiguration",
        Call(
            "put_bucket_cors",
            Bucket="bucket",
            CORSConfiguration=lambda made: {"CORSRules": pascal(made.inputs["corsRules"], id="ID")},
        ),
        Call("delete_bucket_cors", Bucket=ID),
        "corsRules",
    ),
)

KINDS = (Bucket(), BucketObject(), *_SETTINGS)
