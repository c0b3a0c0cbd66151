"""What only Pulumi's own engine and CLI show; the emulator stands for AWS, and its kinds for the provider."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from tests.engine.conftest import Project, Stack

WEBHOOK = "https://hooks.slack.com/services/T0/B0/hush"
EVERYTHING = {
    "mode": "advanced",
    "emails": ["you@example.com"],
    "protectData": False,
    "scan": "on",
    "access": [{"group": "editors", "can": ["read", "upload"], "folders": ["incoming/"]}],
    "rules": [{"name": "nightly", "to": ["ops@example.com", "channel:alerts"], "expect": {"by": "06:00"}}],
    "replicaRegions": ["us-east-1"],
}


@pytest.fixture(scope="module")
def dev(project: Project) -> Stack:
    """A stack as it is deployed first: basic mode, one address."""
    stack = project.stack("dev", emails=["you@example.com"])
    stack.up()
    return stack


def test_a_second_update_has_nothing_to_do(dev: Stack):
    assert "unchanged" in dev.run("preview", "--expect-no-changes")


def test_switching_to_advanced_adds_and_updates_alone(dev: Stack):
    before = dev.file.read_text()
    dev.set("mode", "advanced")
    operations = {operation for operation, _ in dev.operations()}
    dev.file.write_text(before)

    assert operations == {"create", "update", "same"}


def test_protected_data_stop_a_destroy_before_anything_is_deleted(dev: Stack):
    said = dev.run("destroy", "--yes", fails=True)

    assert "cannot be deleted" in said
    assert "file-notifications-uploads-bucket" in said
    dev.run("preview", "--expect-no-changes")


def test_what_is_not_protected_can_go_and_is_made_anew_around_the_data(project: Project):
    stack = project.stack("prod", mode="advanced", emails=["you@example.com"])
    stack.up()
    bucket = stack.run("stack", "output", "bucketName")

    stack.run("destroy", "--yes", "--exclude-protected")
    left = {urn.rpartition("$")[2].partition("::")[0] for urn in stack.urns() if "$aws:" in urn}
    stack.up()

    data = {"aws:s3/bucket:Bucket", "aws:dynamodb/table:Table", "aws:cognito/userPool:UserPool"}
    assert data | {"aws:cloudwatch/logGroup:LogGroup"} == left
    assert stack.run("stack", "output", "bucketName") == bucket


def test_a_stack_goes_once_an_update_has_taken_the_protection_off(project: Project):
    stack = project.stack("test", emails=["you@example.com"])
    stack.up()
    stack.set("protectData", "false")
    stack.up()

    stack.run("destroy", "--yes")

    assert stack.urns() == []


def test_names_can_be_stated_for_data_that_are_brought_back(project: Project):
    stack = project.stack("back", emails=["you@example.com"])
    names = {"aws:s3/bucket:Bucket": {"pattern": "${name}-1a2b3c4"}}
    stack.config(
        {
            "aws:region": "eu-west-1",
            "file-notifications:emails": ["you@example.com"],
            "pulumi:autonaming": {"providers": {"aws": {"resources": names}}},
        }
    )

    steps = json.loads(stack.run("preview", "--json"))["steps"]

    buckets = [step["newState"]["inputs"]["bucket"] for step in steps if "s3/bucket:Bucket::" in step["urn"]]
    assert buckets == ["file-notifications-uploads-bucket-1a2b3c4"]


def test_a_stack_name_may_have_dots(project: Project):
    project.stack("team.dev", emails=["you@example.com"]).up()


def test_operators_read_the_selected_stack_by_the_cli(dev: Stack, project: Project):
    command = [sys.executable, "-m", "ops", "status", "--stack", dev.name, "--json"]
    done = subprocess.run(
        command, env=project.environment, cwd=project.program, capture_output=True, text=True, check=False
    )

    assert json.loads(done.stdout)["mode"] == "basic", done.stderr


def test_wrong_settings_are_reported_without_a_traceback_and_the_printed_commands_fix_them(project: Project):
    stack = project.stack(
        "wrong",
        mode="advancd",
        emails=["you@example", "you@example.com"],
        logRetentionDays=15,
        mailsPerMinut=5,
        replicaRegions=["eu-west-1", "eu-wst-2"],
        access=[{"group": "editors", "can": "edit"}],
        rules=[
            {"name": "a/b", "to": ["nobody"], "events": ["creatd"], "minByte": 3},
            {"name": "b", "to": []},
        ],
        channels={"al erts": WEBHOOK},
        existingBuckets=[{"name": "B", "prefx": "a/"}],
        webDomain="files.example.com",
        scan="yes",
    )
    problems = stack.problems()
    commands = [line for line in problems if line.startswith("pulumi config ")]

    assert len(commands) == len(problems) / 2 > 10
    assert "Traceback" not in "\n".join(problems)
    for command in commands:
        for one in command.split(" && "):
            stack.run(*shlex.split(one)[1:])
    # What a whole object lacks shows once there is one.
    assert [line for line in stack.problems() if not line.startswith("pulumi ")] == [
        "webDomain.certificateArn is missing; use the ARN of an ACM certificate in us-east-1"
    ]


@pytest.fixture(scope="module")
def their_bucket(project: Project) -> str:
    where = {"LocationConstraint": "eu-west-1"}
    project.aws.s3.create_bucket(Bucket="their-bucket", CreateBucketConfiguration=where)
    return "their-bucket"


@pytest.fixture(scope="module")
def everything(project: Project, their_bucket: str) -> Stack:
    stack = project.stack("everything", **EVERYTHING, existingBuckets=[their_bucket])
    stack.set("--secret", "--path", "channels.alerts", WEBHOOK)
    stack.up()
    return stack


def test_a_stack_with_all_that_there_is_has_nothing_to_do_twice(everything: Stack):
    everything.run("preview", "--expect-no-changes")


def test_a_webhook_is_a_secret_in_settings_and_state(everything: Stack):
    assert WEBHOOK not in everything.file.read_text()
    assert WEBHOOK not in everything.run("stack", "export")


def test_a_region_that_goes_takes_its_own_resources_alone(everything: Stack):
    before = everything.file.read_text()
    everything.run("config", "rm", "--path", "replicaRegions[0]")
    operations = everything.operations()
    everything.file.write_text(before)

    deleted = {name for operation, name in operations if operation == "delete"}
    assert deleted
    assert all("us-east-1" in name for name in deleted)
    assert {operation for operation, _ in operations} == {"delete", "update", "same"}


def test_a_destroy_leaves_nothing_but_the_bucket_of_another_program(project: Project, their_bucket: str):
    def there() -> set[str]:
        aws = project.aws
        buckets = {bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"]}
        functions = {function["FunctionName"] for function in aws.lambda_.list_functions()["Functions"]}
        return buckets | functions | set(aws.dynamodb.list_tables()["TableNames"])

    stack = project.stack(
        "leaving", mode="advanced", emails=["you@example.com"], protectData=False, existingBuckets=[their_bucket]
    )
    before = there()
    stack.up()
    assert len(there()) > len(before)

    stack.run("destroy", "--yes", "--skip-preview")

    assert their_bucket in there() == before
    assert stack.urns() == []


def test_a_rule_of_the_policy_pack_stops_the_update(project: Project):
    topic = project.program / "components" / "notification_topic.py"
    whole = topic.read_text()
    stack = project.stack("pack", emails=["you@example.com"])

    topic.write_text(whole.replace('"sns:Publish"', '"sns:*"'))
    said = stack.run("up", "--yes", "--skip-preview", "--policy-pack", "policy", fails=True)
    topic.write_text(whole)

    assert "[mandatory]  names-every-action" in said
    assert "its policy allows sns:*; name the actions that are needed" in said
