"""Who listens to the topic, to what, and with which permission."""

from __future__ import annotations

import json

import pytest

from components.notification_topic import label
from tests.program import conftest
from tests.program.conftest import ACCOUNT, REGION, as_list, every_recipient, run

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:file-events"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:index-files"
WEBHOOK = "https://hooks.example.com/files?from=s3"


@pytest.fixture
def everybody(deploy):
    return deploy(emails=["ann@example.com"], rules=every_recipient("aws"))


def notifications(deployment):
    """Subscriptions to the notifications, not to the alarms."""
    return [s for s in deployment.of("TopicSubscription") if s.inputs["topic"] == deployment.exports["topicArn"]]


def subscription(deployment, address):
    (found,) = [s for s in notifications(deployment) if s.inputs["endpoint"] == address]
    return found


def test_every_recipient_is_subscribed_once_however_many_rules_name_it(everybody):
    endpoints = sorted(s.inputs["endpoint"] for s in notifications(everybody))

    assert endpoints == sorted(["ann@example.com", "+84901234567", WEBHOOK, QUEUE, FUNCTION])


@pytest.mark.parametrize(
    ("address", "protocol"),
    [
        ("ann@example.com", "email"),
        ("+84901234567", "sms"),
        (WEBHOOK, "https"),
        (QUEUE, "sqs"),
        (FUNCTION, "lambda"),
    ],
)
def test_a_recipient_is_reached_by_the_protocol_that_its_shape_tells(everybody, address, protocol):
    assert subscription(everybody, address).inputs["protocol"] == protocol


def test_a_person_hears_what_is_to_be_told_at_once_in_their_rules(everybody):
    filters = json.loads(subscription(everybody, "ann@example.com").inputs["filterPolicy"])

    assert filters == {"deliver": ["every file", "invoices", "everything"]}


def test_a_person_hears_of_no_rule_but_theirs(everybody):
    filters = json.loads(subscription(everybody, "+84901234567").inputs["filterPolicy"])

    assert filters == {"deliver": ["invoices"]}


@pytest.mark.parametrize("machine", [WEBHOOK, QUEUE, FUNCTION])
def test_a_machine_gets_every_event_of_its_rules_storms_included(everybody, machine):
    filters = json.loads(subscription(everybody, machine).inputs["filterPolicy"])

    assert filters == {"kind": ["upload"], "rules": ["everything"]}


def test_every_subscription_to_the_notifications_keeps_what_cannot_be_delivered(everybody):
    for one in notifications(everybody):
        target = json.loads(one.inputs["redrivePolicy"])["deadLetterTargetArn"]
        assert target.endswith(":file-notifications-notifications-undelivered-queue")


def test_a_subscription_is_made_after_sns_may_send_to_its_dead_letter_queue(everybody):
    accept = everybody.named("notifications-undelivered-policy")

    assert all(everybody.comes_before(accept, one) for one in notifications(everybody))


def test_sns_may_invoke_a_function_before_the_function_is_subscribed(everybody):
    (permission,) = [p for p in everybody.of("Permission") if p.inputs["principal"] == "sns.amazonaws.com"]

    assert everybody.comes_before(permission, subscription(everybody, FUNCTION))
    assert permission.inputs["function"] == FUNCTION
    assert permission.inputs["action"] == "lambda:InvokeFunction"
    assert permission.inputs["sourceArn"] == everybody.exports["topicArn"]


def test_sns_may_send_to_a_queue_before_the_queue_is_subscribed(everybody):
    (policy,) = [p for p in everybody.of("QueuePolicy") if p.name.endswith("-accept")]
    statements = [s for s in everybody.statements() if s.resource is policy and s.services == ["sns.amazonaws.com"]]

    assert everybody.comes_before(policy, subscription(everybody, QUEUE))
    assert [(s.actions, as_list(s.content["Resource"])) for s in statements] == [(["sqs:SendMessage"], [QUEUE])]


def test_the_policy_is_written_on_the_queue_that_is_named(everybody):
    (policy,) = [p for p in everybody.of("QueuePolicy") if p.name.endswith("-accept")]

    assert policy.inputs["queueUrl"] == f"https://sqs/{ACCOUNT}/file-events"


def test_a_queue_and_a_function_of_another_region_get_their_permission_there(deploy):
    queue, function = QUEUE.replace(REGION, "ap-southeast-1"), FUNCTION.replace(REGION, "ap-southeast-1")
    deployment = deploy(emails=["a@b.co"], rules=[{"name": "far", "to": [queue, function]}])

    (policy,) = [p for p in deployment.of("QueuePolicy") if p.name.endswith("-accept")]
    (permission,) = [p for p in deployment.of("Permission") if p.inputs["principal"] == "sns.amazonaws.com"]

    assert (policy.inputs["region"], permission.inputs["region"]) == ("ap-southeast-1", "ap-southeast-1")


@pytest.mark.parametrize(
    ("home", "region", "sender"),
    [
        ("me-south-1", "me-south-1", "sns.amazonaws.com"),
        ("me-south-1", REGION, "sns.me-south-1.amazonaws.com"),
        (REGION, "me-south-1", "sns.me-south-1.amazonaws.com"),
        ("af-south-1", "me-south-1", "sns.me-south-1.amazonaws.com"),
    ],
)
def test_between_regions_sns_is_named_after_the_one_that_people_had_to_opt_into(monkeypatch, home, region, sender):
    """The recipient's where both are such (SNS: cross-region delivery)."""
    monkeypatch.setattr(conftest, "REGION", home)
    there = [address.replace(REGION, region) for address in (QUEUE, FUNCTION)]
    deployment = run(emails=["a@b.co"], rules=[{"name": "machines", "to": there}])

    (accept,) = [s for s in deployment.statements() if s.resource.name.endswith("-accept")]
    (permission,) = [p for p in deployment.of("Permission") if p.name.endswith("-invoke") and "notifications" in p.name]

    assert accept.services == [sender]
    assert permission.inputs["principal"] == sender


def test_a_queue_gets_the_document_itself(everybody):
    assert subscription(everybody, QUEUE).inputs["rawMessageDelivery"] is True


@pytest.mark.parametrize("address", ["ann@example.com", "+84901234567", WEBHOOK, FUNCTION])
def test_everybody_else_gets_what_sns_makes_of_it(everybody, address):
    assert subscription(everybody, address).inputs.get("rawMessageDelivery", False) is False


def test_people_need_no_permission(deploy):
    deployment = deploy(rules=[{"name": "people", "to": ["a@b.co", "+84901234567"]}], alarmEmails=["a@b.co"])

    assert [p.inputs["principal"] for p in deployment.of("Permission")] == ["s3.amazonaws.com"]
    assert not [p for p in deployment.of("QueuePolicy") if p.name.endswith("-accept")]


def test_one_more_rule_for_a_recipient_changes_its_filter_and_keeps_its_subscription(deploy):
    first = {"name": "invoices", "to": ["ann@example.com"]}
    before = deploy(rules=[first], alarmEmails=["ann@example.com"])
    after = deploy(rules=[first, {**first, "name": "photos"}], alarmEmails=["ann@example.com"])

    old, new = subscription(before, "ann@example.com"), subscription(after, "ann@example.com")

    assert old.urn == new.urn
    assert {key for key in new.inputs if old.inputs[key] != new.inputs[key]} == {"filterPolicy"}


def test_one_more_recipient_leaves_the_others_subscriptions_alone(deploy):
    before, after = deploy(emails=["b@b.co"]), deploy(emails=["a@a.co", "b@b.co"])

    assert subscription(before, "b@b.co") == subscription(after, "b@b.co")


def test_addresses_that_look_alike_in_a_name_stay_apart():
    alike = ["ann.lee@example.com", "ann-lee@example.com", "ann_lee@example.com", "ANN.LEE@example.com"]

    assert len({label(address) for address in alike}) == len(alike)


def test_the_account_number_of_a_queue_is_not_in_the_name_of_its_subscription(everybody):
    assert ACCOUNT not in subscription(everybody, QUEUE).name
