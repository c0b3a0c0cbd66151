"""Nothing is lost silently: dead-letter queues keep what fails, alarms watch them, and every decision is logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .data import QUEUE, alarm_topics
from .resource import UNKNOWN, Resource, Violation, as_list, given, is_or_may_be, of_type, part

FOURTEEN_DAYS = 14 * 86_400
"""In seconds; the longest that SQS keeps a message."""
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
FUNCTION = "aws:lambda/function:Function"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
ON_FAILURE = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"

_ASYNCHRONOUS = ("s3.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com")
# The property that names where each type sends what it failed at.
_FAILS_TO = {QUEUE: "redrivePolicy", SUBSCRIPTION: "redrivePolicy", ON_FAILURE: "destinationConfig"}


def _dead_letter_queues(resources: Sequence[Resource]) -> list[Resource]:
    return [
        queue
        for queue in of_type(resources, QUEUE)
        if any(one.refers_to(queue, _FAILS_TO[one.type]) for one in resources if one.type in _FAILS_TO)
    ]


def keeps_what_queues_give_up(resources: Sequence[Resource]) -> Iterator[Violation]:
    """Every queue has a dead-letter queue or is one."""
    last = {queue.urn for queue in _dead_letter_queues(resources)}
    for queue in of_type(resources, QUEUE):
        if queue.urn not in last and not given(queue.properties.get("redrivePolicy")):
            yield queue, "a message that is received too often is retried until it expires; set redrive_policy"


def keeps_what_topics_cannot_deliver(resources: Sequence[Resource]) -> Iterator[Violation]:
    """Every subscription has a dead-letter queue. Alarm topics have none: nobody would look there."""
    speaking = alarm_topics(resources)
    for subscription in of_type(resources, SUBSCRIPTION):
        topics = subscription.references.get("topic", frozenset())
        if topics.isdisjoint(speaking) and not given(subscription.properties.get("redrivePolicy")):
            yield subscription, "what cannot be delivered is lost; set redrive_policy"


def keeps_events_that_functions_fail(resources: Sequence[Resource]) -> Iterator[Violation]:
    """A function that S3, SNS or EventBridge invokes keeps the events that it fails at."""
    callers = of_type(resources, "aws:lambda/permission:Permission")
    asynchronous = [one for one in callers if one.properties.get("principal") in _ASYNCHRONOUS]
    kept = [
        one
        for one in of_type(resources, ON_FAILURE)
        if given(part(one.properties.get("destinationConfig"), "onFailure"))
    ]
    for function in of_type(resources, FUNCTION):
        invoked = any(one.refers_to(function, "function") for one in asynchronous)
        if invoked and not any(one.refers_to(function, "functionName") for one in kept):
            yield function, "an event that it fails at three times is lost; set an on-failure destination"


def keeps_failures_fourteen_days(resources: Sequence[Resource]) -> Iterator[Violation]:
    """What has failed is kept for the longest that SQS can."""
    for queue in _dead_letter_queues(resources):
        if not is_or_may_be(queue.properties.get("messageRetentionSeconds"), FOURTEEN_DAYS):
            yield queue, f"it keeps failures for less than 14 days; set message_retention_seconds to {FOURTEEN_DAYS}"


def watches_dead_letter_queues(resources: Sequence[Resource]) -> Iterator[Violation]:
    """An alarm watches every dead-letter queue."""
    alarms = of_type(resources, ALARM)
    for queue in _dead_letter_queues(resources):
        if not any(alarm.refers_to(queue, "dimensions", "metricQueries") for alarm in alarms):
            yield queue, "no alarm watches it"


def notifies_of_alarms(resource: Resource) -> Iterator[str]:
    """Every alarm notifies someone when it goes on and when it goes off."""
    if resource.type == ALARM:
        for actions in ("alarmActions", "okActions"):
            if not given(resource.properties.get(actions)):
                yield f"it notifies no one; set {actions}"


def keeps_events_that_rules_cannot_deliver(resource: Resource) -> Iterator[str]:
    """Every target of an EventBridge rule has a dead-letter queue."""
    if resource.type == EVENT_TARGET and not given(resource.properties.get("deadLetterConfig")):
        yield "an event that cannot be delivered to it is lost; set dead_letter_config"


def lets_logs_expire(resource: Resource) -> Iterator[str]:
    """Logs are kept for a time, not forever."""
    if resource.type == "aws:cloudwatch/logGroup:LogGroup" and not given(resource.properties.get("retentionInDays")):
        yield "it keeps its logs forever; set retention_in_days"


def logs_each_function_into_a_group_of_its_own(resources: Sequence[Resource]) -> Iterator[Violation]:
    """A function logs into a group that the stack has made for it; one that Lambda makes never expires."""
    groups = {group.urn for group in of_type(resources, "aws:cloudwatch/logGroup:LogGroup")}
    functions = of_type(resources, FUNCTION)
    used = {one.urn: one.references.get("loggingConfig", frozenset()) & groups for one in functions}
    shared = Counter(urn for urns in used.values() for urn in urns)
    for function in functions:
        if not used[function.urn]:
            yield function, "it logs into a group that Lambda makes; set logging_config"
        elif any(shared[urn] > 1 for urn in used[function.urn]):
            yield function, "it shares its log group with another function"


def gives_back_single_messages(resource: Resource) -> Iterator[str]:
    """Of a batch, only the messages that failed are retried."""
    if resource.type == "aws:lambda/eventSourceMapping:EventSourceMapping":
        reports = resource.properties.get("functionResponseTypes")
        if reports is not UNKNOWN and "ReportBatchItemFailures" not in as_list(reports):
            yield "one failure brings the whole batch back; set function_response_types"
