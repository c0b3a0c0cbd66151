"""The roles of code review: they can do what a preview and a deployment need, and no more."""

from __future__ import annotations

import fnmatch
import json
import re
import runpy
from pathlib import Path

import pulumi
import pytest

from bootstrap.roles.permissions import BY_TYPE, NAME, SEVERAL_REGIONS
from bootstrap.roles.policies import Account, deploy_policy, preview_policy
from bootstrap.roles.review_roles import LONGEST_ENVIRONMENT, ReviewRoles, Settings, SettingsError
from tests.program.conftest import ACCOUNT, CONFIGS, FakeAws, RecordingMonitor, as_config, own_loop, run_once

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "file-notifications-bootstrap"
MAX_INLINE_CHARACTERS = 10_240  # IAM: all inline policies of a role together, white space not counted
RECIPIENTS = [f"arn:aws:sqs:eu-west-1:{ACCOUNT}:audit", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:index-files"]
HERE = Account(partition="aws", number=ACCOUNT)

# AWS authorizes these on no resource, by its Service Authorization Reference.
ON_ANYTHING = {
    "cloudfront:CreateDistribution",
    "cloudfront:CreateFunction",
    "cloudfront:CreateOriginAccessControl",
    "cloudfront:CreateResponseHeadersPolicy",
    "cognito-idp:CreateUserPool",
    "cognito-idp:DescribeUserPoolDomain",
    "lambda:CreateEventSourceMapping",
    "logs:DeleteQueryDefinition",
    "logs:DescribeLogGroups",
    "logs:DescribeQueryDefinitions",
    "logs:PutQueryDefinition",
    "sns:GetSubscriptionAttributes",
    "sns:SetSubscriptionAttributes",
    "sns:Unsubscribe",
}
# What the program's services are called in IAM, where Pulumi calls them otherwise.
IN_IAM = {"cognito": "cognito-idp"}
THEIRS = "bucket-of-another-team"

DEPLOY = deploy_policy(HERE, RECIPIENTS, several_regions=True, existing_buckets=[THEIRS])
PREVIEW = preview_policy(HERE, RECIPIENTS, [THEIRS])
POLICIES = pytest.mark.parametrize("policy", [DEPLOY, PREVIEW], ids=["deploy", "preview"])


pytestmark = pytest.mark.xdist_group("advanced")  # most compare with that deployment


def set_config(config):
    pulumi.runtime.reset_options(project=PROJECT, stack="dev")
    pulumi.runtime.set_all_config({f"{PROJECT}:{key}": as_config(value) for key, value in config.items()})


def run(*, partition="aws", **config):
    """The bootstrap program as Pulumi runs it: the folder by itself."""
    with own_loop():
        set_config(config)
        monitor = RecordingMonitor(FakeAws(partition, preview=False))
        pulumi.runtime.set_mocks(monitor.mocks, project=PROJECT, stack="dev", preview=False, monitor=monitor)

        @pulumi.runtime.test
        def settle() -> pulumi.Output[None]:
            runpy.run_path(str(ROOT / "bootstrap"))
            exported = pulumi.runtime.get_root_resource().outputs
            return pulumi.Output.all(**exported).apply(monitor.deployment.exports.update)

        settle()
        return monitor.deployment


def trust(role):
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    return statement


def policy_of(deployment, role):
    (found,) = [p for p in deployment.of("RolePolicy") if p.inputs["role"] == role.name]
    return json.loads(found.inputs["policy"])


def allowed(policy):
    return {(action, on) for s in policy["Statement"] for action in s["Action"] for on in s["Resource"]}


def actions(policy):
    return {action for action, _ in allowed(policy)}


@pytest.fixture(scope="module")
def made():
    return run(repository="acme/files", recipients=RECIPIENTS)


@pytest.mark.parametrize("config", CONFIGS)
def test_for_every_type_that_the_program_deploys_it_is_known_what_it_needs(config):
    deployed = {r.type for r in run_once(**CONFIGS[config]).resources if r.type.startswith("aws:")}

    assert deployed - {*BY_TYPE, *SEVERAL_REGIONS} == set()


def test_every_service_that_the_program_deploys_is_in_the_policy_of_a_deployment():
    services = {
        r.type.split(":")[1].split("/")[0]
        for r in run_once(**CONFIGS["advanced"]).resources
        if r.type.startswith("aws:")
    }

    assert {IN_IAM.get(name, name) for name in services} <= {action.split(":")[0] for action in actions(DEPLOY)}


def test_everything_that_is_made_can_be_removed():
    for type_, needs in BY_TYPE.items():
        written = " ".join(needs.writes.values())
        overwritten = r"Put(?!Object)|SetTopicAttributes|SetQueueAttributes|RemovePermission|Unsubscribe"

        # Files of the site go with their bucket.
        assert re.search(rf"Delete|DELETE|{overwritten}", written) or type_.endswith("BucketObjectv2"), type_


@POLICIES
def test_no_action_is_allowed_by_a_wildcard(policy):
    assert [action for action in actions(policy) if not re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action)] == []


@POLICIES
def test_every_action_names_its_resource_where_aws_has_one(policy):
    assert {action for action, on in allowed(policy) if on == "*"} <= ON_ANYTHING
    assert all(on == "*" or on.startswith("arn:aws:") for _, on in allowed(policy))


@POLICIES
def test_no_other_resources_are_touched(policy):
    """Named ones begin with the program's name; the others have names that AWS chooses, or are the recipients."""
    chosen_by_aws = ("apigateway", "cloudfront", "cognito-idp", "lambda:*:111122223333:event-source-mapping")
    read_as_a_list = f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:*"
    for_replicas = "aws-service-role/replication.dynamodb.amazonaws.com"

    foreign = [
        (action, on)
        for action, on in allowed(policy)
        if on not in {"*", read_as_a_list, f"arn:aws:s3:::{THEIRS}", *RECIPIENTS}
        and "file-notifications-" not in on
        and for_replicas not in on
        and not on.removeprefix("arn:aws:").startswith(chosen_by_aws)
    ]

    assert foreign == []


@POLICIES
def test_a_policy_fits_into_its_role(policy):
    assert len(json.dumps(policy, separators=(",", ":"))) <= MAX_INLINE_CHARACTERS


def test_every_name_that_the_program_gives_is_one_that_a_deployment_manages():
    for resource in run_once(**CONFIGS["advanced"]).resources:
        given = ("dashboardName", "layerName", "name")
        names = [resource.name, *(resource.inputs[key] for key in given if key in resource.inputs)]
        # A resource server belongs to its pool, and a query is searched for in a list.
        if resource.type.startswith("aws:") and resource.kind not in {"ResourceServer", "QueryDefinition"}:
            assert [name for name in names if not fnmatch.fnmatch(name, NAME)] == []


def test_a_preview_only_reads():
    verbs = {re.match(r"[A-Z][a-z]+|GET", action.split(":")[1]).group() for action in actions(PREVIEW)}

    assert verbs == {"Get", "List", "Describe", "GET"}


def test_a_preview_reads_no_file_no_item_and_no_message():
    reads = allowed(PREVIEW)
    contents = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "sqs:ReceiveMessage", "logs:GetLogEvents"}

    assert actions(PREVIEW).isdisjoint(contents)
    assert [on for action, on in reads if action == "s3:GetObject"] == ["arn:aws:s3:::file-notifications-web-site-*/*"]


def test_a_deployment_reads_no_item_either_unless_it_fills_replicas():
    contents = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "sqs:ReceiveMessage", "s3:GetObjectVersion"}

    assert actions(deploy_policy(HERE, RECIPIENTS, several_regions=False)).isdisjoint(contents)
    assert "dynamodb:Scan" in actions(DEPLOY)


def test_a_deployment_hands_its_roles_to_the_services_that_need_them_alone():
    (passing,) = [s for s in DEPLOY["Statement"] if "iam:PassRole" in s["Action"]]

    services = {
        service
        for role in run_once(**CONFIGS["advanced"]).of("Role")
        if "Service" in (principal := trust(role)["Principal"])
        for service in [principal["Service"]]
    }
    assert set(passing["Condition"]["StringEquals"]["iam:PassedToService"]) == services
    assert passing["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/file-notifications-*"]


def test_only_functions_of_the_program_are_given_a_queue_to_read():
    (mapping,) = [s for s in DEPLOY["Statement"] if "lambda:CreateEventSourceMapping" in s["Action"]]

    on = f"arn:aws:lambda:*:{ACCOUNT}:function:file-notifications-*"
    assert mapping["Condition"] == {"ArnLike": {"lambda:FunctionArn": on}}


def test_no_deployment_can_change_what_it_may_do(made):
    assert [role.name for role in made.of("Role") if fnmatch.fnmatch(role.name, NAME)] == []


def test_roles_whose_names_a_deployment_manages_are_refused():
    with pytest.raises(ValueError, match="could change its own role"):
        ReviewRoles("file-notifications-review", Settings(repository="acme/files"))


def test_a_preview_is_for_pull_requests_of_the_repository_alone(made):
    (role,) = [role for role in made.of("Role") if role.name.endswith("-preview")]

    assert trust(role)["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:acme/files:pull_request",
        }
    }


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_deployment_is_for_jobs_in_its_environment_alone(made, environment):
    (role,) = [role for role in made.of("Role") if role.name.endswith(f"-deploy-{environment}")]
    subject = trust(role)["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]

    assert subject == f"repo:acme/files:environment:{environment}"
    assert trust(role)["Action"] == "sts:AssumeRoleWithWebIdentity"


def test_each_role_gets_its_own_policy(made):
    for role in made.of("Role"):
        wanted = (
            preview_policy(HERE, RECIPIENTS)
            if role.name.endswith("-preview")
            else deploy_policy(HERE, RECIPIENTS, several_regions=False)
        )

        assert policy_of(made, role) == wanted


def test_the_arns_to_set_as_variables_are_exported(made):
    assert made.exports["previewRoleArn"].endswith("-preview")
    assert {name: arn.rsplit("-", 1)[1] for name, arn in made.exports["deployRoleArns"].items()} == {
        "dev": "dev",
        "prod": "prod",
    }


def test_an_identity_provider_that_is_there_already_is_used():
    there = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    made = run(repository="acme/files", environments=["dev"], providerArn=there)

    assert made.of("OpenIdConnectProvider") == []
    assert {trust(role)["Principal"]["Federated"] for role in made.of("Role")} == {there}


def test_another_partition_has_its_own_arns():
    made = run(repository="acme/files", environments=["prod"], partition="aws-cn")

    assert not any("arn:aws:" in r.inputs["policy"] for r in made.of("RolePolicy"))


@pytest.mark.parametrize(
    ("wrong", "reported"),
    [
        ({}, "repository is ''; use owner/name:\n  pulumi config set repository owner/name"),
        ({"repository": "acme/*"}, "repository is 'acme/*'"),
        ({"repository": "acme/files", "environments": ["*"]}, "environments[0] is '*'"),
        (
            {"repository": "acme/files", "environments": ["e" * 24]},
            f"environments[0] is '{'e' * 24}'; use",
        ),
        (
            {"repository": "acme/files", "recipients": ["arn:aws:sqs:eu-west-1:111122223333:*"]},
            "recipients[0] is 'arn:",
        ),
    ],
)
def test_a_setting_that_would_open_a_role_to_others_is_refused(wrong, reported):
    with own_loop():
        set_config(wrong)
        with pytest.raises(SettingsError) as refused:
            Settings.from_config(pulumi.Config())

    assert str(refused.value).startswith(reported)


def test_the_name_of_a_role_has_room_for_the_longest_environment():
    made = run(repository="acme/files", environments=["e" * LONGEST_ENVIRONMENT])
    suffix = "-1a2b3c4"  # what Pulumi appends

    assert max(len(role.name + suffix) for role in made.of("Role")) == 64  # IAM's limit
