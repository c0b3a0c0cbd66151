"""Checks that uploads are scanned for malware, and that each gets its result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.scans import CHECKED_AFTER_SECONDS, is_scanned
from domain.wording import visible
from handlers.data.items import Item
from ops.aws import if_there
from ops.doctor.finding import Finding
from ops.doctor.uploads import configuration
from ops.reading.deployed import Deployed
from ops.stack import MalwareScan, Stack
from ops.words import counted, span

LOOKED_AT = 200  # files, the newest ones
_NOTHING = "New files get no result: they cannot be downloaded, and nobody learns whether they are infected."
_UNKNOWN = "Scans go on, and their results are lost: files stay as if they were being scanned."


def plan(deployed: Deployed) -> Iterator[Finding]:
    """GuardDuty's plan exists, is active, scans the stack's bucket and tags what it scanned."""
    stack, scan = deployed.stack, deployed.stack.malware_scan
    if scan is None:
        return
    found = if_there(stack.aws.guardduty.get_malware_protection_plan, MalwareProtectionPlanId=scan.plan)
    if found is None:
        yield _broken(stack, "scan-plan-missing", f"GuardDuty's malware protection plan {scan.plan} does not exist.")
        return
    bucket = found.get("ProtectedResource", {}).get("S3Bucket", {})
    if found.get("Status") != "ACTIVE":
        reasons = ", ".join(reason.get("Code", "") for reason in found.get("StatusReasons", ())) or "no reason given"
        yield _broken(
            stack, "scan-plan-not-active", f"GuardDuty's malware protection plan is {found.get('Status')}: {reasons}."
        )
    if bucket.get("BucketName") != stack["bucketName"] or bucket.get("ObjectPrefixes"):
        yield _broken(stack, "scan-plan-elsewhere", "GuardDuty's plan does not scan the whole upload bucket.")
    if found.get("Actions", {}).get("Tagging", {}).get("Status") != "ENABLED":
        yield Finding(
            id="scan-tags-off",
            what="GuardDuty does not tag what it scanned.",
            means="API and page are as before. Bucket policies that go by the tag GuardDutyMalwareScanStatus refuse "
            "every new file.",
            fix=stack.repair_command,
            level="attention",
        )


def events(deployed: Deployed) -> Iterator[Finding]:
    """The bucket sends its events to EventBridge, by which GuardDuty learns of uploads."""
    stack = deployed.stack
    if stack.malware_scan is None:
        return
    written = configuration(stack, stack["bucketName"])
    if written is not None and "EventBridgeConfiguration" not in written:
        what = f"The upload bucket {stack['bucketName']} does not send its events to EventBridge."
        yield _broken(stack, "scan-events-off", what)


def rule(deployed: Deployed) -> Iterator[Finding]:
    """The rule on the results is on, and sends them to the work queue."""
    stack, scan = deployed.stack, deployed.stack.malware_scan
    if scan is None or (work := deployed.queue("workQueueUrl")) is None:
        return
    rule = if_there(stack.aws.events.describe_rule, Name=scan.rule)
    if rule is None:
        what = f"The rule {scan.rule} on the results of scans does not exist."
        yield Finding(id="scan-rule-missing", what=what, means=_UNKNOWN, fix=stack.repair_command)
        return
    targets = [target["Arn"] for target in stack.aws.events.list_targets_by_rule(Rule=scan.rule)["Targets"]]
    if rule["State"] == "DISABLED":
        fix = stack.aws_command("events", "enable-rule", "--name", scan.rule)
        what = f"The rule {scan.rule} on the results of scans is disabled."
        yield Finding(id="scan-rule-disabled", what=what, means=_UNKNOWN, fix=fix)
    if work.arn not in targets:
        what = "The rule on the results of scans does not send them to the work queue."
        yield Finding(id="scan-target-missing", what=what, means=_UNKNOWN, fix=stack.repair_command)


def results(deployed: Deployed) -> Iterator[Finding]:
    """Each of the newest files has its result."""
    stack, scan = deployed.stack, deployed.stack.malware_scan
    if scan is None or deployed.table is None:
        return
    now = datetime.now(UTC)
    patience = timedelta(seconds=CHECKED_AFTER_SECONDS)
    waiting = [item for item in _newest(deployed) if item.scan is None and _waits(item, stack, scan, now - patience)]
    if waiting:
        oldest = min(waiting, key=lambda item: item.time)
        named = ", ".join(visible(item.key) for item in waiting[:3])
        file = {"Bucket": oldest.bucket, "Key": oldest.key, "VersionId": oldest.version_id}
        yield Finding(
            id="scan-results-missing",
            what=f"{counted(len(waiting), 'file')} of the newest {LOOKED_AT} have no result of the malware scan after "
            f"{span(patience)}: {named}{' …' if len(waiting) > 3 else ''}.",  # noqa: PLR2004 - those named
            means="They cannot be downloaded. GuardDuty did not scan them, or its result was lost; it scans a file "
            "again when it is asked to. The command is for the oldest.",
            fix=stack.aws_command("guardduty", "send-object-malware-scan", "--s3-object", json.dumps(file)),
            level="attention",
        )


def _newest(deployed: Deployed) -> Iterator[Item]:
    cursor: str | None = None
    seen = 0
    while seen < LOOKED_AT:
        page = deployed.listing.newest(100, cursor)
        yield from page.items
        seen, cursor = seen + len(page.items), page.cursor
        if cursor is None:
            return


def _waits(item: Item, stack: Stack, scan: MalwareScan, latest: datetime) -> bool:
    """Whether a file of the stack's bucket should have its result by now."""
    is_ours = item.bucket == stack["bucketName"] and is_scanned(item.time, scan.since)
    return is_ours and not is_scanned(item.time, latest)


def _broken(stack: Stack, finding_id: str, what: str) -> Finding:
    return Finding(id=finding_id, what=what, means=_NOTHING, fix=stack.repair_command)
