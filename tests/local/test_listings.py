"""Listings of a bucket return every key as it was written, whatever characters it has."""

import contextlib
from urllib.parse import unquote_plus

import pytest
from botocore.exceptions import ClientError

KEYS = [
    "plus+and space",
    "100% / %41 %2B",
    "markup <&>'\".txt",
    "résumé 文件 🚀",
    "line\nbreak\r\n",
    "tab\tand\x01control\x1f\x7f",
    "no character \ufffe\uffff",
    "../up",
    "-dash",
    "folder+/in side/",
]


@pytest.fixture
def bucket(aws, unique):
    """A versioned bucket that holds KEYS."""
    aws.s3.create_bucket(Bucket=unique)
    aws.s3.put_bucket_versioning(Bucket=unique, VersioningConfiguration={"Status": "Enabled"})
    for key in KEYS:
        aws.s3.put_object(Bucket=unique, Key=key, Body=b"x")
    return unique


def listed(aws, operation, bucket, *fields, **options):
    pages = aws.s3.get_paginator(operation).paginate(Bucket=bucket, **options)
    return sorted(entry["Key"] for page in pages for field in fields for entry in page.get(field, []))


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_objects_are_listed_by_their_keys(aws, bucket, operation):
    assert listed(aws, operation, bucket, "Contents") == sorted(KEYS)


def test_versions_and_delete_markers_are_listed_by_their_keys(aws, bucket):
    for key in KEYS:
        aws.s3.delete_object(Bucket=bucket, Key=key)

    assert listed(aws, "list_object_versions", bucket, "Versions") == sorted(KEYS)
    assert listed(aws, "list_object_versions", bucket, "DeleteMarkers") == sorted(KEYS)


def test_pages_of_versions_continue_after_any_key(aws, bucket):
    pages = {"PaginationConfig": {"PageSize": 1}}
    assert listed(aws, "list_object_versions", bucket, "Versions", **pages) == sorted(KEYS)


def test_versions_are_grouped_by_any_prefix_and_delimiter(aws, bucket):
    answer = aws.s3.list_object_versions(Bucket=bucket, Prefix="folder+", Delimiter="/")

    assert (answer["Prefix"], answer["Delimiter"]) == ("folder+", "/")
    assert answer["CommonPrefixes"] == [{"Prefix": "folder+/"}]


def test_unfinished_uploads_are_encoded_if_asked_for(aws, bucket):
    for key in KEYS:
        with contextlib.suppress(ClientError):  # the answer repeats the key, and cannot be read if XML has no such key
            aws.s3.create_multipart_upload(Bucket=bucket, Key=key)

    answer = aws.s3.list_multipart_uploads(Bucket=bucket, EncodingType="url")

    assert answer["EncodingType"] == "url"
    assert {unquote_plus(upload["Key"]) for upload in answer["Uploads"]} == set(KEYS)


def test_keys_are_not_encoded_unless_asked_for(aws, unique):
    aws.s3.create_bucket(Bucket=unique)
    aws.s3.create_multipart_upload(Bucket=unique, Key="a+b c")

    answer = aws.s3.list_multipart_uploads(Bucket=unique)

    assert "EncodingType" not in answer
    assert [upload["Key"] for upload in answer["Uploads"]] == ["a+b c"]
