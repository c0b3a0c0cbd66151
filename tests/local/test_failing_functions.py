"""A failure or a change ends no process that is at work, and no line of a log is lost."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from types import SimpleNamespace

from local.emulator.patches.log_lines import END, whole_log
from tests.e2e.stack import wait_until

WORKING = """
    import os, time

    def handler(event, context):
        notes = os.environ["notes"]
        if not notes:
            return "changed"
        with open(notes, "a") as file:
            file.write(f"process {os.getpid()}\\nstarted\\n")
        while "go on" not in open(notes).read():
            time.sleep(0.01)
        return "as it was"
"""
SERVING = """
    import os, time

    served = 0

    def handler(event, context):
        global served
        served += 1
        if event == "raise":
            raise ValueError(f"no, for the {served}. time")
        if event == "end":
            os._exit(1)
        print("a line, for which the emulator would otherwise wait 50 ms")
        return served
"""


def invoke(aws, arn, event):
    answer = aws.lambda_.invoke(FunctionName=arn, Payload=json.dumps(event))
    return answer.get("FunctionError"), json.load(answer["Payload"])


def test_a_function_that_raised_keeps_its_process(aws, function):
    arn = function(SERVING)

    assert invoke(aws, arn, "work") == (None, 1)
    error, said = invoke(aws, arn, "raise")
    assert (error, said["errorMessage"]) == ("Unhandled", "no, for the 2. time")
    assert invoke(aws, arn, "work") == (None, 3)


def test_a_function_whose_process_ended_is_started_again(aws, function):
    arn = function(SERVING)
    invoke(aws, arn, "work")

    assert invoke(aws, arn, "end")[0] == "Unhandled"
    assert invoke(aws, arn, "work") == (None, 1)


def test_a_function_that_is_changed_after_a_failure_is_started_again(aws, function):
    arn = function(SERVING)
    invoke(aws, arn, "raise")

    aws.lambda_.update_function_configuration(FunctionName=arn, Environment={"Variables": {"KEY": "b"}})

    assert invoke(aws, arn, "work") == (None, 1)


def test_a_function_that_is_changed_while_it_runs_finishes_its_invocation(aws, function, notes):
    arn = function(WORKING, notes=str(notes.file))
    with ThreadPoolExecutor() as elsewhere:
        answer = elsewhere.submit(invoke, aws, arn, "work")
        wait_until(lambda: "started" in notes())
        aws.lambda_.update_function_configuration(FunctionName=arn, Environment={"Variables": {"notes": ""}})
        notes.file.write_text("go on\n")

        assert answer.result() == (None, "as it was")
    assert invoke(aws, arn, "work") == (None, "changed")


def test_a_replaced_function_leaves_no_process_behind(aws, function, notes):
    arn = function(WORKING, notes=str(notes.file))
    with ThreadPoolExecutor() as elsewhere:
        answer = elsewhere.submit(invoke, aws, arn, "work")
        wait_until(lambda: "started" in notes())
        (pid,) = [int(line.removeprefix("process ")) for line in notes() if line.startswith("process ")]
        aws.lambda_.update_function_configuration(FunctionName=arn, Environment={"Variables": {"notes": ""}})
        notes.file.write_text("go on\n")
        answer.result()

    wait_until(lambda: not Path(f"/proc/{pid}").exists())


PRINTING = """
    import os, sys

    def handler(event, context):
        print("first")
        if event == "end":
            print("last")
            sys.stdout.flush()
            os._exit(1)
        for number in range(event):
            print(f"line {number}")
"""


def printed(aws, arn):
    group = "/aws/lambda/" + arn.rpartition(":")[2]
    lines = [event["message"] for event in aws.logs.filter_log_events(logGroupName=group)["events"]]
    return [line.strip() for line in lines if not line.startswith(("START", "END", "REPORT"))]


def test_everything_that_an_invocation_prints_is_in_its_log(aws, function):
    arn = function(PRINTING)

    for _ in range(20):
        invoke(aws, arn, 2)

    assert printed(aws, arn) == ["first", "line 0", "line 1"] * 20


def test_a_late_line_is_in_its_log():
    """As on a busy machine, where the answer is read before the lines are."""
    worker = SimpleNamespace(_stderr_queue=Queue(), _stderr_thread=threading.current_thread())
    worker._stderr_queue.put("first")
    late = threading.Timer(0.3, lambda: [worker._stderr_queue.put(line) for line in ("late", END, "of the next")])
    late.start()

    assert whole_log(worker) == "first\nlate"


def test_what_a_process_printed_before_it_ended_is_in_its_log(aws, function):
    arn = function(PRINTING)

    invoke(aws, arn, "end")

    assert printed(aws, arn)[:2] == ["first", "last"]
