"""Who is subscribed to the topic, to which notifications, and with which permission."""

from __future__ import annotations

import json

import pulumi
import pytest

from components.labels import label
from components.recipient_queues import MissingRecipientError
from domain.topology import own_address
from tests.program import conftest
from tests.program.conftest import ACCOUNT, REGION, AbsentError, FakeAws, as_list, run, zipped

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:file-events"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:index-files"
WEBHOOK = "https://hooks.example.com/files?from=s3"


def hashed(inputs):
    """The inputs, an archive by its content."""
    return {key: zipped(value) if isinstance(value, pulumi.Archive) else value for key, value in inputs.items()}


def notifications(deployment):
    """Subscriptions to the notifications, not to the alarms."""
    return [s for s in deployment.of("TopicSubscription") if s.inputs["topic"] == deployment.exports["topicArn"]]


def subscription(deployment, address):
    (found,) = [s for s in notifications(deployment) if s.inputs["endpoint"] == address]
    return found


def test_every_recipient_is_subscribed_once_however_many_rules_name_it(basic):
    endpoints = sorted(s.inputs["endpoint"] for s in notifications(basic))

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
def test_a_recipient_is_reached_by_the_protocol_of_its_shape(basic, address, protocol):
    assert subscription(basic, address).inputs["protocol"] == protocol


def test_a_person_gets_what_is_to_be_delivered_at_once_in_their_rules(basic):
    filters = json.loads(subscription(basic, "ann@example.com").inputs["filterPolicy"])

    assert filters == {"deliver": ["every file", "invoices", "everything", own_address("ann@example.com")]}


def test_a_person_gets_no_notification_of_other_rules(basic):
    filters = json.loads(subscription(basic, "+84901234567").inputs["filterPolicy"])

    assert filters == {"deliver": ["invoices", own_address("+84901234567")]}


@pytest.mark.parametrize("system", [WEBHOOK, QUEUE, FUNCTION])
def test_a_system_gets_every_event_of_its_rules_storms_included(basic, system):
    filters = json.loads(subscription(basic, system).inputs["filterPolicy"])

    assert filters == {"kind": ["upload"], "rules": ["everything", own_address(system)]}


def test_a_subscription_is_made_after_sns_may_send_to_its_dead_letter_queue(basic):
    accept = basic.named("notifications-undelivered-policy")

    assert all(basic.comes_before(accept, one) for one in notifications(basic))


def test_sns_may_invoke_a_function_before_the_function_is_subscribed(basic):
    (permission,) = [p for p in basic.of("Permission") if p.inputs["principal"] == "sns.amazonaws.com"]

    assert basic.comes_before(permission, subscription(basic, FUNCTION))
    assert permission.inputs["function"] == FUNCTION
    assert permission.inputs["action"] == "lambda:InvokeFunction"
    assert permission.inputs["sourceArn"] == basic.exports["topicArn"]


@pytest.mark.parametrize(("written", "qualifier"), [(FUNCTION, None), (f"{FUNCTION}:live", "live")])
def test_a_permission_names_an_alias_apart_as_every_update_would_replace_it_otherwise(deploy, written, qualifier):
    deployment = deploy(emails=["a@b.co"], rules=[{"name": "index", "to": [written]}])
    (permission,) = [p for p in deployment.of("Permission") if p.inputs["principal"] == "sns.amazonaws.com"]

    assert (permission.inputs["function"], permission.inputs.get("qualifier")) == (FUNCTION, qualifier)
    assert subscription(deployment, written).inputs["protocol"] == "lambda"


def test_sns_may_send_to_a_queue_before_the_queue_is_subscribed(basic):
    (policy,) = [p for p in basic.of("QueuePolicy") if "-recipients-" in p.name]
    statements = [s for s in basic.statements() if s.resource is policy and s.services == ["sns.amazonaws.com"]]

    assert basic.comes_before(policy, subscription(basic, QUEUE))
    assert [(s.actions, as_list(s.content["Resource"])) for s in statements] == [(["sqs:SendMessage"], [QUEUE])]


def test_the_policy_is_written_on_the_queue_that_is_named(basic):
    (policy,) = [p for p in basic.of("QueuePolicy") if "-recipients-" in p.name]

    assert policy.inputs["queueUrl"] == f"https://sqs/{ACCOUNT}/file-events"


def test_a_queue_and_a_function_of_another_region_get_their_permission_there(deploy):
    queue, function = QUEUE.replace(REGION, "ap-southeast-1"), FUNCTION.replace(REGION, "ap-southeast-1")
    deployment = deploy(emails=["a@b.co"], rules=[{"name": "far", "to": [queue, function]}])

    (policy,) = [p for p in deployment.of("QueuePolicy") if "-recipients-" in p.name]
    (permission,) = [p for p in deployment.of("Permission") if p.inputs["principal"] == "sns.amazonaws.com"]

    assert (policy.inputs["region"], permission.inputs["region"]) == ("ap-southeast-1", "ap-southeast-1")


@pytest.mark.parametrize(
    ("primary", "region", "sender"),
    [
        ("me-south-1", "me-south-1", "sns.amazonaws.com"),
        ("me-south-1", REGION, "sns.me-south-1.amazonaws.com"),
        (REGION, "me-south-1", "sns.me-south-1.amazonaws.com"),
        ("af-south-1", "me-south-1", "sns.me-south-1.amazonaws.com"),
    ],
)
def test_between_regions_sns_is_named_after_the_one_that_had_to_be_opted_into(monkeypatch, primary, region, sender):
    """The recipient's where both are such (SNS: cross-region delivery)."""
    monkeypatch.setattr(conftest, "REGION", primary)
    there = [address.replace(REGION, region) for address in (QUEUE, FUNCTION)]
    deployment = run(emails=["a@b.co"], rules=[{"name": "systems", "to": there}])

    (accept,) = [s for s in deployment.statements() if "-recipients-" in s.resource.name]
    (permission,) = [p for p in deployment.of("Permission") if p.inputs["function"] in there]

    assert accept.services == [sender]
    assert permission.inputs["principal"] == sender


def test_a_queue_gets_the_payload_itself(basic):
    assert subscription(basic, QUEUE).inputs["rawMessageDelivery"] is True


@pytest.mark.parametrize("address", ["ann@example.com", "+84901234567", WEBHOOK, FUNCTION])
def test_all_others_get_what_sns_makes_of_it(basic, address):
    assert subscription(basic, address).inputs.get("rawMessageDelivery", False) is False


def test_people_need_no_permission(deploy):
    deployment = deploy(rules=[{"name": "people", "to": ["a@b.co", "+84901234567"]}], alarmEmails=["a@b.co"])

    assert [p.inputs["principal"] for p in deployment.of("Permission")] == ["s3.amazonaws.com"]
    assert not [p for p in deployment.of("QueuePolicy") if "-recipients-" in p.name]


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


def test_the_account_number_of_a_queue_is_not_in_the_name_of_its_subscription(basic):
    assert ACCOUNT not in subscription(basic, QUEUE).name


def test_the_order_in_which_recipients_are_written_changes_nothing(deploy):
    emails = ["bob@example.com", "ann@example.com"]
    to = ["+84901234567", "bob@example.com", "ann@example.com", WEBHOOK]

    one, other = (
        deploy(emails=emails[::step], rules=[{"name": "r", "to": to[::step]}], alarmEmails=emails[::step])
        for step in (1, -1)
    )

    assert {r.urn: hashed(r.inputs) for r in one.resources} == {r.urn: hashed(r.inputs) for r in other.resources}


def test_a_queue_that_does_not_exist_is_one_clear_line_of_the_preview(deploy, monkeypatch):
    def absent(_fake, args):
        if args.token == "aws:sqs/getQueue:getQueue":
            raise AbsentError
        return answer(_fake, args)

    answer = FakeAws.call
    monkeypatch.setattr(FakeAws, "call", absent)

    with pytest.raises(MissingRecipientError) as refused:
        deploy(emails=["a@b.co"], rules=[{"name": "audit", "to": [QUEUE]}])

    failure = "invoke of aws:sqs/getQueue:getQueue failed: couldn't find resource"
    assert issubclass(MissingRecipientError, pulumi.RunError)
    assert str(refused.value).splitlines() == [
        f"rule 'audit' notifies {QUEUE}, which cannot be looked up: {failure}",
        "  aws sqs create-queue --region eu-west-1 --queue-name file-events",
        "  or take it out of the rule's `to`",
    ]


def test_a_queue_of_another_account_is_refused_although_this_one_has_a_queue_of_its_name(deploy):
    theirs = QUEUE.replace(ACCOUNT, "999999999999")

    with pytest.raises(MissingRecipientError, match="which is a queue of another account; this one has") as refused:
        deploy(emails=["a@b.co"], rules=[{"name": "audit", "to": [theirs]}])

    assert theirs in str(refused.value)
    assert QUEUE in str(refused.value)
