"""What `doctor` finds about buckets that other programs made."""

from __future__ import annotations

import json

import pytest

from ops.doctor import existing
from ops.doctor.send_test import send_test
from ops.doctor.uploads import bucket, notification, permission
from ops.errors import OpsError
from ops.screen import Screen
from tests.ops.parts import ACCOUNT, BASIC, REGION, a_function, a_stack, answering, by_id, deployed, only

RULE = "existing-scans-rule"
RULE_ARN = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{RULE}"
WATCHING = {**BASIC, "existingBuckets": [{"name": "scans", "prefixes": [], "ruleName": RULE}]}
NOTIFY = a_function()


def policy(source=RULE_ARN):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Condition": {"ArnLike": {"AWS:SourceArn": source}},
    }
    return {"Policy": json.dumps({"Statement": [statement]})}


def of_bucket(*answers):
    stack = a_stack(WATCHING)
    with answering(stack, "s3", *answers):
        return list(existing.buckets(deployed(stack)))


def of_rule(*answers, allowed=RULE_ARN):
    stack = a_stack(WATCHING)
    with answering(stack, "events", *answers), answering(stack, "lambda", ("get_policy", policy(allowed))):
        return list(existing.rules(deployed(stack, notify=NOTIFY)))


def of_ways(configuration, *answers):
    stack = a_stack(WATCHING)
    with (
        answering(stack, "events", *answers),
        answering(stack, "s3", ("get_bucket_notification_configuration", configuration)),
    ):
        return list(existing.once(deployed(stack, notify=NOTIFY)))


HERE = ("head_bucket", {"BucketRegion": REGION})
ON = ("get_bucket_notification_configuration", {"EventBridgeConfiguration": {}})
RULE_IS = ("describe_rule", {"Name": RULE, "Arn": RULE_ARN, "State": "ENABLED"})
TARGETS = ("list_targets_by_rule", {"Targets": [{"Id": "notify", "Arn": NOTIFY.arn}]})


def test_a_bucket_that_is_there_and_sends_its_events_is_fine():
    assert of_bucket(HERE, ON) == []


def test_a_bucket_that_no_longer_sends_its_events_is_reported_with_the_switch():
    finding = only(of_bucket(HERE, ("get_bucket_notification_configuration", {})))

    assert (finding.id, finding.fix) == ("existing-switched-off", "python -m ops watch scans --yes --stack dev")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (("head_bucket", "404"), "existing-missing"),
        (("head_bucket", "403"), "existing-missing"),
        (("head_bucket", {"BucketRegion": "us-east-1"}), "existing-region"),
    ],
)
def test_a_bucket_that_is_gone_or_elsewhere_is_reported(answer, found):
    assert only(of_bucket(answer)).id == found


def test_a_rule_that_is_on_and_may_invoke_notify_is_fine():
    assert of_rule(RULE_IS, TARGETS) == []


def test_a_disabled_rule_is_reported_with_the_command_that_enables_it():
    finding = only(of_rule(("describe_rule", {"Name": RULE, "Arn": RULE_ARN, "State": "DISABLED"}), TARGETS))

    assert finding.id == "existing-rule-disabled"
    assert finding.fix == f"aws events enable-rule --name {RULE} --region {REGION}"


def test_a_missing_permission_and_a_missing_target_are_reported():
    found = by_id(
        of_rule(
            RULE_IS,
            ("list_targets_by_rule", {"Targets": [{"Id": "other", "Arn": "arn:aws:sqs:::other-queue"}]}),
            allowed=f"{RULE_ARN}-of-another",
        )
    )

    assert set(found) == {"existing-target-missing", "existing-permission-missing"}


def test_a_missing_rule_is_reported():
    stack = a_stack(WATCHING)
    with answering(stack, "events", ("describe_rule", "ResourceNotFoundException")):
        assert only(existing.rules(deployed(stack, notify=NOTIFY))).id == "existing-rule-missing"


def test_one_way_is_fine():
    assert of_ways(ON[1], ("list_rule_names_by_target", {"RuleNames": [RULE]})) == []


def test_a_notification_of_the_bucket_itself_is_a_second_way():
    entry = {"Id": "old", "LambdaFunctionArn": NOTIFY.arn, "Events": ["s3:ObjectCreated:*"]}
    finding = only(
        of_ways({"LambdaFunctionConfigurations": [entry]}, ("list_rule_names_by_target", {"RuleNames": [RULE]}))
    )

    assert (finding.id, finding.level) == ("existing-twice", "attention")
    assert "its notification old" in finding.what


@pytest.mark.parametrize(
    ("pattern", "twice"),
    [
        ({"source": ["aws.s3"], "detail": {"bucket": {"name": ["scans"]}}}, True),
        ({"source": ["aws.s3"]}, True),
        ({"source": ["aws.s3"], "detail": {"bucket": {"name": ["others"]}}}, False),
        ({"source": ["aws.ec2"]}, False),
    ],
)
def test_another_rule_on_the_same_bucket_is_a_second_way(pattern, twice):
    found = of_ways(
        ON[1],
        ("list_rule_names_by_target", {"RuleNames": [RULE, "other"]}),
        ("describe_rule", {"Name": "other", "EventPattern": json.dumps(pattern)}, {"Name": "other"}),
    )

    assert [finding.id for finding in found] == (["existing-twice"] if twice else [])


def test_without_a_bucket_of_its_own_no_test_file_is_sent_and_none_to_existing_buckets():
    outputs = {name: value for name, value in WATCHING.items() if name != "bucketName"}

    with pytest.raises(OpsError, match="writes nothing to existing ones"):
        send_test(deployed(a_stack(outputs), notify=NOTIFY), Screen(as_json=True), wait=5)


@pytest.mark.parametrize("check", [bucket, notification, permission])
def test_a_stack_without_a_bucket_of_its_own_has_no_problem_with_it(check):
    outputs = {name: value for name, value in WATCHING.items() if name != "bucketName"}

    assert list(check(deployed(a_stack(outputs), notify=NOTIFY))) == []
