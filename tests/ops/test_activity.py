"""Counts and last times: from CloudWatch, or from the log's lines where CloudWatch has none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from ops.errors import OpsError
from ops.reading.activity import COUNTERS, Activity, as_json, counters, from_logs, from_metrics
from tests.ops.parts import a_function, a_stack, answering

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def counted(minutes):
    """A line that counts two events so many minutes ago."""
    metrics = [{"Namespace": "n", "Dimensions": [["service"]], "Metrics": [{"Name": "Received", "Unit": "Count"}]}]
    at = int((NOW - timedelta(minutes=minutes)).timestamp() * 1000)
    return json.dumps({"_aws": {"Timestamp": at, "CloudWatchMetrics": metrics}, "service": "notify", "Received": [2.0]})


def series(**points):
    """CloudWatch's answer: points by counter, each minutes ago → count."""
    return {
        "MetricDataResults": [
            {
                "Id": f"q{number}",
                "Timestamps": [NOW - timedelta(minutes=ago) for ago in points.get(name, {})],
                "Values": [float(count) for count in points.get(name, {}).values()],
            }
            for number, name in enumerate(COUNTERS)
        ]
    }


def logged(*events):
    """CloudWatch's answer: (minutes ago, line)."""
    return {
        "events": [
            {"timestamp": int((NOW - timedelta(minutes=ago)).timestamp() * 1000), "message": line}
            for ago, line in events
        ]
    }


def test_metrics_are_added_up_since_midnight():
    stack = a_stack()
    yesterday = 13 * 60
    everything = {name: {1: 1} for name in COUNTERS if name not in ("Received", "Published")}
    answer = series(Received={yesterday: 7, 30: 3, 2: 1}, Published={30: 3, 2: 1}, **everything)
    with answering(stack, "cloudwatch", ("get_metric_data", answer)):
        seen = from_metrics(stack.aws.cloudwatch, a_function(), COUNTERS, NOW)

    assert seen.counts["Received"] == 4
    assert seen.counts["Published"] == 4
    assert seen.last.get("Received") == NOW - timedelta(minutes=2)


def test_a_counter_that_last_changed_before_yesterday_is_searched_by_the_hour():
    stack = a_stack()
    older = {**series(Received={3 * 24 * 60: 5})}
    with answering(stack, "cloudwatch", ("get_metric_data", series()), ("get_metric_data", older)):
        seen = from_metrics(stack.aws.cloudwatch, a_function(), COUNTERS, NOW)

    assert seen.counts["Received"] == 0
    assert seen.last.get("Received") == NOW - timedelta(days=3)


def test_an_older_event_without_an_outcome_is_a_gap():
    seen = Activity(source="metrics", counts={}, settled={"Received": 4, "Published": 3})

    assert seen.gap == 1


def test_an_event_that_may_still_be_in_flight_is_no_gap():
    seen = Activity(source="metrics", counts={"Received": 5, "Published": 4}, settled={"Received": 4, "Published": 4})

    assert seen.gap == 0


def test_a_recent_outcome_does_not_hide_an_older_gap():
    seen = Activity(source="metrics", counts={"Received": 6, "Published": 5}, settled={"Received": 4, "Published": 3})

    assert seen.gap == 1


def test_log_lines_are_added_up_without_metrics():
    stack = a_stack()
    lines = [(ago, counted(ago)) for ago in (13 * 60, 10, 1)]
    other = (1, '{"level":"INFO","message":"_aws published"}')
    with answering(stack, "logs", ("filter_log_events", logged(*lines, other))):
        seen = from_logs(stack.aws.logs, "notify-logs", NOW)

    assert (seen.source, seen.counts["Received"], seen.settled["Received"]) == ("logs", 4, 2)
    assert seen.last.get("Received") == NOW - timedelta(minutes=1)


def test_a_line_counts_at_the_time_that_the_function_recorded():
    stack = a_stack()
    with answering(stack, "logs", ("filter_log_events", logged((4, counted(6))))):
        seen = from_logs(stack.aws.logs, "notify-logs", NOW)

    assert seen.settled["Received"] == 2
    assert seen.last.get("Received") == NOW - timedelta(minutes=6)


def test_a_log_that_does_not_exist_yet_counts_nothing():
    stack = a_stack()
    with answering(stack, "logs", ("filter_log_events", "ResourceNotFoundException")):
        seen = from_logs(stack.aws.logs, "notify-logs", NOW)

    assert seen.counts == {}
    assert seen.last.get("Received") is None


def test_a_log_too_long_to_read_is_refused_instead_of_read_in_part(monkeypatch):
    monkeypatch.setattr("ops.reading.activity._MOST_LOG_PAGES", 2)
    stack = a_stack()
    pages = [("filter_log_events", {**logged((10, counted(10))), "nextToken": str(number)}) for number in range(3)]
    with (
        answering(stack, "logs", *pages),
        pytest.raises(OpsError, match="notify-logs since 2026-11-09 12:00") as refused,
    ):
        from_logs(stack.aws.logs, "notify-logs", NOW)

    assert "longer than the 2 pages" in refused.value.what
    assert refused.value.fix.startswith(
        "aws logs tail notify-logs --since 10m --region eu-west-1 --endpoint-url https://"
    )


def test_a_log_of_exactly_the_most_pages_is_read(monkeypatch):
    monkeypatch.setattr("ops.reading.activity._MOST_LOG_PAGES", 2)
    stack = a_stack()
    pages = [
        ("filter_log_events", {**logged((10, counted(10))), "nextToken": "1"}),
        ("filter_log_events", logged((1, counted(1)))),
    ]
    with answering(stack, "logs", *pages):
        assert from_logs(stack.aws.logs, "notify-logs", NOW).counts["Received"] == 4


def test_other_lines_have_no_counters():
    assert [counters(line) for line in ("START", "{", "[1]", '{"_aws": 1}', '{"_aws": {"CloudWatchMetrics": 1}}')] == [
        {}
    ] * 5
    assert as_json('{"level": "INFO"}') == {"level": "INFO"}
