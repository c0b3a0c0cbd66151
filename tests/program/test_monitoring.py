"""The dashboard, the alarms and the saved queries: valid, and about what is deployed."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from components.log_queries import LOG_QUERIES, WHO_DID_WHAT
from components.monitoring import digest_may_wait_seconds
from domain.counters import OUTCOMES, SERIES
from tests.program.conftest import CONFIGS, PROJECT, STACK
from tests.program.test_queues_and_alarms import alarms_on, watched

pytestmark = pytest.mark.xdist_group("advanced")
RUNBOOK = (Path(__file__).resolve().parents[2] / "docs" / "runbook.md").read_text()
HEADINGS = re.findall(r"^## ([a-z-]+)$", RUNBOOK, re.MULTILINE)
EVERY_QUERY = (*LOG_QUERIES, WHO_DID_WHAT)
NAMESPACE = f"{PROJECT}/{STACK}"
FREE_METRICS = 10
SOURCE = re.compile(r"SOURCE '([^']+)'")

# What the services of AWS measure, by their documentation: https://docs.aws.amazon.com, "metrics and dimensions".
MEASURED = {
    "AWS/Lambda": ({"Errors", "Throttles", "Duration"}, {"FunctionName"}),
    "AWS/SQS": ({"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}, {"QueueName"}),
    "AWS/SNS": (
        {
            "NumberOfMessagesPublished",
            "NumberOfNotificationsDelivered",
            "NumberOfNotificationsFailed",
            "NumberOfNotificationsRedrivenToDlq",
            "NumberOfNotificationsFailedToRedriveToDlq",
        },
        {"TopicName"},
    ),
    "AWS/ApiGateway": ({"Count", "4XXError", "5XXError", "Latency"}, {"ApiName", "Stage"}),
}
NAMED_BY = {"FunctionName": "Function", "QueueName": "Queue", "TopicName": "Topic", "ApiName": "RestApi"}

# CloudWatch's user guide, "Dashboard Body Structure and Syntax", as far as this dashboard goes.
OF_A_WIDGET = {
    "metric": {"title", "region", "metrics", "view", "stacked", "period", "setPeriodToTimeRange", "yAxis"},
    "alarm": {"title", "alarms", "sortBy"},
    "log": {"title", "region", "query", "view"},
    "text": {"markdown"},
}
OF_A_METRIC = {"id", "expression", "label", "stat", "visible", "yAxis"}


@pytest.fixture
def dashboard(advanced):
    return json.loads(advanced.the("Dashboard").inputs["dashboardBody"])


def widgets(dashboard, kind):
    return [widget["properties"] for widget in dashboard["widgets"] if widget["type"] == kind]


def metrics(dashboard):
    """Every metric of every graph: (namespace, name, dimensions)."""
    rows = [row for widget in widgets(dashboard, "metric") for row in widget["metrics"] if len(row) > 1]
    return [(row[0], row[1], dict(zip(row[2:-1:2], row[3:-1:2], strict=True))) for row in rows]


def strangers(advanced, found):
    """Those of these metrics that no service measures, or of something that is not deployed."""
    kinds = {(kind, dimension) for dimension, kind in NAMED_BY.items()}
    named = {dimension: {r.name for r in advanced.of(kind)} for kind, dimension in kinds}
    named["Stage"] = {stage.inputs["stageName"] for stage in advanced.of("Stage")}
    services = {(service, name) for service, names in SERIES.items() for name in names}
    return [
        (namespace, name, dimensions)
        for namespace, name, dimensions in found
        if not (
            (dimensions.get("service"), name) in services and len(dimensions) == 1
            if namespace == NAMESPACE
            else name in MEASURED[namespace][0]
            and set(dimensions) == MEASURED[namespace][1]
            and all(value in named[dimension] for dimension, value in dimensions.items())
        )
    ]


def test_the_dashboard_has_only_properties_that_cloudwatch_knows(dashboard):
    for widget in dashboard["widgets"]:
        assert set(widget["properties"]) <= OF_A_WIDGET[widget["type"]]
    for widget in widgets(dashboard, "metric"):
        assert widget["period"] % 60 == 0
        assert set().union(*(row[-1] for row in widget["metrics"])) <= OF_A_METRIC


def test_no_widget_covers_another_and_none_hangs_over_the_edge(dashboard):
    cells = Counter(
        (x, y)
        for one in dashboard["widgets"]
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    )

    assert max(cells.values()) == 1
    assert max(x for x, _ in cells) == 23


def test_the_first_row_says_whether_it_is_delivering(dashboard, advanced):
    first = [widget for widget in dashboard["widgets"] if widget["y"] == 0]

    shown, alarms = first
    assert shown["properties"]["title"].startswith("Is it delivering?")
    visible = [row[-1]["label"] for row in shown["properties"]["metrics"] if row[-1].get("visible", True)]
    assert visible == ["unaccounted for", "received", "published", "failed attempts"]
    assert len(alarms["properties"]["alarms"]) == len(advanced.of("MetricAlarm"))


def test_the_dashboard_shows_only_metrics_of_what_is_deployed(dashboard, advanced):
    assert len(metrics(dashboard)) > 30
    assert strangers(advanced, metrics(dashboard)) == []


def test_the_dashboard_shows_everything_that_the_functions_count(dashboard):
    shown = {
        (dimensions["service"], name) for namespace, name, dimensions in metrics(dashboard) if namespace == NAMESPACE
    }

    assert shown == {(service, name) for service, names in SERIES.items() for name in names}


def test_expressions_use_the_metrics_of_their_graph_and_no_others(dashboard):
    for widget in widgets(dashboard, "metric"):
        ids = {row[-1]["id"] for row in widget["metrics"] if "id" in row[-1]} - {"result"}
        used = {name for row in widget["metrics"] for name in re.findall(r"[a-z]\w*", row[-1].get("expression", ""))}

        assert used == ids


def test_the_dashboard_asks_the_logs_of_functions_that_are_deployed(dashboard, advanced):
    groups = {name for widget in widgets(dashboard, "log") for name in SOURCE.findall(widget["query"])}

    assert groups == {function.inputs["loggingConfig"]["logGroup"] for function in advanced.of("Function")}


def test_the_alarms_of_the_dashboard_are_those_of_the_stack(dashboard, advanced):
    (shown,) = widgets(dashboard, "alarm")

    assert {arn.split(":")[-1] for arn in shown["alarms"]} == {alarm.name for alarm in advanced.of("MetricAlarm")}


def test_the_dashboard_is_where_its_output_says(deploy):
    for partition, host in (("aws", "console.aws.amazon.com"), ("aws-cn", "console.amazonaws.cn")):
        deployment = deploy(mode="advanced", emails=["ann@example.com"], partition=partition)

        assert deployment.exports["dashboardUrl"] == (
            f"https://eu-west-1.{host}/cloudwatch/home?region=eu-west-1#dashboards/dashboard/file-notifications-dev"
        )


def test_a_stack_name_with_a_dot_still_names_a_dashboard_and_a_layer(deploy):
    named = deploy(mode="advanced", emails=["ann@example.com"], stack="team.dev")

    assert named.the("Dashboard").inputs["dashboardName"] == "file-notifications-team_dev"
    assert named.the("LayerVersion").inputs["layerName"] == "file-notifications-layer-team_dev"


def test_there_are_no_more_series_than_are_free_of_charge():
    assert sum(map(len, SERIES.values())) <= FREE_METRICS


def test_alarms_watch_only_metrics_of_what_is_deployed(advanced):
    assert strangers(advanced, [metric for alarm in advanced.of("MetricAlarm") for metric in watched(alarm)]) == []


def test_expressions_of_alarms_use_their_operands_and_no_others(advanced):
    for alarm in advanced.of("MetricAlarm"):
        queries = alarm.inputs.get("metricQueries", ())
        operands = {query["id"] for query in queries if "metric" in query}
        used = {name for query in queries for name in re.findall(r"[a-z]\w*", query.get("expression", ""))}

        assert used == operands
        assert [query["returnData"] for query in queries if "expression" in query] in ([], [True])
        assert not any(query["returnData"] for query in queries if "metric" in query)


def test_an_event_without_an_outcome_sets_an_alarm_off(advanced):
    (gap,) = alarms_on(advanced, "Received", service="notify")

    assert {name for _, name, _ in watched(gap)} == {"Received", *OUTCOMES}
    (expression,) = [query["expression"] for query in gap.inputs["metricQueries"] if "expression" in query]
    assert expression.startswith("received - SUM([")
    assert gap.inputs["threshold"] == 1


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("Throttles", 4),
        ("ApproximateAgeOfOldestMessage", 2),
        ("NumberOfNotificationsFailed", 1),
        ("NumberOfNotificationsFailedToRedriveToDlq", 1),
        ("5XXError", 1),
    ],
)
def test_an_alarm_watches(advanced, name, count):
    found = [metric for alarm in advanced.of("MetricAlarm") for metric in watched(alarm) if metric[1] == name]

    assert len(found) == count


def test_an_operand_without_a_value_does_not_silence_the_others(advanced):
    for alarm in advanced.of("MetricAlarm"):
        for query in alarm.inputs.get("metricQueries", ()):
            bare = re.sub(r"FILL\(\w+, 0\)", "", query.get("expression", ""))

            assert set(re.findall(r"[a-z]\w*", bare)) <= {"received"}


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 900), (5, 900), (60, 10_800)])
def test_notifications_may_wait_for_three_digests(minutes, seconds):
    assert digest_may_wait_seconds(minutes) == seconds


def test_every_alarm_is_a_heading_of_the_runbook_and_every_such_heading_is_an_alarm(deploy):
    alarms = deploy(**CONFIGS["everything"]).of("MetricAlarm")
    headings = {re.sub(rf"^{PROJECT}-(alarms|monitoring|existing-.*-[0-9a-f]{{6}})-", "", one.name) for one in alarms}

    assert headings == set(HEADINGS)


def test_every_alarm_says_which_heading_and_what_to_run(deployed):
    for alarm in deployed.of("MetricAlarm"):
        said = alarm.inputs["alarmDescription"]

        (heading,) = re.findall(r'what to do is in docs/runbook\.md under "([a-z-]+)"\.$', said)
        assert heading in HEADINGS
        assert alarm.name.endswith(f"-{heading}")
        assert re.search(rf'Begin with "python -m ops [a-z-]+[^"]* --stack {STACK}"', said)


def test_every_saved_query_is_within_what_cloudwatch_takes(advanced):
    queries = advanced.of("QueryDefinition")

    assert len(queries) == len(EVERY_QUERY)
    groups = {group.name for group in advanced.of("LogGroup")}
    for query in queries:
        assert len(query.inputs["queryString"]) <= 10_000
        assert query.inputs["name"].startswith(f"{NAMESPACE}/")
        assert set(query.inputs["logGroupNames"]) <= groups


@pytest.mark.parametrize("query", EVERY_QUERY, ids=[query.name for query in EVERY_QUERY])
def test_a_saved_query_is_made_of_the_commands_of_logs_insights(query):
    commands = [part.split()[0] for part in re.sub(r"^#.*$", "", query.text, flags=re.MULTILINE).split("\n| ")]

    assert set(commands) <= {"fields", "filter", "stats", "sort", "limit", "parse", "display", "dedup"}
    assert commands[0] in {"fields", "filter"}


def test_the_runbook_names_every_saved_query_and_no_other():
    assert set(re.findall(r"saved query \*([^*]+)\*", " ".join(RUNBOOK.split()))) == {
        query.name for query in EVERY_QUERY
    }
