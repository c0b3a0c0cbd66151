"""What the functions counted: from CloudWatch's metrics, or from their logs where CloudWatch has none.

Every function writes its counters into its log (CloudWatch's embedded metric format), from which CloudWatch makes
metrics. The emulator makes none: there the same lines are added up.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from domain.counters import OUTCOMES, RECEIVED
from ops.aws import is_absent
from ops.errors import OpsError
from ops.reading.functions import Function
from ops.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_logs import CloudWatchLogsClient

COUNTERS = (RECEIVED, *OUTCOMES)
PUBLISHED, FAILED = "Published", "Failed"

SETTLING = timedelta(minutes=5)
"""An event may be in flight this long before it counts as unaccounted for; metrics lag as well."""
LOOK_BACK = timedelta(days=14)
_MINUTE, _HOUR = 60, 3600
_MOST_LOG_PAGES = 200


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One function's counters since midnight (UTC), and when each last changed within LOOK_BACK."""

    source: Literal["metrics", "logs"]
    counts: Mapping[str, int]
    settled: Mapping[str, int] = field(default_factory=dict)
    """The counts without those of the last SETTLING."""
    last: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def gap(self) -> int:
        """Events received before SETTLING without a recorded outcome."""
        return max(0, self.settled.get(RECEIVED, 0) - sum(self.settled.get(name, 0) for name in OUTCOMES))

    @property
    def is_failing(self) -> bool:
        """Whether an event failed today, and none has had another outcome since."""
        failed = self.last.get(FAILED)
        others = [self.last[name] for name in OUTCOMES if name != FAILED and name in self.last]
        return bool(self.counts.get(FAILED)) and failed is not None and all(failed > at for at in others)


def activity(stack: Stack, function: Function, names: tuple[str, ...], now: datetime) -> Activity:
    """What a function counted today, and when it last did. Raises OpsError if a local stack's log is too long."""
    if stack.is_local:
        return from_logs(stack.aws.logs, function.log_group, now)
    return from_metrics(stack.aws.cloudwatch, function, names, now)


def from_metrics(client: CloudWatchClient, function: Function, names: tuple[str, ...], now: datetime) -> Activity:
    """By the minute for a day, which covers today's counts; by the hour before that, where a day shows nothing."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = _points(client, function, names, start=now - timedelta(days=1), end=now, period=_MINUTE)
    last = {name: max(points) for name, points in day.items() if points}
    if missing := tuple(name for name in names if name not in last):
        before = _points(client, function, missing, start=now - LOOK_BACK, end=now - timedelta(days=1), period=_HOUR)
        last |= {name: max(points) for name, points in before.items() if points}
    today = {name: {at: count for at, count in points.items() if at >= midnight} for name, points in day.items()}
    return Activity(
        source="metrics",
        counts={name: sum(points.values()) for name, points in today.items()},
        settled={
            name: sum(count for at, count in points.items() if at < now - SETTLING) for name, points in today.items()
        },
        last=last,
    )


def _points(
    client: CloudWatchClient,
    function: Function,
    names: tuple[str, ...],
    *,
    start: datetime,
    end: datetime,
    period: int,
) -> dict[str, dict[datetime, int]]:
    """Sums other than zero, by the start of their period."""
    queries: Any = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": function.metrics_namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": "service", "Value": function.service}],
                },
                "Period": period,
                "Stat": "Sum",
            },
        }
        for number, name in enumerate(names)
    ]
    sums: dict[str, dict[datetime, int]] = {name: {} for name in names}
    pages = client.get_paginator("get_metric_data").paginate(MetricDataQueries=queries, StartTime=start, EndTime=end)
    for page in pages:
        for series in page["MetricDataResults"]:
            points = zip(series["Timestamps"], series["Values"], strict=True)
            sums[names[int(series["Id"][1:])]].update({at: round(count) for at, count in points if count})
    return sums


def from_logs(client: CloudWatchLogsClient, log_group: str, now: datetime) -> Activity:
    """The counters in the log, added up since midnight. Raises OpsError if it is too long to read."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    counts: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    for printed, line in log_lines(client, log_group, since=now - LOOK_BACK, containing="_aws"):
        at = _counted_at(line) or printed
        for name, count in counters(line).items():
            if count:
                last[name] = max(at, last.get(name, at))
            if at >= midnight:
                counts[name] += count
                settled[name] += count if at < now - SETTLING else 0
    return Activity(source="logs", counts=counts, settled=settled, last=last)


def log_lines(
    client: CloudWatchLogsClient, log_group: str, *, since: datetime, containing: str = ""
) -> Iterator[tuple[datetime, str]]:
    """A log's lines since then, oldest first; none if the log does not exist. `containing` is one term.

    Raises OpsError above a few hundred pages: the newest lines, which matter most, come last.
    """
    from botocore.exceptions import ClientError

    request: dict[str, Any] = {"logGroupName": log_group, "startTime": int(since.timestamp() * 1000)}
    if containing:
        request["filterPattern"] = f'"{containing}"'
    try:
        for number, page in enumerate(client.get_paginator("filter_log_events").paginate(**request)):
            if number == _MOST_LOG_PAGES:
                raise OpsError(
                    f"the log {log_group} since {since:%Y-%m-%d %H:%M} UTC is longer than the {_MOST_LOG_PAGES} pages "
                    "that are read, and its newest lines come last; read a shorter time of it:",
                    f"aws logs tail {log_group} --since 10m --region {client.meta.region_name} "
                    f"--endpoint-url {client.meta.endpoint_url}",
                )
            for event in page["events"]:
                if containing in event["message"]:
                    yield datetime.fromtimestamp(event["timestamp"] / 1000, UTC), event["message"]
    except ClientError as error:
        if not is_absent(error):
            raise


def counters(line: str) -> dict[str, int]:
    """The counters in one line of a log; empty for any other line."""
    entry = as_json(line)
    try:
        metrics = [metric["Name"] for part in entry["_aws"]["CloudWatchMetrics"] for metric in part["Metrics"]]
        return {name: round(sum(_numbers(entry[name]))) for name in metrics}
    except (KeyError, TypeError, ValueError):
        return {}


def _counted_at(line: str) -> datetime | None:
    """The time that the function recorded with the counters, which is that of CloudWatch's metrics."""
    try:
        return datetime.fromtimestamp(as_json(line)["_aws"]["Timestamp"] / 1000, UTC)
    except (KeyError, TypeError):
        return None


def as_json(line: str) -> dict[str, Any]:
    """A line of a log that holds a JSON object; empty for any other line."""
    if not line.startswith("{"):
        return {}
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _numbers(value: Any) -> list[float]:
    return [float(number) for number in value] if isinstance(value, list) else [float(value)]
