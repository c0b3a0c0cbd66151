"""Additional regions: each notifies by itself, and none touches what is in another."""

from __future__ import annotations

import json

import pulumi
import pytest

from components import regional_provider
from components.regional_provider import configured
from components.regions import ENABLED_BY_DEFAULT, REGIONS, partition_of, sns_between
from components.settings import SettingsError
from tests.program.conftest import REGION, as_list, every_recipient, own_loop, run, strings
from tests.program.problems import one_problem, problems_of

CONFIG = {"mode": "advanced", "emails": ["ann@example.com"], "rules": every_recipient("aws")}
FIRST, SECOND = "ap-east-1", "us-east-1"  # the first has to be opted into

# What may change when a region comes or goes: what the API may reach, which topics recipients' queues accept, and from
# which buckets the page may show previews.
WIDENED = {
    "file-notifications",
    "file-notifications-api-function",
    "file-notifications-api-policy",
    "file-notifications-api-remover-policy",
    "file-notifications-recipients-sqs-file-events-60dd7f-policy",
    "file-notifications-web-headers",
}


@pytest.fixture
def beside(deploy):
    """beside("us-east-1") has additional regions."""
    return lambda *regions, **config: deploy(**CONFIG, **config, replicaRegions=list(regions))


def test_a_region_only_adds(advanced, beside):
    assert advanced.names < beside(FIRST).names < beside(FIRST, SECOND).names


def test_a_region_changes_nothing_of_the_others_but_what_the_api_may_reach(advanced, beside):
    one, two = beside(FIRST), beside(FIRST, SECOND)

    assert advanced.changed(one) <= WIDENED
    assert one.changed(two) <= WIDENED


def test_recipients_stay_subscribed_when_a_region_comes(advanced, beside):
    before, after = advanced.comparable, beside(FIRST).comparable

    for subscription in advanced.of("TopicSubscription"):
        assert after[subscription.urn] == before[subscription.urn]


def test_a_region_that_goes_takes_only_its_own_parts_with_it(beside):
    gone = beside(FIRST, SECOND).names - beside(FIRST).names

    assert gone
    assert [urn for urn in gone if f"::file-notifications-{SECOND}" not in urn] == []


def test_the_order_in_which_regions_are_named_means_nothing(beside):
    one, other = beside(FIRST, SECOND), beside(SECOND, FIRST)

    assert one.comparable == other.comparable


@pytest.mark.parametrize("region", [FIRST, SECOND])
def test_everything_of_a_region_is_made_by_its_provider(beside, region):
    deployment = beside(FIRST, SECOND)
    (provider,) = [r for r in deployment.resources if r.kind == "aws" and r.inputs["region"] == region]
    own = [r for r in deployment.resources if r.name.startswith(f"file-notifications-{region}-")]

    assert {r.provider for r in own if r.custom and r != provider} == {provider.urn}
    assert [r.name for r in deployment.resources if r.provider == provider.urn and r not in own] == []


def test_every_region_has_all_that_the_primary_one_has_but_api_page_and_users(beside):
    regions = beside(FIRST).regions
    here, there = ({r.name for r in regions[region].resources} for region in (REGION, FIRST))

    missing = {name for name in here if name.replace("file-notifications", f"file-notifications-{FIRST}") not in there}

    assert {name.split("-")[2] for name in missing} == {
        "api",
        "audit",
        "catalogue",
        "monitoring",
        "recipients",  # a queue has one policy
        "users",
        "web",
    }
    assert [name for name in missing if "-monitoring-" in name] == ["file-notifications-monitoring-api-errors"]


@pytest.mark.parametrize("region", [FIRST, SECOND])
def test_no_arn_of_a_region_names_another_by_mistake(beside, region):
    """Recipients are where they are, and a replica names the table that it copies."""
    recipients = {text for rule in every_recipient("aws") for text in rule["to"]}
    strangers = [
        (r.name, text)
        for r in beside(FIRST, SECOND).regions[region].resources
        for key, value in r.inputs.items()
        for text in strings(json.loads(value) if isinstance(value, str) and value[:1] == "{" else value)
        for other in (REGION, FIRST, SECOND)
        if other != region and other in text and text not in recipients and key != "globalTableArn"
    ]

    # Where their queue is, and which region their function's permission is in.
    assert {text for _, text in strangers} <= {REGION}
    assert {name.rpartition("-")[2] for name, _ in strangers} <= {"invoke"}


def test_nothing_of_the_primary_region_reaches_into_another_but_the_api_and_recipients_queues(beside):
    reaching = {
        r.name
        for r in beside(FIRST, SECOND).regions[REGION].resources
        if any(f"file-notifications-{FIRST}" in text for text in strings(r.inputs))
    }

    assert reaching == WIDENED - {"file-notifications"}


def test_every_region_writes_to_its_own_replica_only(beside):
    for region, part in beside(FIRST, SECOND).regions.items():
        tables = {
            resource
            for statement in part.statements()
            if "dynamodb:UpdateItem" in statement.actions
            for resource in as_list(statement.content["Resource"])
        }

        assert {table.split(":")[3] for table in tables} == {region}


def test_the_functions_of_all_regions_know_the_table_by_one_name(beside):
    deployment = beside(FIRST, SECOND)
    named = {deployment.variables(f).get("TABLE_NAME") for f in deployment.of("Function")} - {None}

    assert named == {deployment.exports["tableName"]}


def test_the_table_can_be_replicated_before_there_is_a_region(advanced):
    table = advanced.the("Table").inputs

    assert (table["streamEnabled"], table["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")


def test_an_update_after_a_refresh_takes_no_replica_off_the_table(advanced):
    """A replica is a resource of its own; a refresh finds it among the table's inputs, where the program names none."""
    assert advanced.the("Table").ignored == {"replicas"}


def test_a_replica_can_be_put_back_to_any_moment_like_the_table_itself(beside):
    assert [r.inputs["pointInTimeRecovery"] for r in beside(FIRST, SECOND).of("TableReplica")] == [True, True]


def test_what_holds_data_in_an_additional_region_is_protected_like_in_the_primary_one(beside):
    data = [r for r in beside(FIRST).regions[FIRST].resources if r.kind in {"Bucket", "TableReplica"}]

    assert [(r.kind, r.protect, r.retain_on_delete) for r in data] == [
        ("TableReplica", True, True),
        ("Bucket", True, True),
    ]


def test_unprotected_data_go_with_the_region(beside):
    data = [
        r for r in beside(FIRST, protectData=False).regions[FIRST].resources if r.kind in {"Bucket", "TableReplica"}
    ]

    assert [(r.protect, r.retain_on_delete) for r in data] == [(False, False)] * 2


def test_a_recipients_queue_accepts_the_topics_of_all_regions_and_no_others(beside):
    deployment = beside(FIRST, SECOND)
    (accept,) = [s for s in deployment.statements() if s.resource.name.endswith("file-events-60dd7f-policy")]
    sources = accept.content["Condition"]["ArnLike"]["aws:SourceArn"]

    assert set(sources) == {part.exports["topicArn"] for part in deployment.regions.values()}
    assert accept.content["Condition"] == {"ArnLike": {"aws:SourceArn": sources}}
    assert accept.services == ["sns.amazonaws.com", f"sns.{FIRST}.amazonaws.com"]


def test_no_topic_delivers_to_a_queue_before_the_queue_accepts_it(beside):
    deployment = beside(FIRST)
    (accept,) = [r for r in deployment.of("QueuePolicy") if "-recipients-" in r.name]
    subscribed = [r for r in deployment.of("TopicSubscription") if r.inputs["endpoint"].endswith(":file-events")]

    assert [accept.urn in r.depends_on for r in subscribed] == [True, True]


def test_a_function_in_another_region_accepts_sns_by_its_name_there(beside):
    permissions = [
        r for r in beside(FIRST, SECOND).of("Permission") if r.inputs["function"].endswith("function:index-files")
    ]

    assert {r.inputs["sourceArn"].split(":")[3]: r.inputs["principal"] for r in permissions} == {
        REGION: "sns.amazonaws.com",
        FIRST: f"sns.{FIRST}.amazonaws.com",
        SECOND: "sns.amazonaws.com",
    }


def test_the_api_may_read_and_delete_in_every_bucket_and_write_to_every_work_queue(beside):
    deployment = beside(FIRST, SECOND)

    def reached(action, policy="api"):
        statements = json.loads(deployment.named(f"{policy}-policy").inputs["policy"])["Statement"]
        return [r.split(":")[-1] for s in statements if action in s["Action"] for r in s["Resource"]]

    bases = [f"file-notifications{suffix}" for suffix in ("", f"-{FIRST}", f"-{SECOND}")]
    assert reached("s3:DeleteObject") == []
    assert reached("s3:DeleteObject", "api-remover") == [f"{base}-uploads-bucket/*" for base in bases]
    assert [name for name in reached("s3:GetObject") if "/" not in name] == [f"{base}-uploads-bucket" for base in bases]
    assert reached("sqs:SendMessage") == [f"{base}-work-queue" for base in bases]


def test_the_api_knows_every_region_the_primary_one_first(beside):
    deployment = beside(SECOND, FIRST)
    known = json.loads(deployment.variables(deployment.named("api-function"))["REGIONS"])

    parts = deployment.regions

    assert [one["region"] for one in known] == [REGION, FIRST, SECOND]
    assert [one["bucket"] for one in known] == [parts[one["region"]].exports["bucketName"] for one in known]
    assert [one["workQueueUrl"] for one in known] == [parts[one["region"]].exports["workQueueUrl"] for one in known]


def test_as_many_regions_as_are_accepted_fit_into_a_functions_environment_and_a_roles_policy(deploy):
    longest = sorted(ENABLED_BY_DEFAULT - {REGION}, key=len, reverse=True)
    given = {"emails": ["ann@example.com"], "mode": "advanced", "scan": "on"}
    deployment = deploy(**given, replicaRegions=longest[:11])
    environment = deployment.variables(deployment.named("api-function"))

    # The names and addresses of AWS are up to 45 characters longer than those of this test, for each region.
    assert sum(map(len, (*environment, *environment.values()))) + 12 * 45 <= 4096
    assert len(deployment.named("api-policy").inputs["policy"]) <= 10_240
    with pytest.raises(SettingsError, match="a function's environment has room for 3,200"):
        deploy(**given, replicaRegions=longest[:12])


def test_the_api_is_not_deployed_anew_for_a_region(advanced, beside):
    assert beside(FIRST).the("Deployment").inputs == advanced.the("Deployment").inputs


# The settings


@pytest.mark.parametrize(
    ("regions", "what", "fix"),
    [
        (
            ["ap-southeast-11"],
            "replicaRegions[0] is 'ap-southeast-11'; use the name of an AWS region",
            "set --path 'replicaRegions[0]' ap-southeast-1",
        ),
        (
            ["us-east-1", 7],
            "replicaRegions[1] is 7; use the name of an AWS region",
            "set --path 'replicaRegions[1]' ap-southeast-1",
        ),
        (
            ["us-east-1", "us-east-1"],
            "replicaRegions[1] is 'us-east-1', which replicaRegions has already",
            "rm --path 'replicaRegions[1]'",
        ),
        (
            [REGION],
            f"replicaRegions[0] is '{REGION}', the region that the stack itself is in",
            "rm --path 'replicaRegions[0]'",
        ),
        (
            ["cn-north-1"],
            (
                f"replicaRegions[0] is 'cn-north-1', in partition aws-cn; the stack is in {REGION}, in partition aws, "
                "and nothing reaches across"
            ),
            "rm --path 'replicaRegions[0]'",
        ),
        (
            "us-east-1",
            "replicaRegions is 'us-east-1'; it takes a list",
            "set --path 'replicaRegions[0]' ap-southeast-1",
        ),
    ],
    ids=["unknown", "a number", "twice", "the stack's own", "another partition", "no list"],
)
def test_a_wrong_region_gets_one_message(read, regions, what, fix):
    config = {"mode": "advanced", "emails": ["a@b.co"], "replicaRegions": regions}
    assert problems_of(read, **config) == one_problem(what, fix)


def test_regions_need_the_catalogue_that_brings_them_together(read):
    with pytest.raises(
        SettingsError, match=r"replicaRegions names us-east-1, which needs mode advanced\n.*mode advanced"
    ):
        read(emails=["a@b.co"], replicaRegions=["us-east-1"])


def test_every_problem_with_regions_is_reported_with_all_others(read):
    with pytest.raises(SettingsError, match="has 4 problems"):
        read(emails=["a@b.co"], logRetentionDays=10, replicaRegions=["x", REGION, "cn-north-1"])


# What is known of regions


def test_every_region_is_in_a_partition_that_is_known():
    """A new partition would otherwise count as the usual one."""
    usual = [region for region in REGIONS if partition_of(region) == "aws"]

    assert {region.partition("-")[0] for region in usual} == {
        "af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us",
    }  # fmt: skip
    assert not [region for region in usual if len(region.split("-")) != 3]


def test_every_region_that_is_enabled_by_default_exists():
    assert set(REGIONS) > ENABLED_BY_DEFAULT


@pytest.mark.parametrize(
    ("topic", "recipient"), [("eu-west-1", "us-east-1"), ("cn-north-1", "cn-northwest-1"), ("me-south-1", "me-south-1")]
)
def test_sns_has_its_usual_name_where_nobody_opted_in_and_within_a_region(topic, recipient):
    assert sns_between(topic, recipient) == "sns.amazonaws.com"


# The provider


@pytest.fixture
def aws_config():
    """aws_config({"profile": "x"}) is what a regional provider takes from the stack's `aws:` config."""

    def arguments(config):
        pulumi.runtime.set_all_config({f"aws:{key}": value for key, value in config.items()})
        return configured()

    with own_loop():
        yield arguments


def test_a_regional_provider_works_in_the_stacks_account_and_with_its_tags(aws_config):
    found = aws_config(
        {
            "region": "eu-west-1",
            "profile": "12",
            "defaultTags": '{"tags": {"team": "files"}}',
            "assumeRoles": '[{"roleArn": "arn:aws:iam::111122223333:role/deployer"}]',
            "allowedAccountIds": '["111122223333"]',
            "skipMetadataApiCheck": "true",
            "maxRetries": "7",
        }
    )

    assert found == {
        "profile": "12",
        "default_tags": {"tags": {"team": "files"}},
        "assume_roles": [{"roleArn": "arn:aws:iam::111122223333:role/deployer"}],
        "allowed_account_ids": ["111122223333"],
        "skip_metadata_api_check": True,
        "max_retries": 7,
    }


def test_every_additional_regions_provider_gets_the_stacks_aws_config(monkeypatch):
    monkeypatch.setattr(regional_provider, "configured", lambda: {"profile": "deployer"})

    providers = [r for r in run(**CONFIG, replicaRegions=[FIRST, SECOND]).resources if r.kind == "aws"]

    assert [provider.inputs["profile"] for provider in providers] == ["deployer", "deployer"]


def test_credentials_of_the_stack_reach_a_regional_provider_as_secrets(aws_config):
    assert set(aws_config({"accessKey": "AKIA", "secretKey": "s"})) == {"access_key", "secret_key"}
