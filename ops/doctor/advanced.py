"""Checks what only mode advanced has: catalogue, audit log, event source mapping of the work queue, schedule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.topology import INDEX
from ops.doctor.finding import Finding
from ops.reading.activity import log_lines
from ops.reading.deployed import Deployed
from ops.words import span

NOT_PROCESSED = "New files are not processed: they have no checksum, type or facts."
_WAITS = "Their messages stay in the work queue for 14 days."
_NO_DIGEST = "No digest is sent. Notifications for one stay in the digest queue for 14 days."
_MISSED_TURNS = 3

READING = ("Enabled", "Enabling", "Updating", "Creating")
"""The states of an event source mapping that reads its queue, or is about to."""


def table(deployed: Deployed) -> Iterator[Finding]:
    """The catalogue's table and its index exist."""
    stack, description = deployed.stack, deployed.table
    if description is None:
        yield Finding(
            id="table-missing",
            what=f"The catalogue's table {stack['tableName']} does not exist.",
            means="Every event fails and goes to the failed-events queue; the web interface is empty. If the table was "
            "deleted by mistake, restore it from a point in time before you deploy.",
            fix=stack.repair_command,
        )
        return
    indexes = {index["IndexName"]: index.get("IndexStatus") for index in description.get("GlobalSecondaryIndexes", [])}
    if description["TableStatus"] not in ("ACTIVE", "UPDATING") or indexes.get(INDEX) not in ("ACTIVE", "UPDATING"):
        yield Finding(
            id="table-not-ready",
            what=f"The catalogue's table is {description['TableStatus']}, its index {INDEX} is "
            f"{indexes.get(INDEX, 'missing')}.",
            means="Lists of files fail or are incomplete, and events may fail.",
            fix=stack.repair_command,
        )


def audit_log(deployed: Deployed) -> Iterator[Finding]:
    """The log group of the audit log exists. It is the primary region's."""
    stack = deployed.stack
    if stack.primary is not None:
        return
    name = stack["auditLogGroupName"]
    listed = stack.aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    if name not in {group["logGroupName"] for group in listed}:
        yield Finding(
            id="audit-log-missing",
            what=f"The audit log {name} does not exist.",
            means="Nobody can download, upload, delete or reprocess a file through the page or the API: what cannot be "
            "recorded is refused. Notifications go on. What was on record is gone.",
            fix=stack.repair_command,
        )


def mapping(deployed: Deployed) -> Iterator[Finding]:
    """The process function reads the work queue, and reports partial batch failures."""
    stack, mappings = deployed.stack, deployed.work_mappings
    if deployed.queue("workQueueUrl") is None:
        return
    if not mappings:
        yield Finding(
            id="mapping-missing",
            what="Nothing reads the work queue: its event source mapping does not exist.",
            means=f"{NOT_PROCESSED} {_WAITS}",
            fix=stack.repair_command,
        )
    for source in mappings:
        update = ("lambda", "update-event-source-mapping", "--uuid", source["UUID"])
        if source["State"] not in READING:
            yield Finding(
                id="mapping-disabled",
                what=f"The work queue is not read: its event source mapping is {source['State'].lower()}.",
                means=f"{NOT_PROCESSED} {_WAITS}",
                fix=stack.aws_command(*update, "--enabled"),
            )
        if "ReportBatchItemFailures" not in source.get("FunctionResponseTypes", []):
            yield Finding(
                id="mapping-whole-batches",
                what="The work queue's event source mapping does not report partial batch failures.",
                means="Lambda deletes whole batches: messages that failed in them are lost, without a dead letter.",
                fix=stack.aws_command(*update, "--function-response-types", "ReportBatchItemFailures"),
            )


def schedule(deployed: Deployed) -> Iterator[Finding]:
    """A schedule invokes the digest function, and has done so recently."""
    stack, digest = deployed.stack, deployed.digest
    if digest is None:
        return
    if not deployed.schedules:
        yield Finding(
            id="schedule-missing",
            what="No schedule invokes the digest function: it was deleted, or invokes another function.",
            means=_NO_DIGEST,
            fix=stack.repair_command,
        )
        return
    enabled = [entry for entry in deployed.schedules if entry["State"] == "ENABLED"]
    if not enabled:
        yield Finding(
            id="schedule-disabled",
            what=f"The schedule of the digests, {deployed.schedules[0]['Name']}, is disabled.",
            means=_NO_DIGEST,
            fix=stack.repair_command,
        )
        return
    interval = deployed.digest_interval
    if interval is None:
        return
    now = datetime.now(UTC)
    overdue = max(_MISSED_TURNS * interval, timedelta(minutes=10))
    if enabled[0]["LastModificationDate"] > now - overdue:
        return  # too new to judge
    if not any(True for _ in log_lines(stack.aws.logs, digest.log_group, since=now - overdue)):
        yield Finding(
            id="schedule-stale",
            what=f"The digest function has not run for {span(overdue)}; its schedule is every {span(interval)}.",
            means="No digest is sent. The schedule exists; its role may have lost its permission, or its target.",
            fix=stack.repair_command,
        )
