"""What EventBridge writes otherwise than S3: no person, fields that are missing, deletions by lifecycle."""

from __future__ import annotations

import pytest

from domain.events import OtherEvent
from tests.domain.s3_events import decoded
from tests.examples import golden


@pytest.mark.parametrize(
    ("requester", "by"), [("111122223333", ""), ("s3.amazonaws.com", "s3.amazonaws.com"), (..., "")]
)
def test_an_account_is_not_the_person_who_uploaded(requester, by):
    bridge = golden("eventbridge_created")
    bridge["detail"] = {k: v for k, v in {**bridge["detail"], "requester": requester}.items() if v is not ...}

    assert decoded(bridge)[0].by == by


def test_null_says_as_little_as_a_missing_requester():
    bridge = golden("eventbridge_created")
    bridge["detail"] |= {"requester": None, "reason": None}

    assert (decoded(bridge)[0].by, decoded(bridge)[0].name) == ("", "ObjectCreated:Unknown")


@pytest.mark.parametrize("missing", ["size", "etag", "version-id", "sequencer"])
def test_eventbridge_may_leave_out_what_it_says_of_an_object(missing):
    bridge = golden("eventbridge_created")
    del bridge["detail"]["object"][missing]

    assert decoded(bridge)[0].key == "a+b.txt"


def test_an_old_version_that_lifecycle_deletes_changes_no_file_in_s3s_form_either():
    event = golden("s3_lifecycle_expiration")
    event["Records"][0]["eventName"] = "LifecycleExpiration:Delete"

    assert decoded(event) == [OtherEvent("LifecycleExpiration:Delete")]


def test_a_version_that_a_person_deletes_is_a_removal():
    bridge = golden("eventbridge_expired_old_version")
    bridge["detail"]["reason"] = "DeleteObject"

    assert decoded(bridge)[0].action == "removed"
