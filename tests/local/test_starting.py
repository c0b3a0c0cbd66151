"""What a function's process is made of."""

import io
import json
import zipfile
from pathlib import Path

from tests.e2e.stack import wait_until

FAILING_AT_FIRST = """
    import os, time

    def handler(event, context):
        with open(os.environ["notes"], "a") as file:
            file.write(os.environ["now"] + "\\n")
        if os.environ["now"] == "before":
            while "go on" not in open(os.environ["notes"]).read():
                time.sleep(0.01)
            raise ValueError("try again")
"""
IMPORTING = """
    import layered

    def handler(event, context):
        return [layered.VALUE, layered.__file__, layered.__cached__]
"""

ITSELF = """
    def handler(event, context):
        return [__file__, __cached__]
"""


def layer(aws, name, value):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("python/layered.py", f"VALUE = {value!r}")
    return aws.lambda_.publish_layer_version(LayerName=name, Content={"ZipFile": packed.getvalue()})["LayerVersionArn"]


def imported(aws, arn, *layers):
    aws.lambda_.update_function_configuration(FunctionName=arn, Layers=list(layers))
    return json.load(aws.lambda_.invoke(FunctionName=arn)["Payload"])


def test_a_retried_event_runs_the_current_function(aws, function, notes):
    arn = function(FAILING_AT_FIRST, notes=str(notes.file), now="before")
    aws.lambda_.invoke(FunctionName=arn, InvocationType="Event", Payload="0")
    wait_until(lambda: "before" in notes())

    variables = {"notes": str(notes.file), "now": "after"}
    aws.lambda_.update_function_configuration(FunctionName=arn, Environment={"Variables": variables})
    with notes.file.open("a") as file:  # not before: three attempts are over in less than two seconds
        file.write("go on\n")

    wait_until(lambda: "after" in notes())
    assert notes().count("before") == 1


def test_processes_share_what_a_layer_is_compiled_to(aws, function, unique):
    arn = layer(aws, unique, "one")

    value, file, compiled = imported(aws, function(IMPORTING, "a"), arn)

    assert value == "one"
    assert imported(aws, function(IMPORTING, "b"), arn) == [value, file, compiled]
    assert Path(compiled).exists()


def test_processes_of_the_same_code_share_what_it_is_compiled_to(aws, function):
    file, compiled = imported(aws, function(ITSELF, "a"))

    assert imported(aws, function(ITSELF, "b")) == [file, compiled]
    assert Path(compiled).exists()


def test_a_new_version_of_a_layer_replaces_the_old(aws, function, unique):
    arn = function(IMPORTING)
    imported(aws, arn, layer(aws, unique, "one"))

    assert imported(aws, arn, layer(aws, unique, "two"))[0] == "two"


def test_a_removed_layer_cannot_be_imported(aws, function, unique):
    arn = function(IMPORTING)
    imported(aws, arn, layer(aws, unique, "one"))

    assert "No module named 'layered'" in imported(aws, arn)["errorMessage"]
