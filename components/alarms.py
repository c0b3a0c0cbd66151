"""What is measured, and one form for every alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

RUNBOOK = "docs/runbook.md"
MINUTE = 60
MESSAGES, AGE = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
"""Of a queue, as SQS calls them."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A CloudWatch metric: `statistic` over periods of a minute."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str = "Sum"

    def as_query(self, query_id: str) -> dict[str, Any]:
        """The metric as an operand of an alarm's expression."""
        return {
            "id": query_id,
            "return_data": False,
            "metric": {
                "namespace": self.namespace,
                "metric_name": self.name,
                "dimensions": self.dimensions,
                "stat": self.statistic,
                "period": MINUTE,
            },
        }

    def as_row(self, **options: Any) -> list[Any]:
        """The metric as a row of a dashboard's widget, shown as `options` say."""
        dimensions = [part for dimension in self.dimensions.items() for part in dimension]
        return [self.namespace, self.name, *dimensions, {"stat": self.statistic, **options}]


@dataclass(frozen=True, kw_only=True)
class Expression:
    """Metric math over metrics by their ids. An operand that may be silent for a minute needs FILL."""

    text: str
    operands: Mapping[str, Metric]


def counter(name: str, service: str) -> Metric:
    """What a function counts by itself: one of domain.counters.SERIES."""
    namespace = f"{pulumi.get_project()}/{pulumi.get_stack()}"
    return Metric(namespace=namespace, name=name, dimensions={"service": service})


def of_function(name: str, function_name: pulumi.Input[str], statistic: str = "Sum") -> Metric:
    """What Lambda measures of a function."""
    return Metric(namespace="AWS/Lambda", name=name, dimensions={"FunctionName": function_name}, statistic=statistic)


def of_queue(name: str, queue_name: pulumi.Input[str]) -> Metric:
    """What SQS measures of a queue: how much or how long, at most."""
    return Metric(namespace="AWS/SQS", name=name, dimensions={"QueueName": queue_name}, statistic="Maximum")


def of_topic(name: str, topic_name: pulumi.Input[str]) -> Metric:
    """What SNS measures of a topic."""
    return Metric(namespace="AWS/SNS", name=name, dimensions={"TopicName": topic_name})


@dataclass(frozen=True, kw_only=True)
class AlarmArgs:
    """When to speak, and what about.

    It speaks when `watched` was at or above `threshold` in `breaching` of the last `minutes`; no data is good news.
    `heading` names the part of the runbook that tells what to do, `run` is the operator's command to begin with.
    """

    heading: str
    meaning: str
    run: str
    watched: Metric | Expression
    threshold: float = 1
    minutes: int = 1
    breaching: int = 1


def alarm(
    name: str, args: AlarmArgs, *, topic_arn: pulumi.Input[str], parent: pulumi.Resource
) -> aws.cloudwatch.MetricAlarm:
    """An alarm `<name>-<heading>` that speaks on the topic, and again when all is well."""
    return aws.cloudwatch.MetricAlarm(
        f"{name}-{args.heading}",
        alarm_description=f'{args.meaning} Begin with "python -m ops {args.run} --stack {pulumi.get_stack()}"; '
        f'what to do is in {RUNBOOK} under "{args.heading}".',
        threshold=args.threshold,
        evaluation_periods=args.minutes,
        datapoints_to_alarm=args.breaching,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=pulumi.ResourceOptions(parent=parent),
        **_watched(args),
    )


def _watched(args: AlarmArgs) -> dict[str, Any]:
    if isinstance(args.watched, Expression):
        operands = [metric.as_query(query_id) for query_id, metric in args.watched.operands.items()]
        result = {"id": "result", "expression": args.watched.text, "label": args.heading, "return_data": True}
        return {"metric_queries": [*operands, result]}
    return {
        "namespace": args.watched.namespace,
        "metric_name": args.watched.name,
        "dimensions": args.watched.dimensions,
        "statistic": args.watched.statistic,
        "period": MINUTE,
    }
