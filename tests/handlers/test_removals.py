"""A deletion is made in a session of one person, for one file."""

from __future__ import annotations

import json
import re

import pytest

from handlers.logic.removals import removal_session
from handlers.logic.uploads import SESSION_SECONDS

ROLE = "arn:aws-cn:iam::111122223333:role/remover"


def resource(key: str) -> str:
    (statement,) = json.loads(removal_session(ROLE, "uploads", key, "maria")["Policy"])["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "s3:DeleteObject")
    return str(statement["Resource"])


def matches(pattern: str, text: str) -> bool:
    """As IAM compares: * is any text, ? any character."""
    regex = "".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern)
    return re.fullmatch(regex, text, flags=re.DOTALL) is not None


def test_a_session_may_only_delete_the_one_file():
    assert resource("invoices/2026/a b.pdf") == "arn:aws-cn:s3:::uploads/invoices/2026/a b.pdf"


def test_a_session_is_named_after_the_person_and_ends_soon():
    session = removal_session(ROLE, "uploads", "a", "maria@example.com")

    assert (session["RoleArn"], session["RoleSessionName"]) == (ROLE, "maria@example.com")
    assert session["DurationSeconds"] == SESSION_SECONDS


@pytest.mark.parametrize(
    "key",
    [
        "a*b",
        "a?b",
        "a$b",
        "${aws:username}",
        'a"b',
        "a\\b",
        "日本/語.txt",
        "é",
        "new\nline",
        "🚀" * 256,
        "x" * 1024,
        "*" * 1024,
    ],
    ids=ascii,
)
def test_any_key_can_be_deleted_by_a_policy_that_sts_takes(key):
    policy = removal_session(ROLE, "u" * 63, key, "maria")["Policy"]

    assert len(policy) <= 2048
    assert re.fullmatch(r"[\t\n\r\x20-\xff]+", policy)
    assert matches(resource(key), f"arn:aws-cn:s3:::uploads/{key}")


@pytest.mark.parametrize(("key", "other"), [("a*", "ab/c"), ("${aws:username}", "maria"), ("a?c", "a/b/c")])
def test_a_character_that_means_more_in_a_policy_stands_for_one_character_at_most(key, other):
    assert not matches(resource(key), f"arn:aws-cn:s3:::uploads/{other}")
