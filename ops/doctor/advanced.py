"""Does what only advanced mode has work: the catalogue, the work queue's reader, the schedule?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.topology import INDEX
from ops.doctor.finding import Finding
from ops.reading.activity import log_lines
from ops.reading.deployed import Deployed
from ops.words import span

_MISSED_TURNS = 3


def table(deployed: Deployed) -> Iterator[Finding]:
    """The catalogue's table and its index are there."""
    stack, found = deployed.stack, deployed.table
    if found is None:
        yield Finding(
            id="table-missing",
            what=f"The catalogue's table {stack['tableName']} does not exist.",
            means="Every event fails and goes to the failed-events queue; the web interface shows nothing. If the "
            "table was deleted by mistake, restore it from a point in time before you deploy.",
            fix=stack.repair_command,
        )
        return
    indexes = {one["IndexName"]: one.get("IndexStatus") for one in found.get("GlobalSecondaryIndexes", [])}
    if found["TableStatus"] not in ("ACTIVE", "UPDATING") or indexes.get(INDEX) not in ("ACTIVE", "UPDATING"):
        yield Finding(
            id="table-not-ready",
            what=f"The catalogue's table is {found['TableStatus']}, its index {INDEX} is "
            f"{indexes.get(INDEX, 'missing')}.",
            means="Lists of files fail or are incomplete, and events may fail.",
            fix=stack.repair_command,
        )


def mapping(deployed: Deployed) -> Iterator[Finding]:
    """The process function reads the work queue, and hands back only what failed."""
    stack, found = deployed.stack, deployed.work_mappings
    if deployed.queue("workQueueUrl") is None:
        return
    if not found:
        yield Finding(
            id="mapping-missing",
            what="Nothing reads the work queue: its event source mapping is gone.",
            means="New files are not looked into: they stay without checksum, type and facts, and wait for 14 days.",
            fix=stack.repair_command,
        )
    for one in found:
        if one["State"] not in ("Enabled", "Enabling", "Updating", "Creating"):
            yield Finding(
                id="mapping-disabled",
                what=f"The work queue is not read: its event source mapping is {one['State'].lower()}.",
                means="New files are not looked into: they stay without checksum, type and facts, and wait 14 days.",
                fix=stack.aws_command("lambda", "update-event-source-mapping", "--uuid", one["UUID"], "--enabled"),
            )
        if "ReportBatchItemFailures" not in one.get("FunctionResponseTypes", []):
            yield Finding(
                id="mapping-whole-batches",
                what="The work queue's event source mapping does not report single failures of a batch.",
                means="Lambda takes every batch as done: what fails in it is lost, and is no dead letter either.",
                fix=stack.aws_command(
                    "lambda", "update-event-source-mapping", "--uuid", one["UUID"],
                    "--function-response-types", "ReportBatchItemFailures",
                ),
            )  # fmt: skip


def schedule(deployed: Deployed) -> Iterator[Finding]:
    """The digest function is invoked, again and again."""
    stack, digest = deployed.stack, deployed.digest
    if digest is None:
        return
    if not deployed.schedules:
        yield Finding(
            id="schedule-missing",
            what="No schedule invokes the digest function: it is gone, or it invokes another function.",
            means="No digest goes out. What waits for one stays in the digest queue for 14 days.",
            fix=stack.repair_command,
        )
        return
    enabled = [one for one in deployed.schedules if one["State"] == "ENABLED"]
    if not enabled:
        yield Finding(
            id="schedule-disabled",
            what=f"The schedule of the digests, {deployed.schedules[0]['Name']}, is disabled.",
            means="No digest goes out. What waits for one stays in the digest queue for 14 days.",
            fix=stack.repair_command,
        )
        return
    interval = deployed.digest_interval
    if interval is None:
        return
    now = datetime.now(UTC)
    long = max(_MISSED_TURNS * interval, timedelta(minutes=10))
    if enabled[0]["LastModificationDate"] > now - long:
        return  # it has not had the time
    if not any(True for _ in log_lines(stack.aws.logs, digest.log_group, since=now - long)):
        yield Finding(
            id="schedule-stale",
            what=f"The digest function has not run for {span(long)}, and should every {span(interval)}.",
            means="No digest goes out. The schedule is there; its role may have lost its permission, or its target.",
            fix=stack.repair_command,
        )
