"""An upload is signed in a session of one person, for one key, one type and the bytes that were declared."""

from __future__ import annotations

import base64
import json
import re

import boto3
import pytest

from handlers.logic.uploads import (
    SESSION_SECONDS,
    RefusedUploadError,
    UploadRequest,
    check_size,
    upload_form,
    upload_session,
)

ROLE = "arn:aws-cn:iam::111122223333:role/uploader"


def test_a_session_may_only_write_below_the_persons_own_prefix():
    session = upload_session(ROLE, "uploads", "maria/eve")

    (statement,) = json.loads(session["Policy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": ["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
        "Resource": "arn:aws-cn:s3:::uploads/people/maria%2Feve/*",
    }
    assert (session["RoleArn"], session["DurationSeconds"]) == (ROLE, SESSION_SECONDS)


@pytest.mark.parametrize("person", ["maria", "m", "María 日本", "x" * 200, "a/b:c", "maria@example.com"])
def test_a_session_is_named_after_the_person_as_far_as_sts_allows(person):
    name = upload_session(ROLE, "uploads", person)["RoleSessionName"]

    assert re.fullmatch(r"[\w+=,.@-]{2,64}", name, flags=re.ASCII)
    assert name[0] == person[0]


def test_a_form_is_for_one_key_one_type_and_no_more_bytes_than_declared():
    s3 = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    request = UploadRequest(name="a.png", size=12, content_type="image/png")
    form = upload_form(s3, "uploads", "people/maria/a.png", request, max_bytes=10**9)

    conditions = json.loads(base64.b64decode(form["fields"]["policy"]))["conditions"]

    expected = [{"bucket": "uploads"}, {"key": "people/maria/a.png"}, {"Content-Type": "image/png"}]
    assert all(condition in conditions for condition in [*expected, ["content-length-range", 0, 12]])


@pytest.mark.parametrize(
    ("key", "content_type"),
    [("people/maria/US$.txt", "a/b"), ("people/maria/${filename}", "a/b"), ("people/maria/$$/a", "a/b"), ("a", "a/$b")],
)
def test_what_s3_reads_more_into_in_a_form_gets_none(key, content_type):
    s3 = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    request = UploadRequest(name="a", size=12, content_type=content_type)

    with pytest.raises(RefusedUploadError, match="in parts"):
        upload_form(s3, "uploads", key, request, max_bytes=10**9)


def test_a_file_of_exactly_the_largest_size_is_accepted_and_one_byte_more_is_not():
    check_size(1024, 1024)

    with pytest.raises(RefusedUploadError, match="has 1,025 bytes; at most 1,024"):
        check_size(1025, 1024)
