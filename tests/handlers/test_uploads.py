"""The session that an upload is signed in belongs to one person."""

from __future__ import annotations

import json
import re

import pytest

from handlers.logic.uploads import SESSION_SECONDS, upload_session

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
