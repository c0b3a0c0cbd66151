"""Changes that people and other tools make to a stack outside Pulumi, and how to undo them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e.stack import EVERYONE
from tests.ops.live import Live


@dataclass(frozen=True)
class Breakage:
    """`damage` breaks the stack and returns what undoes it; doctor must find `id` with `what` and `fix`."""

    id: str
    what: str
    fix: str
    damage: Callable[[Live], Callable[[], object]]

    @contextmanager
    def on(self, live: Live):
        with ExitStack() as undoing:
            undoing.callback(self.damage(live))
            yield


def permission(live: Live) -> Callable[[], object]:
    lambda_, name = live.aws.lambda_, live.outputs["notifyFunctionName"]
    (statement,) = json.loads(lambda_.get_policy(FunctionName=name)["Policy"])["Statement"]
    lambda_.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    return lambda: lambda_.add_permission(
        FunctionName=name,
        StatementId=statement["Sid"],
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{live.bucket}",
        SourceAccount="000000000000",
    )


def notification(new: Callable[[Live], dict[str, Any]]) -> Callable[[Live], Callable[[], object]]:
    def damage(live: Live) -> Callable[[], object]:
        s3, bucket = live.aws.s3, live.bucket
        before = s3.get_bucket_notification_configuration(Bucket=bucket)
        before.pop("ResponseMetadata")
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=new(live))
        return lambda: s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=before)

    return damage


def _queue_of_another_tool(live: Live) -> dict[str, Any]:
    sqs = live.aws.sqs
    arn = live.aws.arn("sqs", "theirs")
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}]}
    sqs.create_queue(QueueName="theirs", Attributes={"Policy": json.dumps(policy)})
    return {"QueueConfigurations": [{"Id": "theirs", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}


def _created_only(live: Live) -> dict[str, Any]:
    name = live.outputs["notifyFunctionName"]
    arn = live.aws.arn("lambda", f"function:{name}")
    return {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}


def subscription(
    matches: Callable[[Live, str], bool], topic: str = "topicArn"
) -> Callable[[Live], Callable[[], object]]:
    """Ends the subscriptions whose endpoint matches."""

    def damage(live: Live) -> Callable[[], object]:
        sns, arn = live.aws.sns, live.outputs[topic]
        listed = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
        gone = [entry for entry in listed if matches(live, entry["Endpoint"])]
        attributes = {
            entry["Endpoint"]: sns.get_subscription_attributes(SubscriptionArn=entry["SubscriptionArn"])["Attributes"]
            for entry in gone
        }
        for entry in gone:
            sns.unsubscribe(SubscriptionArn=entry["SubscriptionArn"])

        def undo() -> None:
            for entry in gone:
                known = attributes[entry["Endpoint"]]
                sns.subscribe(
                    TopicArn=arn,
                    Protocol=entry["Protocol"],
                    Endpoint=entry["Endpoint"],
                    Attributes={
                        name: known[name]
                        for name in ("FilterPolicy", "RedrivePolicy", "RawMessageDelivery")
                        if name in known
                    },
                )

        return undo

    return damage


def everyones(live: Live) -> str:
    listed = live.aws.sns.list_subscriptions_by_topic(TopicArn=live.outputs["topicArn"])["Subscriptions"]
    return next(entry["SubscriptionArn"] for entry in listed if entry["Endpoint"] == EVERYONE)


def attribute(name: str, value: str) -> Callable[[Live], Callable[[], object]]:
    """Changes an attribute of everyone's subscription."""

    def damage(live: Live) -> Callable[[], object]:
        sns, arn = live.aws.sns, everyones(live)
        before = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"][name]
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)
        return lambda: sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=before)

    return damage


def pending(live: Live) -> Callable[[], object]:
    sns, arn = live.aws.sns, live.outputs["alarmTopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="https", Endpoint="https://127.0.0.1:9/hook")

    def undo() -> None:
        for entry in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]:
            if entry["Protocol"] == "https":
                sns.unsubscribe(SubscriptionArn=entry["SubscriptionArn"])

    return undo


def queue(output: str, name: str, value: str) -> Callable[[Live], Callable[[], object]]:
    """Changes an attribute of a queue."""

    def damage(live: Live) -> Callable[[], object]:
        sqs, url = live.aws.sqs, live.outputs[output]
        attributes: Any = [name]
        before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=attributes)["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={name: value})
        return lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes=before)

    return damage


def mapping(**change: Any) -> Callable[[Live], Callable[[], object]]:
    """Changes what reads the work queue."""

    def damage(live: Live) -> Callable[[], object]:
        lambda_ = live.aws.lambda_
        (source,) = lambda_.list_event_source_mappings()["EventSourceMappings"]
        lambda_.update_event_source_mapping(UUID=source["UUID"], **change)
        return lambda: lambda_.update_event_source_mapping(
            UUID=source["UUID"], Enabled=True, FunctionResponseTypes=["ReportBatchItemFailures"]
        )

    return damage


def _schedule(live: Live) -> dict[str, Any]:
    scheduler = live.aws.scheduler
    (listed,) = scheduler.list_schedules()["Schedules"]
    schedule: Any = scheduler.get_schedule(Name=listed["Name"])
    return {name: schedule[name] for name in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target", "State")}


def schedule_disabled(live: Live) -> Callable[[], object]:
    before = _schedule(live)
    live.aws.scheduler.update_schedule(**{**before, "State": "DISABLED"})
    return lambda: live.aws.scheduler.update_schedule(**before)


def schedule_gone(live: Live) -> Callable[[], object]:
    before = _schedule(live)
    live.aws.scheduler.delete_schedule(Name=before["Name"])
    return lambda: live.aws.scheduler.create_schedule(**before)


def on_failure(live: Live) -> Callable[[], object]:
    lambda_, name = live.aws.lambda_, live.outputs["notifyFunctionName"]
    before = lambda_.get_function_event_invoke_config(FunctionName=name)["DestinationConfig"]
    lambda_.delete_function_event_invoke_config(FunctionName=name)
    return lambda: lambda_.put_function_event_invoke_config(FunctionName=name, DestinationConfig=before)


def switched_off(live: Live) -> Callable[[], object]:
    lambda_, name = live.aws.lambda_, live.outputs["notifyFunctionName"]
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    return lambda: lambda_.delete_function_concurrency(FunctionName=name)


def broken_topic(live: Live) -> Callable[[], object]:
    """Notify publishes to a topic that does not exist."""
    before = live.environment()
    live.set_environment({**before, "TOPIC_ARN": f"{before['TOPIC_ARN']}-gone"})
    return lambda: live.set_environment(before)


def topic(live: Live) -> Callable[[], object]:
    sns, arn = live.aws.sns, live.outputs["topicArn"]
    again = subscription(lambda _, __: True)(live)
    known = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    sns.delete_topic(TopicArn=arn)

    def undo() -> None:
        given = {name: known[name] for name in ("DisplayName", "KmsMasterKeyId", "Policy")}
        assert sns.create_topic(Name=arn.rpartition(":")[2], Attributes=given)["TopicArn"] == arn
        again()

    return undo


def _is_the_work_queue(_: Live, endpoint: str) -> bool:
    return "-work-queue-" in endpoint


UP = "python -m local up"
OPEN = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]})

BROKEN_TOPIC = Breakage("failing-notify", "is failing", "logs tail", broken_topic)
SWITCHED_OFF = Breakage(
    "concurrency-zero-notify", "its reserved concurrency is 0", "delete-function-concurrency", switched_off
)

BREAKAGES = (
    Breakage("permission-missing", "S3 is not permitted to invoke", UP, permission),
    Breakage("notification-missing", "it is empty", UP, notification(lambda _: {})),
    Breakage(
        "notification-foreign",
        "it sends events to others (QueueConfiguration theirs)",
        UP,
        notification(_queue_of_another_tool),
    ),
    Breakage("notification-altered", "leaves out s3:ObjectRemoved:*", UP, notification(_created_only)),
    Breakage(
        "subscription-gone", f"{EVERYONE} is not subscribed", UP, subscription(lambda _, endpoint: endpoint == EVERYONE)
    ),
    Breakage(
        "subscription-pending",
        "https://127.0.0.1:9/hook has not confirmed",
        "python -m ops confirm LINK --ready-file",
        pending,
    ),
    Breakage(
        "subscription-filter",
        "not that of its rules (every file)",
        UP,
        attribute("FilterPolicy", '{"deliver": ["other"]}'),
    ),
    Breakage(
        "subscription-redrive", f"cannot be delivered to {EVERYONE} are lost", UP, attribute("RedrivePolicy", "{}")
    ),
    Breakage("subscription-gone-work", "The work queue is no longer subscribed", UP, subscription(_is_the_work_queue)),
    Breakage("alarm-nobody", "has no confirmed subscription", UP, subscription(lambda _, __: True, "alarmTopicArn")),
    Breakage("topic-missing", "does not exist", UP, topic),
    Breakage("queue-policy-work", "does not let the topic send to it", UP, queue("workQueueUrl", "Policy", "")),
    Breakage("queue-policy-digest", "does not let the topic send to it", UP, queue("digestQueueUrl", "Policy", "")),
    Breakage(
        "queue-policy-undelivered", "does not let the topic send to it", UP, queue("undeliveredQueueUrl", "Policy", "")
    ),
    Breakage(
        "queue-policy-failed-events",
        "is not the one that the program deployed",
        UP,
        queue("failedEventsQueueUrl", "Policy", OPEN),
    ),
    Breakage("redrive-work", "has lost its dead-letter queue", UP, queue("workQueueUrl", "RedrivePolicy", "")),
    Breakage(
        "mapping-disabled",
        "its event source mapping is disabl",
        "update-event-source-mapping --uuid",
        mapping(Enabled=False),
    ),
    Breakage(
        "mapping-whole-batches",
        "does not report partial batch failures",
        "ReportBatchItemFailures",
        mapping(FunctionResponseTypes=[]),
    ),
    Breakage("schedule-disabled", "is disabled", UP, schedule_disabled),
    Breakage("schedule-missing", "No schedule invokes the digest function", UP, schedule_gone),
    Breakage("on-failure-missing", "go nowhere, instead of to the failed-events queue", UP, on_failure),
    SWITCHED_OFF,
)
