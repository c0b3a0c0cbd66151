"""What `doctor` finds about the malware scan."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.data.items import Item, Scan
from handlers.data.listing import Page
from ops.doctor import scans
from tests.ops.parts import ADVANCED, BUCKET, NOW, REGION, a_queue, a_stack, answering, by_id, clock_of, deployed, only

PLAN, RULE = "b4c7f464ab3a4EXAMPLE", "scan-rule"
SCANNED = {
    **ADVANCED,
    "malwareScan": {
        "setting": "on",
        "planId": PLAN,
        "ruleName": RULE,
        "since": (NOW - timedelta(days=2)).isoformat(),
    },
}
HEALTHY = {
    "Role": "arn:aws:iam::111122223333:role/scan-role",
    "Status": "ACTIVE",
    "ProtectedResource": {"S3Bucket": {"BucketName": BUCKET}},
    "Actions": {"Tagging": {"Status": "ENABLED"}},
}


@pytest.fixture(autouse=True)
def _clock():
    with clock_of("ops.doctor.scans"):
        yield


def of_plan(answer):
    stack = a_stack(SCANNED)
    asked = {"MalwareProtectionPlanId": PLAN}
    with answering(stack, "guardduty", ("get_malware_protection_plan", answer, asked)):
        return list(scans.plan(deployed(stack)))


def of_rule(*answers):
    stack = a_stack(SCANNED)
    with answering(stack, "events", *answers):
        return list(scans.rule(deployed(stack, _queues={"workQueueUrl": a_queue("work")})))


def of_events(configuration):
    stack = a_stack(SCANNED)
    with answering(stack, "s3", ("get_bucket_notification_configuration", configuration)):
        return list(scans.events(deployed(stack)))


class Files:
    """A listing of these items, in pages of one."""

    def __init__(self, *items):
        self._items = items

    def newest(self, _, cursor=None):
        place = int(cursor or 0)
        more = place + 1 < len(self._items)
        return Page(items=self._items[place : place + 1], cursor=str(place + 1) if more else None)


def a_file(name="a.pdf", *, minutes=60, bucket=BUCKET, scan=None):
    uploaded = (NOW - timedelta(minutes=minutes)).isoformat()
    return Item(
        id="0" * 32,
        bucket=bucket,
        key=f"in/{name}",
        region=REGION,
        status="processed",
        order="1",
        time=uploaded,
        version_id=f"v-{name}",
        scan=scan,
    )


def of_results(*items):
    return list(scans.results(deployed(a_stack(SCANNED), table={}, listing=Files(*items))))


def test_a_stack_that_scans_nothing_is_not_checked():
    nothing = deployed(a_stack(ADVANCED), table={})

    assert [*scans.plan(nothing), *scans.events(nothing), *scans.rule(nothing), *scans.results(nothing)] == []


def test_an_active_plan_of_the_bucket_is_fine():
    assert of_plan(HEALTHY) == []


@pytest.mark.parametrize(
    ("answer", "found", "said"),
    [
        ("ResourceNotFoundException", "scan-plan-missing", f"{PLAN} does not exist"),
        (
            {**HEALTHY, "Status": "WARNING", "StatusReasons": [{"Code": "INSUFFICIENT_TEST_OBJECT_PERMISSIONS"}]},
            "scan-plan-not-active",
            "is WARNING: INSUFFICIENT_TEST_OBJECT_PERMISSIONS",
        ),
        (
            {**HEALTHY, "ProtectedResource": {"S3Bucket": {"BucketName": "other"}}},
            "scan-plan-elsewhere",
            "does not scan the whole upload bucket",
        ),
        (
            {**HEALTHY, "ProtectedResource": {"S3Bucket": {"BucketName": BUCKET, "ObjectPrefixes": ["in/"]}}},
            "scan-plan-elsewhere",
            "does not scan the whole upload bucket",
        ),
        ({**HEALTHY, "Actions": {"Tagging": {"Status": "DISABLED"}}}, "scan-tags-off", "does not tag"),
    ],
)
def test_what_is_wrong_with_a_plan_is_reported(answer, found, said):
    finding = only(of_plan(answer))

    assert finding.id == found
    assert said in finding.what
    assert finding.fix == "pulumi up --refresh --stack dev"


def test_a_bucket_that_no_longer_sends_its_events_to_eventbridge_is_reported():
    assert of_events({"EventBridgeConfiguration": {}}) == []
    assert only(of_events({})).id == "scan-events-off"


RULE_IS = ("describe_rule", {"Name": RULE, "State": "ENABLED"})
TARGETS = ("list_targets_by_rule", {"Targets": [{"Id": "work", "Arn": a_queue("work").arn}]})


def test_a_rule_that_sends_results_to_the_work_queue_is_fine():
    assert of_rule(RULE_IS, TARGETS) == []


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([("describe_rule", "ResourceNotFoundException")], {"scan-rule-missing"}),
        ([("describe_rule", {"Name": RULE, "State": "DISABLED"}), TARGETS], {"scan-rule-disabled"}),
        ([RULE_IS, ("list_targets_by_rule", {"Targets": [{"Id": "x", "Arn": "arn:other"}]})], {"scan-target-missing"}),
    ],
)
def test_what_is_wrong_with_the_rule_is_reported(answers, found):
    assert set(by_id(of_rule(*answers))) == found


@pytest.mark.parametrize(
    "item",
    [
        a_file(scan=Scan(verdict="clean", reason="", time="")),
        a_file(scan=Scan(verdict="unscannable", reason="FAILED", time="")),
        a_file(minutes=5),
        a_file(minutes=60 * 24 * 3),
        a_file(bucket="scans-of-others"),
    ],
    ids=["clean", "unscannable", "just uploaded", "from before scanning", "in another bucket"],
)
def test_a_file_that_has_its_result_or_needs_none_is_fine(item):
    assert of_results(item) == []


def test_files_without_a_result_are_counted_and_the_oldest_can_be_scanned_again():
    names = ["a", "b", "c", "d"]

    finding = only(of_results(*(a_file(name, minutes=20 + number) for number, name in enumerate(names))))

    assert finding.what.startswith("4 files of the newest 200 have no result")
    assert finding.what.endswith("in/a, in/b, in/c ….")
    assert "send-object-malware-scan" in finding.fix
    assert '"Key": "in/d", "VersionId": "v-d"' in finding.fix
