"""Metrics, metric math, and the one form of every alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

RUNBOOK = "docs/runbook.md"
MINUTE = 60
MESSAGES_VISIBLE, OLDEST_MESSAGE_AGE = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
"""Metrics of a queue, as SQS calls them."""


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
    """Metric math over metrics by their ids. An operand that may have no value in a minute needs FILL."""

    text: str
    operands: Mapping[str, Metric]


def sum_of(operands: Mapping[str, Metric]) -> Expression:
    """The sum of metrics that have no value where nothing happened."""
    return _over("SUM", operands)


def max_of(operands: Mapping[str, Metric]) -> Expression:
    """The highest of metrics that have no value where nothing happened."""
    return _over("MAX", operands)


def _over(function: str, operands: Mapping[str, Metric]) -> Expression:
    filled = ", ".join(f"FILL({key}, 0)" for key in operands)
    return Expression(text=f"{function}([{filled}])", operands=operands)


def counter(name: str, service: str) -> Metric:
    """A counter that a function writes itself: one of domain.counters.SERIES."""
    namespace = f"{pulumi.get_project()}/{pulumi.get_stack()}"
    return Metric(namespace=namespace, name=name, dimensions={"service": service})


def lambda_metric(name: str, function_name: pulumi.Input[str], statistic: str = "Sum") -> Metric:
    """A metric of Lambda's about a function."""
    return Metric(namespace="AWS/Lambda", name=name, dimensions={"FunctionName": function_name}, statistic=statistic)


def queue_metric(name: str, queue_name: pulumi.Input[str]) -> Metric:
    """A metric of SQS's about a queue: its maximum."""
    return Metric(namespace="AWS/SQS", name=name, dimensions={"QueueName": queue_name}, statistic="Maximum")


def topic_metric(name: str, topic_name: pulumi.Input[str]) -> Metric:
    """A metric of SNS's about a topic."""
    return Metric(namespace="AWS/SNS", name=name, dimensions={"TopicName": topic_name})


@dataclass(frozen=True, kw_only=True)
class AlarmArgs:
    """When to notify, and about what.

    The alarm is on while `watched` was at or above `threshold` in `breaching` of the last `minutes`; no data is good
    news. With `needs_data` it is bad news: the alarm also notifies when there was data and is none in all of the
    `minutes`. A new alarm has had none, so that a new stack starts quietly. `heading` names the runbook's section that
    says what to do, `run` is the operator's command to begin with.
    """

    heading: str
    meaning: str
    run: str
    watched: Metric | Expression
    threshold: float = 1
    minutes: int = 1
    breaching: int = 1
    needs_data: bool = False


def alarm(
    name: str, args: AlarmArgs, *, topic_arn: pulumi.Input[str], parent: pulumi.Resource
) -> aws.cloudwatch.MetricAlarm:
    """An alarm `<name>-<heading>` that notifies the topic when it goes on, and when it goes off."""
    return aws.cloudwatch.MetricAlarm(
        f"{name}-{args.heading}",
        alarm_description=f'{args.meaning} Begin with "python -m ops {args.run} --stack {pulumi.get_stack()}"; '
        f'what to do is in {RUNBOOK} under "{args.heading}".',
        threshold=args.threshold,
        evaluation_periods=args.minutes,
        datapoints_to_alarm=args.breaching,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="missing" if args.needs_data else "notBreaching",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        insufficient_data_actions=[topic_arn] if args.needs_data else None,
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
