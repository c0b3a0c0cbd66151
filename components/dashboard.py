"""The dashboard: is it delivering, and if not, where does it stick?

Body by "Dashboard Body Structure and Syntax" of CloudWatch's user guide; tests/program checks it against those rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.alarms import AGE, MESSAGES, RUNBOOK, Expression, Metric, counter, of_function, of_queue, of_topic
from components.log_queries import LOG_QUERIES
from domain.counters import OUTCOMES, RECEIVED

DAY, FIVE_MINUTES = 86_400, 300
COLUMNS = 24
_FAILURES = next(query for query in LOG_QUERIES if query.name == "failures by cause")

Widget = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What the dashboard shows: functions and their log groups by service, queues by what they hold."""

    region: pulumi.Input[str]
    functions: Mapping[str, pulumi.Input[str]]
    log_groups: Mapping[str, pulumi.Input[str]]
    queues: Mapping[str, pulumi.Input[str]]
    kept: Mapping[str, pulumi.Input[str]]
    topic: pulumi.Input[str]
    api: Mapping[str, pulumi.Input[str]] | None
    """The dimensions of the API's metrics, where there is an API."""
    alarms: Sequence[pulumi.Input[str]]
    unaccounted: Expression


def dashboard_body(watched: Watched) -> pulumi.Output[str]:
    """The dashboard as CloudWatch takes it: a JSON text."""
    rows = (
        (4, [_delivering(watched), _alarms(watched)]),
        (6, [_what_became(watched), _kept(watched), _waiting(watched)]),
        (6, [_mails(watched), _deliveries(watched), _looked_into(watched)]),
        (6, [*_functions(watched), *_api(watched)]),
        (6, [_failures(watched)]),
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
    shown = {RECEIVED: "events that came in", "Published": "told", "Failed": "failed attempts"}
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


def _what_became(watched: Watched) -> Widget:
    rows = [counter(name, "notify").as_row(label=name.lower()) for name in OUTCOMES]
    return _graph(watched, "What became of events", rows, stacked=True)


def _kept(watched: Watched) -> Widget:
    rows = [of_queue(MESSAGES, queue).as_row(label=name) for name, queue in watched.kept.items()]
    return _graph(watched, "Kept as failures", rows, yAxis={"left": {"min": 0}})


def _waiting(watched: Watched) -> Widget:
    rows = [
        row
        for name, queue in watched.queues.items()
        for row in (
            of_queue(MESSAGES, queue).as_row(label=f"{name}: waiting"),
            of_queue(AGE, queue).as_row(label=f"{name}: oldest, seconds", yAxis="right"),
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
        "NumberOfNotificationsRedrivenToDlq": "kept as undelivered",
    }
    return _graph(
        watched,
        "Deliveries by SNS",
        [of_topic(name, watched.topic).as_row(label=label) for name, label in names.items()],
    )


def _looked_into(watched: Watched) -> Widget:
    rows = [
        counter("Processed", "process").as_row(label="files looked into"),
        counter("ProcessingFailed", "process").as_row(label="files that cannot be"),
        counter("Bytes", "process").as_row(label="bytes read", yAxis="right"),
    ]
    return _graph(watched, "Files", rows)


def _functions(watched: Watched) -> list[Widget]:
    failing = [
        of_function(name, function).as_row(label=f"{service}: {name.lower()}")
        for service, function in watched.functions.items()
        for name in ("Errors", "Throttles")
    ]
    taking = [
        of_function("Duration", function, "p95").as_row(label=service)
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


def _failures(watched: Watched) -> Widget:
    groups = [watched.log_groups[service] for service in _FAILURES.services if service in watched.log_groups]
    sources = [part for group in groups for part in ("SOURCE '", group, "' | ")]
    query = pulumi.Output.concat(*sources, _FAILURES.text)
    properties = {"title": "Failures by cause", "region": watched.region, "query": query, "view": "table"}
    return {"type": "log", "properties": properties}


def _help() -> Widget:
    stack = pulumi.get_stack()
    text = (
        f"**What to do about each alarm** is in `{RUNBOOK}`, under its name. First, always: "
        f"`python -m ops status --stack {stack}` and `python -m ops doctor --stack {stack}`. More questions "
        f"are saved in Logs Insights under `{pulumi.get_project()}/{stack}`."
    )
    return {"type": "text", "properties": {"markdown": text}}
