"""A stack in several regions: each command covers every region, or the one that is named."""

from __future__ import annotations

import json

import pytest

from ops import status
from ops.confirm import _token
from ops.cost.command import _assumptions
from ops.cost.model import Plan
from ops.errors import OpsError
from tests.ops.parts import ADVANCED, BASIC, EVERY_FILE, a_stack, document, ops

FAR = "ap-southeast-1"
OUTPUTS = {
    **ADVANCED,
    "regions": {
        FAR: {
            **{name: value.replace("eu-west-1", FAR) for name, value in ADVANCED.items() if "Arn" in name},
            "bucketName": "far-bucket",
            "failedEventsQueueUrl": "https://sqs/far-failed",
        }
    },
}


@pytest.fixture
def two():
    return a_stack(OUTPUTS)


@pytest.fixture
def read_by(tmp_path, monkeypatch):
    """read_by("--region", FAR) runs a command that stops at once. Returns its answer, and the regions that it read."""
    (tmp_path / "o.json").write_text(json.dumps(OUTPUTS))
    seen = []

    def look(deployed):
        seen.append(deployed.stack.region)
        raise OpsError("stop here")

    monkeypatch.setattr(status, "_newest", look)
    monkeypatch.setattr(status, "_delivering", lambda *_: None)
    return lambda *words: (ops("status", "--outputs", str(tmp_path / "o.json"), *words), seen)


def test_a_part_has_the_outputs_of_its_region_and_the_shared_ones(two):
    far = two.in_region(FAR)

    assert (far.region, far["bucketName"]) == (FAR, "far-bucket")
    assert far["tableName"] == two["tableName"]
    assert far.aws.region == FAR


def test_a_stack_of_one_region_is_its_only_part():
    alone = a_stack(BASIC)

    assert list(alone.parts.values()) == [alone]
    assert alone.ops_command("doctor") == "python -m ops doctor --stack dev"


def test_a_fix_names_the_region_that_it_is_for(two):
    assert two.in_region(FAR).ops_command("replay") == f"python -m ops replay --region {FAR} --stack dev"
    assert two.ops_command("replay") == "python -m ops replay --region eu-west-1 --stack dev"
    assert two.ops_command("confirm", "LINK") == "python -m ops confirm LINK --stack dev"


def test_another_region_is_refused_with_the_regions_of_the_stack(read_by):
    answer, seen = read_by("--region", "us-east-1")

    assert answer.exit_code == 2
    assert f"is not deployed in us-east-1; its regions are eu-west-1, {FAR}" in answer.stderr
    assert seen == []


def test_only_the_named_region_is_read(read_by):
    assert read_by("--region", FAR)[1] == [FAR]


def test_a_failure_names_its_region(two):
    assert two.in_region(FAR).where == f"stack dev in {FAR}"


def test_by_default_every_region_is_read_and_the_most_severe_counts(tmp_path, monkeypatch):
    (tmp_path / "o.json").write_text(json.dumps(OUTPUTS))
    for name in ("_delivering", "_newest", "_expected"):
        monkeypatch.setattr(status, name, lambda *_: None)
    monkeypatch.setattr(status, "_subscribers", lambda _: ([], [], ""))
    monkeypatch.setattr(status, "_queues", lambda deployed: ({}, {"failed-events": int(deployed.stack.region == FAR)}))
    monkeypatch.setattr(status, "_delivering_line", lambda *_: status._Line("delivering", "fine", ""))
    monkeypatch.setattr(status.Deployed, "name", "file-notifications/dev")

    answer = ops("status", "--outputs", str(tmp_path / "o.json"), "--json")

    report = document(answer)
    assert answer.exit_code == 1
    assert report["schema"] == "file-notifications/status/1"
    assert {region: part["needsAttention"] for region, part in report["regions"].items()} == {
        "eu-west-1": False,
        FAR: True,
    }


def test_the_estimate_names_the_regions_it_leaves_out(two):
    plan = Plan(
        mode="advanced", rules=(EVERY_FILE,), uploads=1, notify_megabytes=256, mails_per_minute=5, digest_minutes=5
    )

    assert set(_assumptions(two, plan)) - set(_assumptions(a_stack(ADVANCED), plan)) == {
        f"Only eu-west-1 is included; alarms, metrics and uploads of {FAR} cost extra."
    }


def test_all_regions_files_are_known_in_each(two):
    assert [list(part.buckets) for part in two.parts.values()] == [[ADVANCED["bucketName"], "far-bucket"]] * 2


def test_a_confirmation_may_be_for_the_topic_of_any_region(two):
    topic = OUTPUTS["regions"][FAR]["topicArn"]

    assert _token(f"https://sns/?Action=Confirm&TopicArn={topic}&Token=abcdefghijklmnop1234", two)[1] == [topic]
