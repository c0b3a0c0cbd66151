"""Does a notification reach everybody it is meant for, and a failure somebody?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.doctor.finding import Finding
from ops.errors import OpsError
from ops.reading.deployed import Deployed
from ops.reading.people import Listener, listeners, strangers
from ops.reading.queues import WAITING
from ops.reading.subscriptions import OWN_FILTERS, Subscription
from ops.stack import Stack


def topic(deployed: Deployed) -> Iterator[Finding]:
    """The topic is there."""
    stack = deployed.stack
    if deployed.subscriptions is None:
        yield Finding(
            id="topic-missing",
            what=f"The topic {_name(stack['topicArn'])} does not exist.",
            means="No notification can be published: events end in the failed-events queue, which keeps them for 14 days.",
            fix=stack.repair_command,
        )


def rules(deployed: Deployed) -> Iterator[Finding]:
    """The rules that notify was shipped with can be read: without them nobody knows who ought to be subscribed."""
    if deployed.notify is None:
        return
    try:
        deployed.rules  # noqa: B018 - reading is the check
    except OpsError as error:
        yield Finding(
            id="rules-unreadable",
            what=f"{error.what[:1].upper()}{error.what[1:]}.",
            means="If notify cannot read them either, it tells nobody; its events then go to the failed-events queue.",
            fix=deployed.stack.repair_command,
        )


def subscribed(deployed: Deployed) -> Iterator[Finding]:
    """Everybody whom a rule names is subscribed, has confirmed, and hears of just these rules."""
    stack = deployed.stack
    if deployed.subscriptions is None or deployed.notify is None:
        return
    try:
        named = deployed.rules
    except OpsError:
        return
    for one in listeners(named, deployed.subscriptions):
        yield from _of_listener(one, stack)
    ours = [queue.arn for output in WAITING.values() if (queue := deployed.queue(output)) is not None]
    for stranger in strangers(named, deployed.subscriptions, ours):
        yield Finding(
            id="subscription-unknown",
            what=f"{stranger.endpoint} is subscribed to the topic, and no rule names it.",
            means="Somebody subscribed it by hand. It hears what its filter policy lets through; without one, of "
            "everything. Add it to a rule, or end it.",
            fix=stack.aws_command("sns", "unsubscribe", "--subscription-arn", stranger.arn),
            level="note",
        )


def own_queues(deployed: Deployed) -> Iterator[Finding]:
    """The work queue and the digest queue are subscribed, and what SNS cannot deliver is kept."""
    stack = deployed.stack
    found = deployed.subscriptions
    if found is None:
        return
    for name, output in WAITING.items():
        queue = deployed.queue(output)
        if queue is None:
            continue
        ours = [one for one in found if one.endpoint == queue.arn]
        if not ours:
            means = {
                "work": "New files are not looked into: they stay without checksum, type and facts.",
                "digest": "In a storm, nobody hears of the files that should come in a digest. They are not kept.",
            }[name]
            yield Finding(
                id=f"subscription-gone-{name}",
                what=f"The {name} queue is not subscribed to the topic any more.",
                means=means,
                fix=stack.repair_command,
            )
        elif not any(_is_as_made(one, OWN_FILTERS[name]) for one in ours):
            yield Finding(
                id=f"subscription-changed-{name}",
                what=f"The {name} queue's subscription is not as it was made: its filter policy is "
                f"{ours[0].attributes.get('FilterPolicy') or 'gone'}, raw delivery "
                f"{ours[0].attributes.get('RawMessageDelivery', 'false')}.",
                means="The queue gets other notifications than it should, or in a form that its function cannot read.",
                fix=stack.repair_command,
            )
    undelivered = deployed.queue("undeliveredQueueUrl")
    if undelivered is None:
        return
    lost = [one for one in found if not one.is_pending and one.redrive.get("deadLetterTargetArn") != undelivered.arn]
    if lost:
        yield Finding(
            id="subscription-redrive",
            what=f"What cannot be delivered to {', '.join(one.endpoint for one in lost)} is not kept.",
            means="The subscription has lost its dead-letter queue: a notification that SNS gives up on is gone.",
            fix=stack.repair_command,
            level="attention",
        )


def alarms(deployed: Deployed) -> Iterator[Finding]:
    """Somebody hears about failures."""
    stack = deployed.stack
    found = deployed.alarm_subscriptions
    if found is None:
        yield Finding(
            id="alarm-topic-missing",
            what=f"The alarm topic {_name(stack['alarmTopicArn'])} does not exist.",
            means="Nobody hears about failures.",
            fix=stack.repair_command,
        )
        return
    for one in found:
        if one.is_pending:
            yield _pending(one, "It hears of no failure", stack)
    if not any(not one.is_pending for one in found):
        yield Finding(
            id="alarm-nobody",
            what="Nobody has confirmed a subscription of the alarm topic.",
            means="Alarms go off unheard: failures are kept, and nobody looks at them within the 14 days.",
            fix=stack.repair_command if not found else stack.ops_command("confirm", "LINK"),
        )


def _is_as_made(one: Subscription, policy: Mapping[str, Any]) -> bool:
    return one.filter_policy == policy and one.attributes.get("RawMessageDelivery") == "true"


def _of_listener(one: Listener, stack: Stack) -> Iterator[Finding]:
    who, named = one.recipient.address, ", ".join(one.rules)
    if one.subscription is None:
        person = one.recipient.is_person
        yield Finding(
            id="subscription-gone",
            what=f"{who} is not subscribed any more; rules that name it: {named}.",
            means="It hears of no file. "
            + (
                "SNS deletes an address that followed the link at the end of a mail, that did not confirm in three "
                "days, or that got more than 10 mails a second. After the repair it has to confirm again."
                if person
                else "What was published meanwhile was not kept for it."
            ),
            fix=stack.repair_command,
        )
    elif one.subscription.is_pending:
        yield _pending(one.subscription, f"It hears of no file (rules: {named})", stack)
    elif not one.hears_its_rules:
        yield Finding(
            id="subscription-filter",
            what=f"The filter policy of {who} is not that of its rules ({named}): "
            f"{one.subscription.attributes.get('FilterPolicy') or 'there is none'}.",
            means="It hears of other files than its rules say. A change takes up to 15 minutes to work everywhere.",
            fix=stack.repair_command,
        )
    elif one.subscription.anybody_may_end_it:
        yield Finding(
            id="subscription-unguarded",
            what=f"Whoever follows the link at the end of a mail to {who} ends its subscription.",
            means="Scanners of mail servers follow links. A subscription that was confirmed with `confirm` asks for "
            "credentials; this one was not. To change it, end it, deploy, and confirm the new one with that command.",
            fix=stack.aws_command("sns", "unsubscribe", "--subscription-arn", one.subscription.arn)
            + f" && {stack.repair_command}",
            level="note",
        )


def _pending(one: Subscription, means: str, stack: Stack) -> Finding:
    again = stack.aws_command(
        "sns", "subscribe", "--topic-arn", one.attributes.get("TopicArn", stack["topicArn"]),
        "--protocol", one.protocol, "--notification-endpoint", one.endpoint,
    )  # fmt: skip
    return Finding(
        id="subscription-pending",
        what=f"{one.endpoint} has not confirmed its subscription.",
        means=f"{means} until then; after 48 hours SNS forgets it. The link is in the mail (or the request) "
        f"“Subscription Confirmation”; SNS sends it once more with: {again}",
        fix=stack.ops_command("confirm", "LINK"),
    )


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]
