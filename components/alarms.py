"""One form for every alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

RUNBOOK = "docs/runbook.md"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A CloudWatch metric: `statistic` over `period_seconds`."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str = "Sum"
    period_seconds: int = 60

    def as_query(self, query_id: str) -> dict[str, Any]:
        """The metric as an operand of an expression."""
        return {
            "id": query_id,
            "return_data": False,
            "metric": {
                "namespace": self.namespace,
                "metric_name": self.name,
                "dimensions": self.dimensions,
                "stat": self.statistic,
                "period": self.period_seconds,
            },
        }


@dataclass(frozen=True, kw_only=True)
class AlarmArgs:
    """When to speak, and what about. `heading` names the part of the runbook that tells what to do.

    With an `expression`, `metrics` are its operands by id; without one there is a single metric. The alarm speaks when
    `breaching` of the last `periods` are at or above `threshold`; no data is good news.
    """

    meaning: str
    heading: str
    metrics: Mapping[str, Metric]
    threshold: float = 1
    expression: str = ""
    periods: int = 1
    breaching: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)


def alarm(
    name: str, args: AlarmArgs, *, topic_arn: pulumi.Input[str], parent: pulumi.Resource
) -> aws.cloudwatch.MetricAlarm:
    """An alarm that speaks on the topic, and again when all is well."""
    watched: dict[str, Any]
    if args.expression:
        operands = [metric.as_query(query_id) for query_id, metric in args.metrics.items()]
        result = {"id": "result", "expression": args.expression, "label": args.heading, "return_data": True}
        watched = {"metric_queries": [*operands, result]}
    else:
        (metric,) = args.metrics.values()
        watched = {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "dimensions": metric.dimensions,
            "statistic": metric.statistic,
            "period": metric.period_seconds,
        }
    return aws.cloudwatch.MetricAlarm(
        name,
        alarm_description=f'{args.meaning} What to do: {RUNBOOK}, "{args.heading}".',
        threshold=args.threshold,
        evaluation_periods=args.periods,
        datapoints_to_alarm=args.breaching,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=pulumi.ResourceOptions(parent=parent),
        **watched,
    )
