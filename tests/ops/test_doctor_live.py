"""`doctor` on a running stack that is broken in every way in which people and other tools break one."""

from __future__ import annotations

import re

import pytest

from tests.e2e.stack import EVERYONE, wait_until
from tests.ops.breakages import BREAKAGES, BROKEN_TOPIC
from tests.ops.live import CHANGES, unique


def test_a_healthy_stack_is_reported_healthy(healthy):
    answer = healthy.ops("doctor")

    assert answer.exit_code == 0, answer.stdout
    assert re.search(r"is healthy: [0-9]+ checks, no problem\.", answer.stdout)


@pytest.mark.parametrize("broken", BREAKAGES, ids=[breakage.id for breakage in BREAKAGES])
def test_a_breakage_is_reported_with_its_fix_until_it_is_repaired(healthy, broken):
    with broken.on(healthy):
        findings = healthy.findings()

    assert set(findings) == {broken.id}
    assert broken.what in findings[broken.id]["what"]
    assert broken.fix in findings[broken.id]["fix"]
    assert len(findings[broken.id]["means"]) > 40
    assert healthy.findings() == {}


def test_a_failing_function_and_its_failed_events_are_reported_and_repaired(healthy):
    key = f"failing/{unique()}.txt"
    with BROKEN_TOPIC.on(healthy):
        healthy.upload(key)
        wait_until(
            lambda: healthy.messages_in("failedEventsQueueUrl"),
            "the event is not in the failed-events queue",
        )
        findings = healthy.findings()

    assert set(findings) == {"failing-notify", "failed-messages-failed-events"}
    assert "NotFound" in findings["failing-notify"]["what"]
    assert findings["failed-messages-failed-events"]["fix"].startswith(
        "python -m ops replay --queue failed-events --ready-file"
    )
    assert healthy.ops("replay", "--queue", "failed-events").exit_code == 0
    assert healthy.findings() == {}
    assert healthy.mailed(key) == [key]


def test_findings_are_shown_with_their_impact_and_fix(healthy):
    (broken,) = [breakage for breakage in BREAKAGES if breakage.id == "mapping-disabled"]
    with broken.on(healthy):
        answer = healthy.ops("doctor")

    assert answer.exit_code == 1
    assert "✘ The work queue is not read" in answer.stdout
    assert "they have no checksum, type or facts" in answer.stdout
    assert "→ AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws lambda update-event-source-mapping" in answer.stdout
    assert re.search(r"✘ 1 problem found by [0-9]+ checks\.", answer.stdout)


def test_a_test_file_is_followed_to_the_mail_and_removed(healthy):
    result = healthy.document("doctor", "--send-test")

    assert result["test"]["arrived"], result["test"]
    assert [step["step"] for step in result["test"]["steps"]] == [
        "uploaded",
        "decided",
        "processed",
        "notified",
        "removed",
    ]
    assert result["test"]["steps"][3]["text"] == f"the mail arrived at {EVERYONE}"
    assert healthy.mailed(result["test"]["key"]) == [result["test"]["key"]]
    assert "Versions" not in healthy.aws.s3.list_object_versions(Bucket=healthy.bucket, Prefix=result["test"]["key"])
    healthy.wait_for_mails(result["test"]["key"], to=CHANGES)


def test_a_test_file_that_does_not_arrive_is_reported_and_removed(healthy):
    (broken,) = [breakage for breakage in BREAKAGES if breakage.id == "notification-missing"]
    with broken.on(healthy):
        answer = healthy.ops("doctor", "--send-test", "--wait", "5")

    assert answer.exit_code == 1
    assert "S3 has not sent its event" in answer.stdout
    assert "Versions" not in healthy.aws.s3.list_object_versions(
        Bucket=healthy.bucket, Prefix="file-notifications-test/"
    )
