"""A function runs in a process of its own with what it has on Lambda, and says what it called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import starts
from bench.function import RULES, Function, unpack
from bench.memory import megabytes
from bench.uploads import uploaded
from domain.rules import RULES_FILE, rules_of

NOTES_THE_TIME = """
import time

def handler(event, context):
    print("noted", event["n"])
    return {"now": time.time(), "left": context.get_remaining_time_in_millis()}
"""


@pytest.fixture
def function(tmp_path):
    (tmp_path / "noting.py").write_text(NOTES_THE_TIME)
    return Function(module="noting", paths=(tmp_path,), environment={})


def test_each_event_gets_an_answer_with_its_seconds_and_its_log(function):
    with function.started() as running:
        answers = [running.handle({"n": number}) for number in (1, 22)]

    assert [answer["log"] for answer in answers] == ["noted 1\n", "noted 22\n"]
    assert all(answer["seconds"] > 0 for answer in answers)


def test_an_event_can_say_what_time_it_is(function):
    with function.started(clock=True) as running:
        assert [running.handle({"n": 1}, now=now)["result"]["now"] for now in (1000.0, 2000.5)] == [1000.0, 2000.5]


def test_a_function_sees_nothing_of_this_machines_packages(tmp_path):
    (tmp_path / "reaching.py").write_text("import pulumi\n\ndef handler(event, context): ...\n")

    with (
        Function(module="reaching", paths=(tmp_path,), environment={}).started() as running,
        pytest.raises(RuntimeError, match="the function ended with 1"),
    ):
        running.handle({})


def test_memory_is_that_of_the_groups_processes_alone(tmp_path, monkeypatch):
    for process, pss in (("101", 1024), ("102", 2048), ("103", 4096)):
        (tmp_path / process).mkdir()
        (tmp_path / process / "smaps_rollup").write_text(f"Rss: 9 kB\nPss:    {pss} kB\nPss_Dirty: 7 kB\n")
    monkeypatch.setattr("os.getpgid", lambda process: 103 if process == 103 else 101)

    assert megabytes(101, Path(tmp_path)) == 3.0


def test_the_rules_that_are_measured_are_read_by_the_functions(tmp_path):
    notify = unpack(tmp_path, {})["notify"]

    assert rules_of(json.loads((notify.paths[0] / RULES_FILE).read_text())) == RULES


@pytest.fixture
def alone(tmp_path):
    """Every function, with the environment of mode advanced and without any AWS."""
    names = {name: name.lower() for name in ("TABLE_NAME", "PAGE_URL", "QUEUE_URL", "POWERTOOLS_METRICS_NAMESPACE")}
    topic = "arn:aws:sns:us-east-1:000000000000:topic"
    return unpack(tmp_path, starts.environment(TOPIC_ARN=topic, MAILS_PER_MINUTE="10", **names))


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("notify", '"published"'),
        ("naive-basic", "Notification sent"),
        ("naive-advanced", "Notification sent"),
    ],
)
def test_an_event_handled_alone_comes_to_its_end(alone, name, end):
    with alone[name].started(alone=True) as running:
        log = running.handle(uploaded(1))["log"]

    assert (end in log, "rror" in log) == (True, False)


def test_handlers_alone_are_timed_in_turns(alone):
    pair = starts.alone(alone["notify"], alone["naive-advanced"], events=4, start=1_795_000_200.0)

    assert len(pair.ours) == len(pair.naive) == 4
    assert min(*pair.ours, *pair.naive) > 0
