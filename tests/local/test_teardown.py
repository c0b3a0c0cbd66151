"""`destroy` deletes everything that is not protected, and refuses to delete anything while something is."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from local.emulator.engine import Engine
from local.emulator.engine.state import RefusedError
from local.foreign_bucket import make_foreign_bucket
from local.program import main_program
from local.settings import PROJECT

pytestmark = pytest.mark.xdist_group("teardown")


def config(**settings):
    given = {"emails": ["ann@example.com"], "mode": "advanced", **settings}
    return {f"{PROJECT}:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}


def destroy(engine):
    """As Pulumi does: deploy a program without resources."""
    engine.program = lambda: None
    return engine.apply({})


def left(aws):
    """Everything whose name begins as the program's, by kind."""
    names_by_kind = {
        "bucket": [b["Name"] for b in aws.s3.list_buckets()["Buckets"]],
        "topic": [t["TopicArn"].split(":")[-1] for t in aws.sns.list_topics()["Topics"]],
        "queue": [url.split("/")[-1] for url in aws.sqs.list_queues().get("QueueUrls", [])],
        "function": [f["FunctionName"] for f in aws.lambda_.list_functions()["Functions"]],
        "layer": [layer["LayerName"] for layer in aws.lambda_.list_layers()["Layers"]],
        "role": [r["RoleName"] for r in aws.iam.list_roles()["Roles"]],
        # A late line creates a group again on the emulator; on AWS none of the roles may create one.
        "log group": [g["logGroupName"] for g in aws.logs.describe_log_groups()["logGroups"] if "retentionInDays" in g],
        "alarm": [a["AlarmName"] for a in aws.cloudwatch.describe_alarms()["MetricAlarms"]],
        "dashboard": [d["DashboardName"] for d in aws.cloudwatch.list_dashboards()["DashboardEntries"]],
        "table": aws.dynamodb.list_tables()["TableNames"],
        "user pool": [p["Name"] for p in aws.cognito.list_user_pools(MaxResults=60)["UserPools"]],
        "api": [a["name"] for a in aws.apigateway.get_rest_apis()["items"]],
        "schedule": [s["Name"] for s in aws.scheduler.list_schedules()["Schedules"]],
    }
    return {(kind, name) for kind, names in names_by_kind.items() for name in names if name.startswith(PROJECT)}


@dataclass
class Story:
    """One stack: protected, to be destroyed, no longer protected, destroyed."""

    refused: list[str]
    deployed: set[tuple[str, str]]
    after_refusal: set[tuple[str, str]]
    actions: set[str]
    after_destroy: set[tuple[str, str]]


@pytest.fixture(scope="module")
def story(aws):
    region = aws.at("eu-central-1")  # no other test uses it; what is global, such as roles, is compared
    before = left(region)
    engine = Engine(main_program, region, project=PROJECT)
    bucket = engine.apply(config(protectData=True)).outputs["bucketName"]
    deployed = left(region) - before
    with pytest.raises(RefusedError) as refused:
        destroy(engine)
    after_refusal = left(region) - before
    engine.program = main_program
    engine.apply(config(protectData=False))
    for body in (b"first", b"second"):
        region.s3.put_object(Bucket=bucket, Key="a.txt", Body=body)
    region.s3.delete_object(Bucket=bucket, Key="a.txt")
    changes = destroy(engine).changes
    return Story(
        refused=[str(problem) for problem in refused.value.problems],
        deployed=deployed,
        after_refusal=after_refusal,
        actions={change.action for change in changes},
        after_destroy=left(region) - before,
    )


@pytest.mark.parametrize("holder", ["uploads-bucket", "catalogue-table", "users-pool", "audit-log"])
def test_destroy_is_refused_for_everything_that_has_data(story, holder):
    assert any(
        holder in problem and "cannot be deleted because it is protected" in problem for problem in story.refused
    )


def test_destroy_is_refused_for_nothing_else(story):
    assert len(story.refused) == 4


def test_a_refused_destroy_deletes_nothing(story):
    assert {kind for kind, _ in story.deployed} >= {"bucket", "table", "user pool", "role", "api", "schedule"}
    assert story.after_refusal == story.deployed


def test_without_protection_destroy_leaves_nothing_and_deletes_every_version(story):
    assert story.after_destroy == set()
    assert story.actions == {"deleted"}


def test_a_bucket_of_another_program_is_left_as_it_is(aws):
    region = aws.at("eu-central-2")
    make_foreign_bucket(region, "theirs-to-keep")
    region.s3.put_object(Bucket="theirs-to-keep", Key="a.txt", Body=b"theirs")

    def answer():
        found = region.s3.get_bucket_notification_configuration(Bucket="theirs-to-keep")
        return {name: value for name, value in found.items() if name != "ResponseMetadata"}

    before = answer()
    engine = Engine(main_program, region, project=PROJECT)
    engine.apply(config(protectData=False, existingBuckets=["theirs-to-keep"]))

    assert {change.action for change in destroy(engine).changes} == {"deleted"}
    assert answer() == before
    assert len(region.s3.list_object_versions(Bucket="theirs-to-keep")["Versions"]) == 1
