"""Log groups, alarms, dashboards and saved queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.declared import Call, Declared, setting
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, chosen, pascal
from local.emulator.resources.strict import NotHonouredError

_AS_THEY_ARE = frozenset(
    {
        "actionsEnabled", "alarmActions", "alarmDescription", "comparisonOperator", "datapointsToAlarm",
        "evaluationPeriods", "extendedStatistic", "insufficientDataActions", "metricName", "namespace", "period",
        "statistic", "threshold", "thresholdMetricId", "treatMissingData", "unit",
    }
)  # fmt: skip


class LogGroup(Kind):
    pulumi_type = "aws:cloudwatch/logGroup:LogGroup"
    service = "logs"
    accepts = frozenset({"name", "retentionInDays"})
    replaces = frozenset({"name"})
    auto_name = AutoName("name", 512)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        aws.logs.create_log_group(logGroupName=name)
        _retain(aws, name, inputs)
        return Made(name, inputs, {"arn": aws.arn("logs", f"log-group:{name}")})

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        _retain(aws, made.id, inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.logs.delete_log_group(logGroupName=made.id)


class QueryDefinition(Kind):
    """The emulator cannot save queries, so none is created: what AWS would check of it is checked."""

    pulumi_type = "aws:cloudwatch/queryDefinition:QueryDefinition"
    service = "logs"
    accepts = frozenset({"name", "queryString", "logGroupNames"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        self._check(aws, inputs)
        return Made(inputs["name"], inputs, {"queryDefinitionId": inputs["name"]})

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:  # noqa: ARG002 - checked as a whole
        self._check(aws, inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        """Nothing was created."""

    def _check(self, aws: Aws, inputs: Inputs) -> None:
        shape = aws.logs.meta.service_model.operation_model("PutQueryDefinition").input_shape
        assert shape is not None  # noqa: S101 - the operation has parameters
        for name in ("name", "queryString"):
            longest = shape.members[name].metadata["max"]
            if not 1 <= len(inputs[name]) <= longest:
                raise NotHonouredError(f"the {name} of a saved query has 1 to {longest} characters")
        for name in inputs.get("logGroupNames", ()):
            groups = aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
            if name not in {group["logGroupName"] for group in groups}:
                raise NotHonouredError(f"the query {inputs['name']!r} asks a log group that does not exist: {name}")


def _retain(aws: Aws, name: str, inputs: Inputs) -> None:
    if inputs.get("retentionInDays"):
        aws.logs.put_retention_policy(logGroupName=name, retentionInDays=inputs["retentionInDays"])
    else:
        aws.logs.delete_retention_policy(logGroupName=name)


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    """A metric query: Pulumi keeps the metric, its period and its statistic in one place, the API in two."""
    parameters: dict[str, Any] = pascal({key: value for key, value in query.items() if key != "metric"})
    if "metric" in query:
        metric = query["metric"]
        named = {"Namespace": metric["namespace"], "MetricName": metric["metricName"]}
        parameters["MetricStat"] = {
            "Metric": {**named, "Dimensions": _dimensions(metric.get("dimensions", {}))},
            **chosen(metric, Period="period", Stat="stat", Unit="unit"),
        }
    return parameters


def _dimensions(named: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in named.items()]


def _queries(made: Made) -> list[Any] | None:
    return [_query(query) for query in made.inputs.get("metricQueries", [])] or None


_PUT_ALARM = Call(
    "put_metric_alarm",
    AlarmName="name",
    OKActions="okActions",
    **{name[:1].upper() + name[1:]: name for name in _AS_THEY_ARE},
    Dimensions=lambda made: _dimensions(made.inputs.get("dimensions", {})) or None,
    Metrics=_queries,
)
_ALARM = Declared(
    pulumi_type="aws:cloudwatch/metricAlarm:MetricAlarm",
    service="cloudwatch",
    also=frozenset({"dimensions", "metricQueries"}),
    replaces=frozenset({"name"}),
    auto_name=AutoName("name", 255),
    creating=_PUT_ALARM,
    changing=_PUT_ALARM,
    removing=Call("delete_alarms", AlarmNames=lambda made: [made.inputs["name"]]),
    identity="name",
    outputs=lambda aws, inputs, _: {"arn": aws.arn("cloudwatch", f"alarm:{inputs['name']}")},
)
# The emulator stores any body; whether CloudWatch would accept it is tested where the body is written.
_DASHBOARD = setting(
    "aws:cloudwatch/dashboard:Dashboard",
    service="cloudwatch",
    on="dashboardName",
    put=Call("put_dashboard", DashboardName="dashboardName", DashboardBody="dashboardBody"),
    remove=Call("delete_dashboards", DashboardNames=lambda made: [made.inputs["dashboardName"]]),
    outputs=lambda aws, inputs, _: {"dashboardArn": aws.arn("cloudwatch", f"dashboard/{inputs['dashboardName']}")},
)

KINDS = (LogGroup(), _ALARM, _DASHBOARD, QueryDefinition())
