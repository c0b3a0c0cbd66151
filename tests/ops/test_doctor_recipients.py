"""What `doctor` finds about recipients: their subscriptions, filter policies, and the alarms."""

from __future__ import annotations

import pytest

from domain.rules import Rule
from domain.topology import WORK_FILTER, own_address
from ops.doctor import recipients
from tests.ops.parts import (
    ADVANCED,
    EVERY_FILE,
    a_function,
    a_queue,
    a_stack,
    a_subscription,
    answering,
    by_id,
    deployed,
    only,
)


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, set()),
        ({"filter_policy": {"kind": ["upload"]}}, {"subscription-changed-work"}),
        ({"attributes": {"RawMessageDelivery": "false"}}, {"subscription-changed-work"}),
        (
            {"attributes": {"RawMessageDelivery": "true", "FilterPolicyScope": "MessageBody"}},
            {"subscription-changed-work"},
        ),
    ],
)
def test_a_changed_subscription_of_an_own_queue_is_reported(changes, ids):
    queue = a_queue("work")
    made = {"filter_policy": WORK_FILTER, "attributes": {"RawMessageDelivery": "true"}}
    subscription = a_subscription(queue.arn, "sqs", **{**made, **changes})
    known = {"workQueueUrl": queue, "digestQueueUrl": None, "undeliveredQueueUrl": None}
    read = deployed(a_stack(ADVANCED), subscriptions=[subscription], _queues=known)

    assert set(by_id(recipients.own_queues(read))) == ids


def test_the_filter_policy_of_the_rules_and_the_own_address_is_right_in_any_order():
    policy = {"deliver": [own_address("ann@example.com"), "every file"]}
    read = deployed(notify=a_function(), rules=(EVERY_FILE,), subscriptions=[a_subscription(filter_policy=policy)])

    assert list(recipients.subscribed(read)) == []


def test_a_filter_policy_of_other_rules_is_reported():
    read = deployed(
        notify=a_function(),
        rules=(EVERY_FILE,),
        subscriptions=[a_subscription(filter_policy={"deliver": ["another"]})],
    )

    assert "not that of its rules (every file)" in only(recipients.subscribed(read)).what


def test_a_filter_policy_on_the_body_is_reported():
    scope = {"FilterPolicyScope": "MessageBody"}
    read = deployed(
        notify=a_function(),
        rules=(EVERY_FILE,),
        subscriptions=[a_subscription(attributes=scope), a_subscription("work", "sqs", attributes=scope)],
    )

    findings = by_id(recipients.subscribed(read))
    assert set(findings) == {"subscription-filter", "subscription-unknown"}
    assert findings["subscription-filter"].what.endswith("applied to the message's body.")


@pytest.mark.parametrize(
    ("recipient", "means"),
    [
        ("ann@example.com", "did not confirm within 48 hours, or that got more than 10 mails a second"),
        ("https://hooks.example.com/", "deletes a subscription that is not confirmed within 48 hours"),
        ("arn:aws:sqs:eu-west-1:111122223333:audit", "What was published meanwhile is lost for it"),
    ],
)
def test_a_recipient_without_a_subscription_is_reported_with_the_refresh_that_pulumi_needs(recipient, means):
    rules = (Rule(name="every file", to=(recipient,)),)
    finding = only(recipients.subscribed(deployed(notify=a_function(), rules=rules, subscriptions=[])))

    assert finding.id == "subscription-gone"
    assert means in finding.means
    assert "until a refresh, an update that changes its rules fails" in finding.means
    assert finding.fix == "pulumi up --refresh --stack dev"


def test_a_pending_subscription_is_reported_with_both_ways_to_the_link():
    pending = a_subscription(is_pending=True, arn="PendingConfirmation", attributes={})
    finding = only(recipients.subscribed(deployed(notify=a_function(), rules=(EVERY_FILE,), subscriptions=[pending])))

    assert finding.id == "subscription-pending"
    assert finding.fix == "python -m ops confirm LINK --stack dev"
    assert "aws sns subscribe --topic-arn" in finding.means
    assert "after 48 hours SNS deletes it, and `pulumi up --refresh --stack dev` subscribes it again" in finding.means


def test_a_subscription_that_any_unsubscribe_link_ends_is_a_note():
    loose = a_subscription(attributes={"ConfirmationWasAuthenticated": "false"})
    finding = only(recipients.subscribed(deployed(notify=a_function(), rules=(EVERY_FILE,), subscriptions=[loose])))

    assert (finding.id, finding.level) == ("subscription-unguarded", "note")


def test_a_subscription_created_by_hand_is_a_note():
    read = deployed(
        notify=a_function(), rules=(EVERY_FILE,), subscriptions=[a_subscription(), a_subscription("bob@example.com")]
    )

    assert (only(recipients.subscribed(read)).id, only(recipients.subscribed(read)).level) == (
        "subscription-unknown",
        "note",
    )


def test_the_subscription_of_an_own_queue_that_was_deleted_is_not_called_one_made_by_hand():
    orphan = a_subscription("arn:aws:sqs:eu-west-1:111122223333:work", "sqs")
    read = deployed(
        a_stack(ADVANCED),
        notify=a_function(),
        rules=(EVERY_FILE,),
        subscriptions=[a_subscription(), orphan],
        _queues={"workQueueUrl": None, "digestQueueUrl": None},
    )

    assert list(recipients.subscribed(read)) == []


def test_a_subscription_without_its_dead_letter_queue_needs_attention():
    loose = a_subscription(attributes={"RedrivePolicy": ""})
    read = deployed(subscriptions=[loose], _queues={"undeliveredQueueUrl": a_queue("undelivered")})

    assert "cannot be delivered to ann@example.com are lost" in only(recipients.own_queues(read)).what


@pytest.mark.parametrize(
    ("subscriptions", "ids"),
    [
        (None, {"alarm-topic-missing"}),
        ([], {"alarm-nobody"}),
        ([a_subscription(is_pending=True)], {"alarm-nobody", "subscription-pending"}),
        ([a_subscription()], set()),
    ],
)
def test_alarms_that_notify_nobody_are_reported(subscriptions, ids):
    assert set(by_id(recipients.alarms(deployed(alarm_subscriptions=subscriptions)))) == ids


PHONES = Rule(name="urgent", to=("+84901234567", "+84907654321"))
VERIFIED = {"PhoneNumbers": [{"PhoneNumber": "+84901234567", "Status": "Verified"}]}
PENDING = {"PhoneNumbers": [{"PhoneNumber": "+84901234567", "Status": "Pending"}]}


@pytest.mark.parametrize(
    ("numbers", "unreached"), [(VERIFIED, ["+84907654321"]), (PENDING, ["+84901234567", "+84907654321"])]
)
def test_a_phone_that_the_sandbox_does_not_know_is_reported(numbers, unreached):
    stack = a_stack()
    in_sandbox = ("get_sms_sandbox_account_status", {"IsInSandbox": True})
    with answering(stack, "sns", in_sandbox, ("list_sms_sandbox_phone_numbers", numbers)):
        findings = list(recipients.phones(deployed(stack, rules=(PHONES,))))

    assert [finding.what.split()[0] for finding in findings] == unreached
    assert f"create-sms-sandbox-phone-number --phone-number {unreached[-1]}" in findings[-1].fix


def test_outside_the_sandbox_every_phone_is_reached():
    stack = a_stack()
    with answering(stack, "sns", ("get_sms_sandbox_account_status", {"IsInSandbox": False})):
        assert list(recipients.phones(deployed(stack, rules=(PHONES,)))) == []


def test_without_phones_nobody_asks_about_the_sandbox():
    stack = a_stack()
    with answering(stack, "sns"):
        assert list(recipients.phones(deployed(stack, rules=(EVERY_FILE,)))) == []


def test_unreadable_rules_are_reported():
    read = deployed(notify=a_function(code_url="http://127.0.0.1:9/code"))

    assert only(recipients.rules(read)).id == "rules-unreadable"
