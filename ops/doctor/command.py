"""`doctor`, the command."""

from __future__ import annotations

from typing import TypedDict

import click

from ops import aws
from ops.command import on_a_stack
from ops.doctor.checks import CHECKS
from ops.doctor.finding import Check, Finding, FindingDocument
from ops.doctor.send_test import Test, send_test
from ops.errors import ATTENTION, OpsError
from ops.reading.deployed import Deployed
from ops.screen import Screen
from ops.stack import Stack
from ops.words import counted

_MARK = {"broken": "broken", "attention": "attention", "note": "unknown"}


class Diagnosis(TypedDict):
    """The result for programs. `skipped` has the reason by check; `test` is None without --send-test."""

    stack: str
    healthy: bool
    findings: list[FindingDocument]
    checked: list[str]
    skipped: dict[str, str]
    test: Test | None


@on_a_stack(by_region=True)
@click.option(
    "--send-test", "sending", is_flag=True, help="Upload a small file, follow it to the notification, remove it."
)
@click.option(
    "--wait", metavar="SECONDS", type=click.IntRange(5, 3600), default=120, show_default=True,
    help="How long --send-test waits for each step.",
)  # fmt: skip
def doctor(stack: Stack, screen: Screen, sending: bool, wait: int) -> int:
    """Diagnose problems, and name the command that fixes each.

    Explains the impact of each finding. Checks every step of an upload: bucket, permissions, functions, topic,
    subscriptions, queues, catalogue, schedule. Changes nothing, unless --send-test is given. Exit code 0 if the stack
    is healthy.
    """
    deployed = Deployed(stack)
    findings: list[Finding] = []
    skipped: dict[str, str] = {}
    checks = [check for check in CHECKS if stack.is_advanced or not check.only_advanced]
    with screen.progress("Checking …", len(checks)) as advance:
        for check in checks:
            if stack.is_local and check.not_local:
                skipped[check.id] = check.not_local
            else:
                findings += _findings(check, deployed)
            advance()
    _show(screen, stack, checks, findings, skipped)
    test = send_test(deployed, screen, wait=wait) if sending else None
    healthy = not _problems(findings) and (test is None or test["arrived"])
    diagnosis: Diagnosis = {
        "stack": deployed.name,
        "healthy": healthy,
        "findings": [finding.as_json() for finding in findings],
        "checked": [check.id for check in checks if check.id not in skipped],
        "skipped": skipped,
        "test": test,
    }
    screen.result("doctor", diagnosis)
    return 0 if healthy else ATTENTION


def _problems(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level != "note"]


def _findings(check: Check, deployed: Deployed) -> list[Finding]:
    """The findings of a check; a check that cannot run is itself a finding."""
    from botocore.exceptions import ClientError

    try:
        return list(check.find(deployed))
    except ClientError as error:
        if not aws.is_denied(error):
            raise
        return [
            Finding(
                id=f"not-allowed-{check.id}",
                what=f"Cannot check that {check.title}: you are not allowed to call {error.operation_name}.",
                means=error.response["Error"].get("Message", "AWS gave no reason."),
                fix="aws sts get-caller-identity",
                level="attention",
            )
        ]
    except OpsError as error:
        return [
            Finding(
                id=f"not-checked-{check.id}",
                what=f"Cannot check that {check.title}.",
                means=f"{error.what[:1].upper()}{error.what[1:]}",
                fix=error.fix,
                level="attention",
            )
        ]


def _show(screen: Screen, stack: Stack, checks: list[Check], findings: list[Finding], skipped: dict[str, str]) -> None:
    for finding in findings:
        screen.mark(_MARK[finding.level], (finding.what, "bold"))
        screen.say("  ", finding.means)
        screen.say("  → ", (finding.fix, "cyan"), "\n")
    ran = counted(len(checks) - len(skipped), "check")
    if problems := _problems(findings):
        screen.mark("broken", f"{counted(len(problems), 'problem')} found by {ran}.")
    else:
        screen.mark("fine", f"{stack.where} is healthy: {ran}, no problem.")
    for reason in skipped.values():
        screen.mark("unknown", f"not checked: {reason}")
