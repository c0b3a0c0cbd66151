"""Log groups, alarms, dashboards and saved queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from local.emulator.aws import Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, Setting, chosen, pascal
from local.emulator.resources.strict import NotHonouredError


class LogGroup(Kind):
    pulumi_type = "aws:cloudwatch/logGroup:LogGroup"
    accepts = frozenset({"name", "retentionInDays"})
    replaces = frozenset({"name"})
    auto_name: ClassVar = AutoName("name", 512)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        aws.logs.create_log_group(logGroupName=name)
        _keep_for(aws, name, inputs)
        return Made(name, inputs, {"arn": aws.arn("logs", f"log-group:{name}")})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        _keep_for(aws, made.id, inputs)
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.logs.delete_log_group(logGroupName=made.id)


class MetricAlarm(Setting):
    pulumi_type = "aws:cloudwatch/metricAlarm:MetricAlarm"
    _same: ClassVar = frozenset(
        {
            "actionsEnabled", "alarmActions", "alarmDescription", "comparisonOperator", "datapointsToAlarm",
            "evaluationPeriods", "extendedStatistic", "insufficientDataActions", "metricName", "namespace", "period",
            "statistic", "threshold", "thresholdMetricId", "treatMissingData", "unit",
        }
    )  # fmt: skip
    accepts = _same | {"name", "okActions", "dimensions", "metricQueries"}
    replaces = frozenset({"name"})
    auto_name: ClassVar = AutoName("name", 255)

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        alarm = pascal({key: value for key, value in inputs.items() if key in self._same})
        alarm |= chosen(inputs, OKActions="okActions")
        if "dimensions" in inputs:
            alarm["Dimensions"] = _dimensions(inputs["dimensions"])
        if "metricQueries" in inputs:
            alarm["Metrics"] = [_query(query) for query in inputs["metricQueries"]]
        aws.cloudwatch.put_metric_alarm(AlarmName=name, **alarm)
        return Made(name, inputs, {"arn": aws.arn("cloudwatch", f"alarm:{name}")})

    def delete(self, aws: Aws, made: Made) -> None:
        aws.cloudwatch.delete_alarms(AlarmNames=[made.id])


class Dashboard(Setting):
    """The emulator stores any body; whether CloudWatch would take it is tested where the body is made."""

    pulumi_type = "aws:cloudwatch/dashboard:Dashboard"
    accepts = frozenset({"dashboardName", "dashboardBody"})
    replaces = frozenset({"dashboardName"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        name, body = inputs["dashboardName"], inputs["dashboardBody"]
        aws.cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body)
        return Made(name, inputs, {"dashboardArn": aws.arn("cloudwatch", f"dashboard/{name}")})

    def delete(self, aws: Aws, made: Made) -> None:
        aws.cloudwatch.delete_dashboards(DashboardNames=[made.id])


class QueryDefinition(Setting):
    """The emulator cannot save queries, so this is only kept here: as much of it is checked as AWS would check."""

    pulumi_type = "aws:cloudwatch/queryDefinition:QueryDefinition"
    accepts = frozenset({"name", "queryString", "logGroupNames"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        shape = aws.logs.meta.service_model.operation_model("PutQueryDefinition").input_shape
        assert shape is not None  # noqa: S101 - the operation has parameters
        for name in ("name", "queryString"):
            longest = shape.members[name].metadata["max"]
            if not 1 <= len(inputs[name]) <= longest:
                raise NotHonouredError(f"the {name} of a saved query has 1 to {longest} characters")
        for name in inputs.get("logGroupNames", ()):
            found = aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
            if name not in {group["logGroupName"] for group in found}:
                raise NotHonouredError(f"the query {inputs['name']!r} asks a log group that does not exist: {name}")
        return Made(inputs["name"], inputs, {"queryDefinitionId": inputs["name"]})

    def delete(self, aws: Aws, made: Made) -> None:
        """Nothing was made."""


def _keep_for(aws: Aws, name: str, inputs: Inputs) -> None:
    if inputs.get("retentionInDays"):
        aws.logs.put_retention_policy(logGroupName=name, retentionInDays=inputs["retentionInDays"])
    else:
        aws.logs.delete_retention_policy(logGroupName=name)


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    """A metric query: Pulumi keeps the metric, its period and its statistic in one place, the API in two."""
    found: dict[str, Any] = pascal({key: value for key, value in query.items() if key != "metric"})
    if "metric" in query:
        metric = query["metric"]
        named = {"Namespace": metric["namespace"], "MetricName": metric["metricName"]}
        found["MetricStat"] = {
            "Metric": {**named, "Dimensions": _dimensions(metric.get("dimensions", {}))},
            **chosen(metric, Period="period", Stat="stat", Unit="unit"),
        }
    return found


def _dimensions(named: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in named.items()]


KINDS = (LogGroup(), MetricAlarm(), Dashboard(), QueryDefinition())
