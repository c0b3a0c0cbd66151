"""Checks that somebody looks whether expected files have arrived, and that an expectation can be met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.expectations import SWEEP_EXPRESSION, Expectation, schedule_expression, schedule_zone
from domain.rules import Rule, overlap
from ops.aws import if_there
from ops.doctor.finding import Finding
from ops.reading.deployed import Deployed
from ops.reading.expectations import expecting, schedules, watcher

_NOBODY = "Nobody is notified when its files do not arrive."


def expectations(deployed: Deployed) -> Iterator[Finding]:
    """Each expectation can be met, and has a schedule that invokes the function which looks."""
    if deployed.stack.primary is not None:
        return  # what looks is in the primary region, for all of them
    rules = expecting(deployed)
    if not rules:
        return
    for rule, _ in rules:
        yield from _never_met(deployed, rule)
    invoked = watcher(deployed)
    if invoked is None:
        yield _broken(deployed, "expect-function-missing", "The expect function does not exist.")
        return
    found = schedules(deployed, invoked)
    for rule, expectation in rules:
        yield from _schedule(deployed, found.get(rule.name), f"rule {rule.name!r}", expectation)
    yield from _schedule(deployed, found.get(None), "the hourly sweep", None)
    roles = {schedule["Target"]["RoleArn"] for schedule in found.values()}
    for role in sorted(roles):
        yield from _role(deployed, role)


def _never_met(deployed: Deployed, rule: Rule) -> Iterator[Finding]:
    stack = deployed.stack
    prefixes = {bucket.name: bucket.prefixes for bucket in stack.existing}
    buckets = [bucket for bucket in stack.buckets if rule.bucket in ("", bucket)]
    reachable = [
        bucket for bucket in buckets if any(overlap(rule.prefix, prefix) for prefix in prefixes.get(bucket, ("",)))
    ]
    if "created" in rule.events and reachable:
        return
    why = "its events have no created" if "created" not in rule.events else "its prefix is watched in no bucket"
    yield Finding(
        id="expectation-never-met",
        what=f"Rule {rule.name!r} expects files that can never arrive: {why}.",
        means="Its recipients are notified of missing files at the end of each window.",
        fix=stack.deploy_command,
        level="attention",
    )


def _schedule(
    deployed: Deployed, schedule: Mapping[str, Any] | None, whose: str, expectation: Expectation | None
) -> Iterator[Finding]:
    if schedule is None:
        yield _broken(deployed, "expect-schedule-missing", f"No schedule invokes the expect function for {whose}.")
        return
    name = schedule["Name"]
    if schedule["State"] != "ENABLED":
        yield _broken(deployed, "expect-schedule-disabled", f"The schedule {name} for {whose} is disabled.")
    wanted = (
        (SWEEP_EXPRESSION, "UTC")
        if expectation is None
        else (schedule_expression(expectation), schedule_zone(expectation))
    )
    actual = (schedule["ScheduleExpression"], schedule.get("ScheduleExpressionTimezone", "UTC"))
    if actual != wanted:
        yield _broken(
            deployed,
            "expect-schedule-changed",
            f"The schedule {name} for {whose} is {actual[0]} in {actual[1]}, and not {wanted[0]} in {wanted[1]}.",
        )


def _role(deployed: Deployed, arn: str) -> Iterator[Finding]:
    """The role by which EventBridge Scheduler invokes: that it exists, with its policy."""
    iam, name = deployed.stack.aws.iam, arn.rpartition("/")[2]
    policies = if_there(iam.list_role_policies, RoleName=name)
    if policies is None:
        yield _broken(deployed, "expect-role-missing", f"The schedules' role {name} does not exist.")
    elif not policies["PolicyNames"]:
        yield _broken(
            deployed, "expect-role-empty", f"The schedules' role {name} has no policy: it may invoke nothing."
        )


def _broken(deployed: Deployed, finding_id: str, what: str) -> Finding:
    return Finding(id=finding_id, what=what, means=_NOBODY, fix=deployed.stack.repair_command)
