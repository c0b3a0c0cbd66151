"""Do the functions run, and is what fails kept?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ops.aws import is_absent
from ops.doctor.finding import Finding
from ops.reading.activity import as_json, counters, log_lines
from ops.reading.deployed import Deployed
from ops.reading.functions import Function
from ops.words import ago, counted

NEW_ACCOUNT = 10
"""What AWS lets an account run at a time until it asks for more. The work queue alone may take half of it."""

LOOK_BACK = timedelta(hours=3)
_CRASHES = re.compile(r"Task timed out|Runtime\.|errorMessage|\[ERROR\]")
_LONGEST_REASON = 200


def existing(deployed: Deployed) -> Iterator[Finding]:
    """The functions are there, and ready to run."""
    wanted = {"notify": deployed.stack["notifyFunctionName"], "digest": deployed.stack.get("digestFunctionName")}
    for role, name in wanted.items():
        found = {"notify": deployed.notify, "digest": deployed.digest}[role]
        if name and found is None:
            yield Finding(
                id=f"function-missing-{role}",
                what=f"The {role} function {name} does not exist.",
                means="No upload is told to anybody." if role == "notify" else "No digest goes out.",
                fix=deployed.stack.repair_command,
            )
    if deployed.process is None and deployed.work_mappings:
        yield Finding(
            id="function-missing-process",
            what=f"The process function {deployed.work_mappings[0]['FunctionArn']} does not exist.",
            means="New files are not looked into: they stay without checksum, type and facts, and wait for 14 days.",
            fix=deployed.stack.repair_command,
        )
    for found in _functions(deployed):
        if found.state not in ("Active", "Pending") or found.last_update == "Failed":
            yield Finding(
                id=f"function-state-{found.service}",
                what=f"{found.name} is {found.state.lower()}, its last update {found.last_update.lower()}. "
                f"{found.state_reason}".strip(),
                means="It cannot be invoked, or still runs its old code.",
                fix=deployed.stack.repair_command,
            )


def switched_off(deployed: Deployed) -> Iterator[Finding]:
    """No function is switched off by a reserved concurrency of 0."""
    for found in _functions(deployed):
        if found.reserved == 0:
            yield Finding(
                id=f"concurrency-zero-{found.service}",
                what=f"{found.name} is switched off: its reserved concurrency is 0.",
                means={
                    "notify": "Every event goes straight to the failed-events queue, untold. They can be replayed.",
                    "process": "New files are not looked into; after five attempts they are dead letters.",
                    "digest": "No digest goes out; what waits for one stays in its queue for 14 days.",
                }.get(found.service, "It does not run."),
                fix=deployed.stack.aws_command("lambda", "delete-function-concurrency", "--function-name", found.name),
            )


def quota(deployed: Deployed) -> Iterator[Finding]:
    """The account may run enough functions at a time."""
    limit = deployed.stack.aws.lambda_.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit <= NEW_ACCOUNT:
        yield Finding(
            id="concurrency-quota",
            what=f"This account may run {limit} functions at a time, in {deployed.stack.region} and altogether.",
            means="In a burst Lambda throttles: notifications come late (events wait for up to six hours), and the web "
            "interface answers with errors. AWS raises the quota on request, usually to 1,000.",
            fix=deployed.stack.aws_command(
                "service-quotas", "request-service-quota-increase", "--service-code", "lambda",
                "--quota-code", "L-B99A9384", "--desired-value", "1000",
            ),
            level="attention",
        )  # fmt: skip


def on_failure(deployed: Deployed) -> Iterator[Finding]:
    """An event that notify fails on three times goes to the failed-events queue, whole."""
    from botocore.exceptions import ClientError

    stack, notify, queue = deployed.stack, deployed.notify, deployed.queue("failedEventsQueueUrl")
    if notify is None or queue is None:
        return
    try:
        found = stack.aws.lambda_.get_function_event_invoke_config(FunctionName=notify.name)
        destination = found.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    except ClientError as error:
        if not is_absent(error):
            raise
        destination = None
    if destination != queue.arn:
        yield Finding(
            id="on-failure-missing",
            what=f"What {notify.name} fails on goes {f'to {destination}' if destination else 'nowhere'}, "
            "instead of to the failed-events queue.",
            means="An event that fails three times is lost: nobody hears of that file, and no alarm goes off.",
            fix=stack.repair_command,
        )


def failing(deployed: Deployed) -> Iterator[Finding]:
    """The last thing that each function did was no failure."""
    now = datetime.now(UTC)
    for found in _functions(deployed):
        failures, last, reason, worked = _history(deployed, found, now)
        if last is not None and (worked is None or worked <= last):
            yield Finding(
                id=f"failing-{found.service}",
                what=f"{found.name} is failing: {counted(failures, 'failure')} in the last hours, "
                f"the last {ago(last, now)}, and nothing that worked since. It says: {reason}",
                means="Lambda tries again; what fails three times is kept in the failed-events queue."
                if found.service == "notify"
                else "SQS hands the messages out again; what fails five times is kept as a dead letter.",
                fix=deployed.stack.aws_command("logs", "tail", found.log_group, "--since", "1h"),
            )


def _history(deployed: Deployed, found: Function, now: datetime) -> tuple[int, datetime | None, str, datetime | None]:
    """How often a function failed, when it last did, what it said, and when it last did its work."""
    failures, last, reason, worked = 0, None, "", None
    for at, line in log_lines(deployed.stack.aws.logs, found.log_group, since=now - LOOK_BACK):
        # Lines of several processes need not come in the order in which they were written.
        said = _failure(line)
        if said:
            failures += 1
            if last is None or at >= last:
                last, reason = at, said
        elif _work(line) and (worked is None or at > worked):
            worked = at
    return failures, last, reason, worked


def _failure(line: str) -> str:
    """What a line says has failed; empty if it does not."""
    entry = as_json(line)
    if entry.get("level") in ("ERROR", "CRITICAL"):
        said = " ".join(str(entry.get(name, "")) for name in ("message", "exception_name", "exception"))
        return _last_line(said)
    if not entry and _CRASHES.search(line):
        return _last_line(line)
    return ""


def _work(line: str) -> bool:
    """Whether a line says that something was done: a decision, or any counter but those of coming in and failing."""
    if as_json(line).get("level") == "INFO":
        return True
    return any(count for name, count in counters(line).items() if name not in ("Received", "Failed"))


def _last_line(text: str) -> str:
    """The end of a traceback says what happened."""
    lines = [line.strip(" |+-") for line in text.splitlines() if line.strip(" |+-")]
    said = lines[-1] if lines else text.strip()
    return said if len(said) <= _LONGEST_REASON else f"{said[:_LONGEST_REASON]}…"


def _functions(deployed: Deployed) -> list[Function]:
    return [found for found in (deployed.notify, deployed.process, deployed.digest) if found is not None]
