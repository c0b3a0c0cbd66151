"""Checks the functions: that they exist, run, and do not fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.aws import if_there
from ops.doctor.advanced import NOT_PROCESSED
from ops.doctor.finding import Finding
from ops.reading.activity import as_json, counters, log_lines
from ops.reading.deployed import Deployed
from ops.reading.expectations import watcher
from ops.reading.functions import Function
from ops.words import ago, counted

NEW_ACCOUNT = 10
"""Concurrent executions of a new account, until it requests more. The work queue alone may use half of them."""

LOOK_BACK = timedelta(hours=3)
_CRASHES = re.compile(r"Task timed out|Runtime\.|errorMessage|\[ERROR\]")
_LONGEST_REASON = 200


def existing(deployed: Deployed) -> Iterator[Finding]:
    """The functions exist and are ready to run."""
    wanted = {"notify": deployed.stack["notifyFunctionName"], "digest": deployed.stack.get("digestFunctionName")}
    for role, name in wanted.items():
        if name and {"notify": deployed.notify, "digest": deployed.digest}[role] is None:
            yield Finding(
                id=f"function-missing-{role}",
                what=f"The {role} function {name} does not exist.",
                means="Nobody is notified of any upload." if role == "notify" else "No digest is sent.",
                fix=deployed.stack.repair_command,
            )
    if deployed.process is None and deployed.work_mappings:
        yield Finding(
            id="function-missing-process",
            what=f"The process function {deployed.work_mappings[0]['FunctionArn']} does not exist.",
            means=f"{NOT_PROCESSED} Their messages stay in the work queue for 14 days.",
            fix=deployed.stack.repair_command,
        )
    for function in _functions(deployed):
        if function.state not in ("Active", "Pending") or function.last_update == "Failed":
            yield Finding(
                id=f"function-state-{function.service}",
                what=f"{function.name} is {function.state.lower()}, its last update {function.last_update.lower()}. "
                f"{function.state_reason}".strip(),
                means="It cannot be invoked, or still runs its old code.",
                fix=deployed.stack.repair_command,
            )


def switched_off(deployed: Deployed) -> Iterator[Finding]:
    """No function is switched off by a reserved concurrency of 0."""
    for function in _functions(deployed):
        if function.reserved == 0:
            yield Finding(
                id=f"concurrency-zero-{function.service}",
                what=f"{function.name} is switched off: its reserved concurrency is 0.",
                means={
                    "notify": "Every event goes straight to the failed-events queue; nobody is notified. Replay them.",
                    "process": "New files are not processed; after five attempts they are dead letters.",
                    "digest": "No digest is sent. Notifications for one stay in the digest queue for 14 days.",
                    "chat": "No chat channel is notified; after eight attempts messages are dead letters.",
                    "expect": "Nobody is notified of files that do not arrive; the invocations are in failed-events.",
                }.get(function.service, "It does not run."),
                fix=deployed.stack.aws_command(
                    "lambda", "delete-function-concurrency", "--function-name", function.name
                ),
            )


def quota(deployed: Deployed) -> Iterator[Finding]:
    """The account may run enough functions at a time."""
    limit = deployed.stack.aws.lambda_.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit <= NEW_ACCOUNT:
        yield Finding(
            id="concurrency-quota",
            what=f"This account may run {limit} functions at a time, in {deployed.stack.region} and altogether.",
            means="In a burst Lambda throttles: notifications are late (events are retried for up to six hours), and "
            "the web interface returns errors. AWS raises the quota on request, usually to 1,000.",
            fix=deployed.stack.aws_command(
                "service-quotas", "request-service-quota-increase", "--service-code", "lambda",
                "--quota-code", "L-B99A9384", "--desired-value", "1000",
            ),
            level="attention",
        )  # fmt: skip


def on_failure(deployed: Deployed) -> Iterator[Finding]:
    """Events that notify failed on three times go to the failed-events queue."""
    stack, notify, queue = deployed.stack, deployed.notify, deployed.queue("failedEventsQueueUrl")
    if notify is None or queue is None:
        return
    config: Any = if_there(stack.aws.lambda_.get_function_event_invoke_config, FunctionName=notify.name) or {}
    destination = config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if destination != queue.arn:
        yield Finding(
            id="on-failure-missing",
            what=f"Events that {notify.name} fails on go {f'to {destination}' if destination else 'nowhere'}, "
            "instead of to the failed-events queue.",
            means="An event that fails three times is lost: nobody is notified of that file, and no alarm goes off.",
            fix=stack.repair_command,
        )


def failing(deployed: Deployed) -> Iterator[Finding]:
    """The latest invocation of each function succeeded."""
    now = datetime.now(UTC)
    for function in _functions(deployed):
        failures, last, reason, worked = _history(deployed, function, now)
        if last is not None and (worked is None or worked <= last):
            yield Finding(
                id=f"failing-{function.service}",
                what=f"{function.name} is failing: {counted(failures, 'failure')} in the last "
                f"{LOOK_BACK.seconds // 3600} hours, the latest {ago(last, now)}, and no success since: {reason}",
                means="Lambda retries; events that fail three times go to the failed-events queue."
                if function.service in ("notify", "expect")
                else "SQS delivers the messages again; those that fail five times go to a dead-letter queue.",
                fix=deployed.stack.aws_command("logs", "tail", function.log_group, "--since", "1h"),
            )


def _history(
    deployed: Deployed, function: Function, now: datetime
) -> tuple[int, datetime | None, str, datetime | None]:
    """The number of failures, the time and reason of the latest, and the time of the latest success."""
    failures, last, reason, worked = 0, None, "", None
    for at, line in log_lines(deployed.stack.aws.logs, function.log_group, since=now - LOOK_BACK):
        # Lines of several processes may be out of order.
        failure = _failure(line)
        if failure:
            failures += 1
            if last is None or at >= last:
                last, reason = at, failure
        elif _work(line) and (worked is None or at > worked):
            worked = at
    return failures, last, reason, worked


def _failure(line: str) -> str:
    """The failure that a line reports; empty if it reports none."""
    entry = as_json(line)
    if entry.get("level") in ("ERROR", "CRITICAL"):
        return _last_line(" ".join(str(entry.get(name, "")) for name in ("message", "exception_name", "exception")))
    if not entry and _CRASHES.search(line):
        return _last_line(line)
    return ""


def _work(line: str) -> bool:
    """Whether a line reports a success: a log entry, or any counter but those of events received and failed."""
    if as_json(line).get("level") == "INFO":
        return True
    return any(count for name, count in counters(line).items() if name not in ("Received", "Failed"))


def _last_line(text: str) -> str:
    """The last line of a traceback, which has the error."""
    lines = [line.strip(" |+-") for line in text.splitlines() if line.strip(" |+-")]
    last = lines[-1] if lines else text.strip()
    return last if len(last) <= _LONGEST_REASON else f"{last[:_LONGEST_REASON]}…"


def _functions(deployed: Deployed) -> list[Function]:
    functions = (deployed.notify, deployed.process, deployed.digest, deployed.chat, watcher(deployed))
    return [function for function in functions if function is not None]
