"""The dashboard: is it delivering, and if not, where is it stuck?

Body by "Dashboard Body Structure and Syntax" of CloudWatch's user guide; tests/program checks it against those rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.alarms import (
    MESSAGES_VISIBLE,
    OLDEST_MESSAGE_AGE,
    RUNBOOK,
    Expression,
    Metric,
    counter,
    lambda_metric,
    queue_metric,
    topic_metric,
)
from components.log_queries import LOG_QUERIES
from domain.counters import OUTCOMES, RECEIVED

DAY, FIVE_MINUTES = 86_400, 300
COLUMNS = 24
_CAUSES = next(query for query in LOG_QUERIES if query.name == "failures by cause")

Widget = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What the dashboard shows: functions and their log groups by service, queues by name."""

    region: pulumi.Input[str]
    functions: Mapping[str, pulumi.Input[str]]
    log_groups: Mapping[str, pulumi.Input[str]]
    queues: Mapping[str, pulumi.Input[str]]
    failure_queues: Mapping[str, pulumi.Input[str]]
    topic: pulumi.Input[str]
    api: Mapping[str, pulumi.Input[str]] | None
    """The dimensions of the API's metrics, where there is an API."""
    alarms: Sequence[pulumi.Input[str]]
    unaccounted: Expression


def dashboard_body(watched: Watched) -> pulumi.Output[str]:
    """The dashboard as CloudWatch takes it: a JSON text."""
    rows = (
        (4, [_delivering(watched), _alarms(watched)]),
        (6, [_outcomes(watched), _failures(watched), _waiting(watched)]),
        (6, [_mails(watched), _deliveries(watched), _files(watched)]),
        (6, [*_functions(watched), *_api(watched)]),
        (6, [_causes(watched)]),
        (2, [_help()]),
    )
    placed, y = [], 0
    for height, widgets in rows:
        width = COLUMNS // len(widgets)
        placed += [
            {"x": column * width, "y": y, "width": width, "height": height, **widget}
            for column, widget in enumerate(widgets)
        ]
        y += height
    return pulumi.Output.json_dumps({"start": "-PT24H", "widgets": placed})


def _graph(watched: Watched, title: str, rows: Sequence[list[Any]], **options: Any) -> Widget:
    properties = {"view": "timeSeries", "stacked": False, "period": FIVE_MINUTES, **options}
    return {"type": "metric", "properties": {"title": title, "region": watched.region, "metrics": rows, **properties}}


def _expression(expression: Expression, label: str, **options: Any) -> list[list[Any]]:
    """The expression's rows: its result, and its operands unseen."""
    operands = [metric.as_row(id=key, visible=False) for key, metric in expression.operands.items()]
    return [[{"id": "result", "expression": expression.text, "label": label, **options}], *operands]


def _delivering(watched: Watched) -> Widget:
    shown = {RECEIVED: "received", "Published": "published", "Failed": "failed attempts"}
    rows = _expression(watched.unaccounted, "unaccounted for")
    for row in rows:
        name = row[1] if len(row) > 1 else ""
        if name in shown:
            row[-1] |= {"visible": True, "label": shown[name]}
    return _graph(
        watched, "Is it delivering? (last 24 hours)", rows, view="singleValue", period=DAY, setPeriodToTimeRange=True
    )


def _alarms(watched: Watched) -> Widget:
    return {"type": "alarm", "properties": {"title": "Alarms", "alarms": list(watched.alarms), "sortBy": "default"}}


def _outcomes(watched: Watched) -> Widget:
    rows = [counter(name, "notify").as_row(label=name.lower()) for name in OUTCOMES]
    return _graph(watched, "Event outcomes", rows, stacked=True)


def _failures(watched: Watched) -> Widget:
    rows = [queue_metric(MESSAGES_VISIBLE, queue).as_row(label=name) for name, queue in watched.failure_queues.items()]
    return _graph(watched, "Dead-letter queues", rows, yAxis={"left": {"min": 0}})


def _waiting(watched: Watched) -> Widget:
    rows = [
        row
        for name, queue in watched.queues.items()
        for row in (
            queue_metric(MESSAGES_VISIBLE, queue).as_row(label=f"{name}: waiting"),
            queue_metric(OLDEST_MESSAGE_AGE, queue).as_row(label=f"{name}: oldest, seconds", yAxis="right"),
        )
    ]
    return _graph(watched, "Waiting", rows, yAxis={"left": {"min": 0}, "right": {"min": 0}})


def _mails(watched: Watched) -> Widget:
    rows = [
        counter("MailsAtOnce", "notify").as_row(label="at once"),
        counter("MailsInDigests", "digest").as_row(label="digests"),
    ]
    return _graph(watched, "Mails", rows, stacked=True)


def _deliveries(watched: Watched) -> Widget:
    names = {
        "NumberOfMessagesPublished": "notifications",
        "NumberOfNotificationsDelivered": "delivered",
        "NumberOfNotificationsFailed": "failed",
        "NumberOfNotificationsRedrivenToDlq": "moved to the undelivered queue",
    }
    return _graph(
        watched,
        "Deliveries by SNS",
        [topic_metric(name, watched.topic).as_row(label=label) for name, label in names.items()],
    )


def _files(watched: Watched) -> Widget:
    rows = [
        counter("Processed", "process").as_row(label="processed"),
        counter("ProcessingFailed", "process").as_row(label="processing failed"),
        counter("Bytes", "process").as_row(label="bytes read", yAxis="right"),
    ]
    return _graph(watched, "Files", rows)


def _functions(watched: Watched) -> list[Widget]:
    failing = [
        lambda_metric(name, function).as_row(label=f"{service}: {name.lower()}")
        for service, function in watched.functions.items()
        for name in ("Errors", "Throttles")
    ]
    taking = [
        lambda_metric("Duration", function, "p95").as_row(label=service)
        for service, function in watched.functions.items()
    ]
    return [
        _graph(watched, "Functions: errors and throttles", failing),
        _graph(watched, "Functions: milliseconds (p95)", taking),
    ]


def _api(watched: Watched) -> list[Widget]:
    if watched.api is None:
        return []
    dimensions = watched.api

    def of_api(name: str, statistic: str = "Sum") -> Metric:
        return Metric(namespace="AWS/ApiGateway", name=name, dimensions=dimensions, statistic=statistic)

    rows = [
        of_api("Count").as_row(label="requests"),
        of_api("4XXError").as_row(label="4xx"),
        of_api("5XXError").as_row(label="5xx"),
        of_api("Latency", "p95").as_row(label="milliseconds (p95)", yAxis="right"),
    ]
    return [_graph(watched, "Files API", rows)]


def _causes(watched: Watched) -> Widget:
    groups = [watched.log_groups[service] for service in _CAUSES.services if service in watched.log_groups]
    sources = [part for group in groups for part in ("SOURCE '", group, "' | ")]
    query = pulumi.Output.concat(*sources, _CAUSES.text)
    properties = {"title": "Failures by cause", "region": watched.region, "query": query, "view": "table"}
    return {"type": "log", "properties": properties}


def _help() -> Widget:
    stack = pulumi.get_stack()
    text = (
        f"**What to do about each alarm** is in `{RUNBOOK}`, under its name. First, always: "
        f"`python -m ops status --stack {stack}` and `python -m ops doctor --stack {stack}`. More queries "
        f"are saved in Logs Insights under `{pulumi.get_project()}/{stack}`."
    )
    return {"type": "text", "properties": {"markdown": text}}
