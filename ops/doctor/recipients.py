"""Checks that notifications reach every recipient, and alarms someone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.topology import WORKING_FILTERS, WORKING_QUEUES, chat_filter
from domain.topology import recipients as recipients_of
from ops.doctor.advanced import NOT_PROCESSED
from ops.doctor.finding import Finding
from ops.errors import OpsError
from ops.reading.deployed import Deployed
from ops.reading.recipients import Subscriber, subscribers, unknown_subscriptions
from ops.reading.subscriptions import Subscription
from ops.stack import Stack

_STALE_STATE = "Pulumi's state still lists it: until a refresh, an update that changes its rules fails."


def topic(deployed: Deployed) -> Iterator[Finding]:
    """The topic exists."""
    stack = deployed.stack
    if deployed.subscriptions is None:
        yield Finding(
            id="topic-missing",
            what=f"The topic {_name(stack['topicArn'])} does not exist.",
            means="No notification can be published: events go to the failed-events queue, for 14 days at most.",
            fix=stack.repair_command,
        )


def rules(deployed: Deployed) -> Iterator[Finding]:
    """The rules that notify was deployed with can be read; without them no recipient is known."""
    if deployed.notify is None:
        return
    try:
        deployed.rules  # noqa: B018 - reading is the check
    except OpsError as error:
        yield Finding(
            id="rules-unreadable",
            what=f"{error.what[:1].upper()}{error.what[1:]}.",
            means="If notify cannot read them either, nobody is notified; its events go to the failed-events queue.",
            fix=deployed.stack.repair_command,
        )


def subscribed(deployed: Deployed) -> Iterator[Finding]:
    """Every recipient is subscribed, has confirmed, and has the filter policy of its rules."""
    stack = deployed.stack
    if deployed.subscriptions is None or deployed.notify is None:
        return
    try:
        deployed_rules = deployed.rules
    except OpsError:  # reported by the check of the rules
        return
    for subscriber in subscribers(deployed_rules, deployed.subscriptions, deployed.chat_queue):
        yield from _of_subscriber(subscriber, stack)
    own_queues = [stack.queue_arn(output) for output in WORKING_QUEUES.values() if stack.get(output)]
    for subscription in unknown_subscriptions(deployed_rules, deployed.subscriptions, own_queues):
        yield Finding(
            id="subscription-unknown",
            what=f"{subscription.endpoint} is subscribed to the topic, and no rule names it.",
            means="It was subscribed by hand. It receives what its filter policy lets through, or everything if it has "
            "none. Add it to a rule, or unsubscribe it.",
            fix=stack.aws_command("sns", "unsubscribe", "--subscription-arn", subscription.arn),
            level="note",
        )


def phones(deployed: Deployed) -> Iterator[Finding]:
    """No phone is out of reach because the account is in SNS's sandbox, as new accounts are."""
    sns = deployed.stack.aws.sns
    try:
        numbers = [who.address for who in recipients_of(deployed.rules) if who.protocol == "sms"]
    except OpsError:  # reported by the check of the rules
        return
    if not numbers or not sns.get_sms_sandbox_account_status()["IsInSandbox"]:
        return
    pages = sns.get_paginator("list_sms_sandbox_phone_numbers").paginate()
    verified = {one["PhoneNumber"] for page in pages for one in page["PhoneNumbers"] if one["Status"] == "Verified"}
    for number in numbers:
        if number not in verified:
            yield Finding(
                id="sms-sandbox",
                what=f"{number} gets no text message: the account is in SNS's SMS sandbox.",
                means="SNS accepts each notification and delivers none. Verify the number with the code that SNS texts "
                "it, or ask AWS to move the account out of the sandbox.",
                fix=deployed.stack.aws_command("sns", "create-sms-sandbox-phone-number", "--phone-number", number),
            )


def own_queues(deployed: Deployed) -> Iterator[Finding]:
    """The work queue, the digest queue and the chat queue are subscribed; every subscription has its dead letters."""
    stack, subscriptions = deployed.stack, deployed.subscriptions
    if subscriptions is None:
        return
    for name, wanted in _filters(deployed).items():
        queue = deployed.queue(WORKING_QUEUES[name])
        if queue is None:
            continue
        own = [subscription for subscription in subscriptions if subscription.endpoint == queue.arn]
        if not own:
            means = {
                "work": NOT_PROCESSED,
                "digest": "In a storm, nobody is notified of the files that belong into a digest; they are lost.",
                "chat": "No chat channel is notified of files; what is published meanwhile is lost for them.",
            }[name]
            yield Finding(
                id=f"subscription-gone-{name}",
                what=f"The {name} queue is no longer subscribed to the topic.",
                means=means,
                fix=stack.repair_command,
            )
        elif not any(_is_as_deployed(subscription, wanted, raw=name != "chat") for subscription in own):
            yield Finding(
                id=f"subscription-changed-{name}",
                what=f"The {name} queue's subscription was changed: its filter policy is {own[0].filter_text}, raw "
                f"delivery {own[0].attributes.get('RawMessageDelivery', 'false')}.",
                means="The queue gets other notifications than it should, or in a form that its function cannot read.",
                fix=stack.repair_command,
            )
    undelivered = deployed.queue("undeliveredQueueUrl")
    if undelivered is None:
        return
    unprotected = [
        subscription.endpoint
        for subscription in subscriptions
        if not subscription.is_pending and subscription.redrive.get("deadLetterTargetArn") != undelivered.arn
    ]
    if unprotected:
        yield Finding(
            id="subscription-redrive",
            what=f"Notifications that cannot be delivered to {', '.join(unprotected)} are lost.",
            means="The subscription has lost its dead-letter queue, the undelivered queue.",
            fix=stack.repair_command,
            level="attention",
        )


def alarms(deployed: Deployed) -> Iterator[Finding]:
    """The alarm topic exists and has a confirmed subscription."""
    stack, subscriptions = deployed.stack, deployed.alarm_subscriptions
    if subscriptions is None:
        yield Finding(
            id="alarm-topic-missing",
            what=f"The alarm topic {_name(stack['alarmTopicArn'])} does not exist.",
            means="Alarms notify nobody.",
            fix=stack.repair_command,
        )
        return
    for subscription in subscriptions:
        if subscription.is_pending:
            yield _pending(subscription, "Until then it receives no alarm", stack)
    if all(subscription.is_pending for subscription in subscriptions):
        yield Finding(
            id="alarm-nobody",
            what="The alarm topic has no confirmed subscription.",
            means="Alarms notify nobody: failed messages are deleted after 14 days unless someone looks.",
            fix=stack.ops_command("confirm", "LINK") if subscriptions else stack.repair_command,
        )


def _filters(deployed: Deployed) -> dict[str, Mapping[str, Any]]:
    """The filter policies of the stack's own queues, by their names; without rules the chat queue's is not known."""
    filters = dict(WORKING_FILTERS)
    if deployed.queue(WORKING_QUEUES["chat"]) is None:
        return filters
    try:
        of_chat = chat_filter(deployed.rules)
    except OpsError:  # reported by the check of the rules
        return filters
    # Where channels receive alarms only, the chat queue is not subscribed to the topic.
    return filters | ({"chat": of_chat} if of_chat["deliver"] else {})


def _is_as_deployed(subscription: Subscription, policy: Mapping[str, Any], *, raw: bool) -> bool:
    delivered_raw = subscription.attributes.get("RawMessageDelivery") == "true"
    return subscription.has_filter(policy) and delivered_raw == raw


def _of_subscriber(subscriber: Subscriber, stack: Stack) -> Iterator[Finding]:
    recipient, names = subscriber.recipient, ", ".join(subscriber.rules)
    if subscriber.subscription is None:
        yield Finding(
            id="subscription-gone",
            what=f"{recipient.address} is not subscribed; rules that name it: {names}.",
            means=f"It is not notified. {_why_gone(subscriber)}{'' if stack.is_local else _STALE_STATE}".strip(),
            fix=stack.repair_command,
        )
    elif subscriber.subscription.is_pending:
        yield _pending(subscriber.subscription, f"Until then it is not notified (rules: {names})", stack)
    elif not subscriber.has_expected_filter:
        yield Finding(
            id="subscription-filter",
            what=f"The filter policy of {recipient.address} is not that of its rules ({names}): "
            f"{subscriber.subscription.filter_text}.",
            means="It is notified of other files than its rules say, or cannot get a replay alone. A change takes up "
            "to 15 minutes to apply everywhere.",
            fix=stack.repair_command,
        )
    elif subscriber.subscription.is_unguarded:
        yield Finding(
            id="subscription-unguarded",
            what=f"Anyone who opens the unsubscribe link of a mail to {recipient.address} ends its subscription.",
            means="Mail scanners open links. A subscription confirmed with `confirm` asks for credentials; this one "
            "was not. To change that, unsubscribe it, deploy, and confirm the new one with that command.",
            fix=stack.aws_command("sns", "unsubscribe", "--subscription-arn", subscriber.subscription.arn)
            + f" && {stack.repair_command}",
            level="note",
        )


def _why_gone(subscriber: Subscriber) -> str:
    """SNS: https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html (48 hours)."""
    kind = subscriber.recipient.kind
    if kind.permission != "confirmation":
        return "What was published meanwhile is lost for it. "
    if kind.is_person:
        return (
            "SNS deletes an address that opened an unsubscribe link, that did not confirm within 48 hours, or that got "
            "more than 10 mails a second. After the repair it must confirm again. "
        )
    return "SNS deletes a subscription that is not confirmed within 48 hours. After the repair it must confirm again. "


def _pending(subscription: Subscription, means: str, stack: Stack) -> Finding:
    again = stack.aws_command(
        "sns", "subscribe", "--topic-arn", subscription.attributes.get("TopicArn", stack["topicArn"]),
        "--protocol", subscription.protocol, "--notification-endpoint", subscription.endpoint,
    )  # fmt: skip
    return Finding(
        id="subscription-pending",
        what=f"{subscription.endpoint} has not confirmed its subscription.",
        means=f"{means}; after 48 hours SNS deletes it, and `{stack.repair_command}` subscribes it again. The link is "
        f"in the mail (or the request) “Subscription Confirmation”; SNS sends it again with: {again}",
        fix=stack.ops_command("confirm", "LINK"),
    )


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]
