"""`doctor`, the command."""

from __future__ import annotations

from typing import Any

import click

from ops import aws
from ops.command import on_a_stack
from ops.doctor.checks import CHECKS
from ops.doctor.finding import Check, Finding
from ops.doctor.send_test import send_test
from ops.errors import ATTENTION, OpsError
from ops.reading.deployed import Deployed
from ops.screen import Screen
from ops.stack import Stack
from ops.words import counted

_MARK = {"broken": "broken", "attention": "attention", "note": "unknown"}


@on_a_stack(by_region=True)
@click.option(
    "--send-test", "sending", is_flag=True, help="Upload a small file, follow it to the notification, remove it."
)
@click.option(
    "--wait", metavar="SECONDS", type=click.IntRange(5, 3600), default=120, show_default=True,
    help="How long --send-test waits for each step.",
)  # fmt: skip
def doctor(stack: Stack, screen: Screen, sending: bool, wait: int) -> int:
    """Find what is wrong, and the command that fixes it.

    Says of each finding what it means for people. Looks at the whole way of an upload: bucket, permissions, functions,
    topic, subscriptions, queues, catalogue, schedule. Changes nothing, unless --send-test is given. Exit code 0 if the
    stack is healthy.
    """
    deployed = Deployed(stack)
    findings: list[Finding] = []
    skipped: dict[str, str] = {}
    checks = [check for check in CHECKS if stack.is_advanced or not check.only_advanced]
    with screen.progress("Looking …", len(checks)) as advance:
        for check in checks:
            if stack.is_local and check.not_local:
                skipped[check.id] = check.not_local
            else:
                findings += _look(check, deployed)
            advance()
    sick = [one for one in findings if one.level != "note"]
    _tell(screen, stack, checks, findings, skipped)
    test: dict[str, Any] | None = None
    if sending:
        test = send_test(deployed, screen, wait=wait)
    healthy = not sick and (test is None or test["arrived"])
    screen.result(
        "doctor",
        {
            "stack": deployed.name,
            "healthy": healthy,
            "findings": [one.as_json() for one in findings],
            "checked": [check.id for check in checks if check.id not in skipped],
            "skipped": skipped,
            "test": test,
        },
    )
    return 0 if healthy else ATTENTION


def _look(check: Check, deployed: Deployed) -> list[Finding]:
    """What a check finds; a check that cannot be made is itself a finding."""
    from botocore.exceptions import ClientError

    try:
        return list(check.find(deployed))
    except ClientError as error:
        if not aws.is_denied(error):
            raise
        return [
            Finding(
                id=f"not-allowed-{check.id}",
                what=f"Whether {check.title} cannot be told: {error.operation_name} is not allowed to you.",
                means=error.response["Error"].get("Message", "AWS gave no reason."),
                fix="aws sts get-caller-identity",
                level="attention",
            )
        ]
    except OpsError as error:
        return [
            Finding(
                id=f"not-told-{check.id}",
                what=f"Whether {check.title} cannot be told.",
                means=f"{error.what[:1].upper()}{error.what[1:]}",
                fix=error.fix,
                level="attention",
            )
        ]


def _tell(screen: Screen, stack: Stack, checks: list[Check], findings: list[Finding], skipped: dict[str, str]) -> None:
    for one in findings:
        screen.mark(_MARK[one.level], (one.what, "bold"))
        screen.say("  ", one.means)
        screen.say("  → ", (one.fix, "cyan"), "\n")
    looked = len(checks) - len(skipped)
    sick = [one for one in findings if one.level != "note"]
    if sick:
        screen.mark("broken", f"{counted(len(sick), 'thing needs', 'things need')} attention, of {looked} looked at.")
    else:
        screen.mark("fine", f"{stack.where} is healthy: {counted(looked, 'thing')} looked at, nothing to do.")
    for why in skipped.values():
        screen.mark("unknown", f"not looked at: {why}")
