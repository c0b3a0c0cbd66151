"""Saved queries on the functions' logs and the audit log, in CloudWatch Logs Insights under the stack's name.

The functions log one JSON line a decision, whose fields Logs Insights knows by name; Lambda adds lines of its own, with
`@type` and what it measured. docs/runbook.md says when to run which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

EVERY_FUNCTION = ("notify", "process", "digest", "chat", "api", "groups")


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """A query; `services` are the functions whose logs it searches."""

    name: str
    text: str
    services: tuple[str, ...] = EVERY_FUNCTION


LOG_QUERIES = (
    LogQuery(
        name="outcome of a file",
        services=("notify", "process", "digest", "chat"),
        # The page shows the id in the address of a file's view, each payload for systems has it as file.id.
        text="""\
# Put the file's id, or a part of it, in place of ID.
fields @timestamp, service, message, event_name, reason, rule, channel, exception_name
| filter level like /./ and @message like "ID"
| sort @timestamp
| limit 100""",
    ),
    LogQuery(
        name="failures by cause",
        text="""\
filter level in ["ERROR", "CRITICAL"]
| stats count(*) as failures, latest(@timestamp) as last, latest(file_id) as file by service, message, exception_name
| sort failures desc
| limit 50""",
    ),
    LogQuery(
        name="failures in full",
        text="""\
fields @timestamp, service, message, file_id, path, exception
| filter level in ["ERROR", "CRITICAL"]
| sort @timestamp desc
| limit 50""",
    ),
    LogQuery(
        name="killed invocations",
        text="""\
fields @timestamp, @log, @requestId, @duration, @maxMemoryUsed / 1000 / 1000 as megabytes, @message
| filter @message like /Task timed out|Runtime exited|Runtime\\.[A-Z]|Status: (error|timeout)/
| sort @timestamp desc
| limit 50""",
    ),
    LogQuery(
        name="event outcomes",
        services=("notify",),
        text="""\
filter message in ["published", "late", "unmatched", "duplicate", "failed"]
| stats count(*) as events by message, bin(5m) as time
| sort time desc, message""",
    ),
    LogQuery(
        name="how long functions take",
        text="""\
filter @type = "REPORT"
| stats count(*) as invocations, count(@initDuration) as cold, avg(@duration) as average, max(@duration) as longest,
  max(@maxMemoryUsed / @memorySize) * 100 as memory by @log, bin(5m) as time
| sort time desc
| limit 100""",
    ),
)

WHO_DID_WHAT = LogQuery(
    name="who did what",
    services=(),
    text="""\
# One more line narrows it: | filter person = "maria", | filter file.key like "invoices/", | filter outcome = "refused"
fields @timestamp, person, act, outcome, file.key, file.version, forwardedFor, address, status, reason, request
| filter schema = "file-notifications/audit/1"
| sort @timestamp desc
| limit 1000""",
)
"""A query on the audit log, which belongs to no function."""


def saved_query(
    name: str, query: LogQuery, log_groups: Sequence[pulumi.Input[str]], *, opts: pulumi.ResourceOptions
) -> aws.cloudwatch.QueryDefinition:
    """The query as people find it in the console, on these log groups. `name` is what its resource begins with."""
    return aws.cloudwatch.QueryDefinition(
        f"{name}-{query.name.replace(' ', '-')}",
        name=f"{pulumi.get_project()}/{pulumi.get_stack()}/{query.name}",
        query_string=query.text,
        log_group_names=log_groups,
        opts=opts,
    )
