"""A function in a process of its own, as Lambda runs it: bench/function.py starts it, one line of JSON for each event.

It is a script and, unless it counts or answers, imports nothing of ours, so that `import` costs what it does on Lambda.
The first answer is a cold start: imports, clients and the first event. "seconds" are those of the clock, "processor"
those that this process had one for. With "count" it notes every AWS call, which makes it slower; with "alone" it
answers them all.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import time
import urllib.parse
from typing import Any

REMAINING_MILLISECONDS = 30_000


class Context:
    """What Lambda passes with the event."""

    function_name = "measured"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:measured"
    memory_limit_in_mb = 256
    aws_request_id = "00000000-0000-4000-8000-000000000000"
    log_group_name = "measured"
    log_stream_name = "measured"

    def get_remaining_time_in_millis(self) -> int:
        return REMAINING_MILLISECONDS


def main() -> None:
    task = json.loads(sys.argv[1])
    sys.path[:0] = task["paths"]
    answers = sys.stdout
    now = [time.time()]
    if task["clock"]:
        time.time = lambda: now[0]  # before any import: modules keep it as their clock
    counting = Counting(task["root"]) if task["count"] else None
    if task["alone"]:
        sys.path.append(task["root"])
        importlib.import_module("bench.answers").answer_calls()
    function = None
    for line in sys.stdin:
        event = json.loads(line)
        if task["clock"]:
            now[0] = event["now"]
        log = io.StringIO()
        with contextlib.redirect_stdout(log):
            begun, used = time.perf_counter(), time.process_time()
            if function is None:
                function = importlib.import_module(task["module"]).handler
            result = function(event["event"], Context())
            seconds, processor = time.perf_counter() - begun, time.process_time() - used
        answer = {
            "seconds": seconds,
            "processor": processor,
            "log": log.getvalue(),
            "result": result,
        }
        if counting:
            answer |= counting.taken()
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


class Counting:
    """Notes the calls of every client that boto3 makes from now on, and what DynamoDB bills for their writes."""

    def __init__(self, root: str) -> None:
        sys.path.append(root)
        import boto3

        from bench.billing import Meter

        boto3.setup_default_session()
        session: Any = boto3.DEFAULT_SESSION
        session.events.register("before-call", self._note)
        self._calls: list[dict[str, Any]] = []
        self._meter = Meter(events=session.events, reader=boto3.Session().client("dynamodb"))

    def taken(self) -> dict[str, Any]:
        """The calls and the write units since the last time."""
        calls, units = self._calls[:], self._meter.total
        self._calls.clear()
        self._meter.units.clear()
        return {"calls": calls, "write_units": units}

    def _note(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        body = params["body"]
        if isinstance(body, bytes):
            body = json.loads(body or b"null")
        elif isinstance(body, str):  # a form that notify has encoded already
            body = dict(urllib.parse.parse_qsl(body))
        self._calls.append(
            {"service": model.service_model.service_name, "operation": model.name, "request": body or None}
        )


if __name__ == "__main__":
    main()
