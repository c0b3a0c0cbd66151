"""A failure ends an invocation, not the process that served it."""

import json

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


def test_a_function_that_raised_remembers_what_it_knew(aws, function):
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

    aws.lambda_.update_function_configuration(FunctionName=arn, Environment={"Variables": {"A": "b"}})

    assert invoke(aws, arn, "work") == (None, 1)
