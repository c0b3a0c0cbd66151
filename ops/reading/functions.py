"""The stack's functions: their configuration, and the rules that notify was deployed with."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.rules import RULES_FILE, InvalidRulesError, Rule, rules_of
from ops.aws import if_there
from ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

_DOWNLOAD_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function as it is now. `reserved` is its reserved concurrency; None if it has none."""

    name: str
    arn: str
    state: str
    state_reason: str
    last_update: str
    memory_megabytes: int
    log_group: str
    environment: Mapping[str, str]
    code_url: str
    reserved: int | None

    @property
    def metrics_namespace(self) -> str:
        """The stack's own namespace in CloudWatch: `<project>/<stack>`."""
        return self.environment.get("POWERTOOLS_METRICS_NAMESPACE", "")

    @property
    def service(self) -> str:
        """The dimension of its metrics."""
        return self.environment.get("POWERTOOLS_SERVICE_NAME", "")


def function(client: LambdaClient, name: str) -> Function | None:
    """The function of that name or ARN; None if it does not exist."""
    answer: Any = if_there(client.get_function, FunctionName=name)
    if answer is None:
        return None
    configuration = answer["Configuration"]
    own_name = configuration["FunctionName"]
    return Function(
        name=own_name,
        arn=configuration["FunctionArn"],
        state=configuration.get("State", "Active"),
        state_reason=configuration.get("StateReason", ""),
        last_update=configuration.get("LastUpdateStatus", "Successful"),
        memory_megabytes=configuration["MemorySize"],
        log_group=configuration.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{own_name}",
        environment=configuration.get("Environment", {}).get("Variables", {}),
        code_url=answer.get("Code", {}).get("Location", ""),
        reserved=client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions"),
    )


def schedules_of(scheduler: EventBridgeSchedulerClient, function_arn: str) -> list[Any]:
    """The schedules that invoke a function."""
    return [
        scheduler.get_schedule(Name=listed["Name"], GroupName=listed.get("GroupName", "default"))
        for page in scheduler.get_paginator("list_schedules").paginate()
        for listed in page["Schedules"]
        if listed.get("Target", {}).get("Arn") == function_arn
    ]


def shipped_rules(notify: Function) -> tuple[Rule, ...]:
    """The rules in the function's archive: those that it applies, even if the config has changed since.

    Raises OpsError if they cannot be read.
    """
    try:
        request = urllib.request.Request(notify.code_url)  # noqa: S310 - the URL that Lambda has just returned
        with urllib.request.urlopen(request, timeout=_DOWNLOAD_SECONDS) as answer:  # noqa: S310
            archive = zipfile.ZipFile(io.BytesIO(answer.read()))
        return rules_of(json.loads(archive.read(RULES_FILE)))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, InvalidRulesError) as error:
        raise OpsError(f"the rules that {notify.name} was deployed with cannot be read: {error}") from error
