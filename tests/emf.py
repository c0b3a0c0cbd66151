"""Log lines of functions, read back: what was logged, and what was counted in CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from domain.counters import SCAN_SERIES, SERIES


def entries(log: str) -> list[dict[str, Any]]:
    """The JSON objects in a log, one a line; Lambda's own lines are left out."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


def logged(log: str) -> list[dict[str, Any]]:
    """The entries that are messages."""
    return [entry for entry in entries(log) if "_aws" not in entry]


def metrics(log: str) -> list[dict[str, Any]]:
    """The entries that are metrics."""
    return [entry for entry in entries(log) if "_aws" in entry]


def counted(log: str) -> Counter[str]:
    """The sum of each metric. Fails on one that its function is not known to count."""
    sums: Counter[str] = Counter()
    for entry in metrics(log):
        for group in entry["_aws"]["CloudWatchMetrics"]:
            for metric in group["Metrics"]:
                assert metric["Name"] in SERIES[entry["service"]] + SCAN_SERIES.get(entry["service"], ())
                sums[metric["Name"]] += round(sum(entry[metric["Name"]]))
    return sums
