"""`doctor` on a running stack that is broken in every way that people and other tools have found."""

from __future__ import annotations

import pytest

from tests.e2e.stack import EVERYONE, wait_until
from tests.ops.breakages import BREAKAGES, BROKEN_TOPIC
from tests.ops.live import CHANGES, unique


def test_a_healthy_stack_is_called_healthy(healthy):
    answer = healthy.ops("doctor")

    assert answer.exit_code == 0, answer.stdout
    assert "is healthy: 19 things looked at, nothing to do." in answer.stdout


@pytest.mark.parametrize("broken", BREAKAGES, ids=[one.id for one in BREAKAGES])
def test_what_is_broken_is_named_with_its_repair_and_no_longer_once_it_is_repaired(healthy, broken):
    with broken.on(healthy):
        found = healthy.findings()

    assert set(found) == {broken.id}
    assert broken.what in found[broken.id]["what"]
    assert broken.fix in found[broken.id]["fix"]
    assert len(found[broken.id]["means"]) > 40
    assert healthy.findings() == {}


def test_a_failing_function_and_what_it_left_behind_are_named_and_repaired(healthy):
    key = f"failing/{unique()}.txt"
    with BROKEN_TOPIC.on(healthy):
        healthy.upload(key)
        wait_until(lambda: healthy.kept("failedEventsQueueUrl"), "the event is not kept", seconds=120)
        found = healthy.findings()

    assert set(found) == {"failing-notify", "kept-failed-events"}
    assert "NotFound" in found["failing-notify"]["what"]
    assert found["kept-failed-events"]["fix"].startswith("python -m ops replay --queue failed-events --local")
    assert healthy.ops("replay", "--queue", "failed-events").exit_code == 0
    assert healthy.findings() == {}
    assert healthy.mailed(key) == [key]


def test_findings_are_shown_to_people_with_what_they_mean_and_the_command(healthy):
    (broken,) = [one for one in BREAKAGES if one.id == "mapping-disabled"]
    with broken.on(healthy):
        answer = healthy.ops("doctor")

    assert answer.exit_code == 1
    assert "✘ The work queue is not read" in answer.stdout
    assert "stay without checksum, type and facts" in answer.stdout
    assert "→ AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws lambda update-event-source-mapping" in answer.stdout
    assert "✘ 1 thing needs attention, of 19 looked at." in answer.stdout


def test_a_test_file_is_followed_to_the_mail_and_removed(healthy):
    told = healthy.told("doctor", "--send-test")

    assert told["test"]["arrived"], told["test"]
    assert [step["step"] for step in told["test"]["steps"]] == ["uploaded", "decided", "processed", "told", "removed"]
    assert told["test"]["steps"][3]["said"] == f"the mail is with {EVERYONE}"
    assert healthy.mailed(told["test"]["key"]) == [told["test"]["key"]]
    assert "Versions" not in healthy.aws.s3.list_object_versions(Bucket=healthy.bucket, Prefix=told["test"]["key"])
    healthy.wait_for_mails(told["test"]["key"], to=CHANGES)


def test_a_test_file_that_does_not_arrive_is_told_and_removed_all_the_same(healthy):
    (broken,) = [one for one in BREAKAGES if one.id == "notification-missing"]
    with broken.on(healthy):
        answer = healthy.ops("doctor", "--send-test", "--wait", "5")

    assert answer.exit_code == 1
    assert "S3 has not handed its event over" in answer.stdout
    assert "Versions" not in healthy.aws.s3.list_object_versions(
        Bucket=healthy.bucket, Prefix="file-notifications-test/"
    )
