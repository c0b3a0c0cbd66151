"""The policies of code review: they can do what a preview and a deployment need, and no more."""

from __future__ import annotations

import fnmatch
import importlib
import re
from dataclasses import replace

import pytest

from bootstrap.roles.permissions import BY_TYPE, MAPPING_CHANGES, NAME, SEVERAL_REGIONS
from bootstrap.roles.policies import (
    LONGEST,
    MAX_CHARACTERS,
    Granted,
    compact,
    deploy_policy,
    part,
    parts,
    preview_policy,
)
from tests.bootstrap.program import HERE, RECIPIENTS, actions, allowed, trust
from tests.program.conftest import ACCOUNT, CONFIGS, run_once

# AWS authorizes these on no resource, by its Service Authorization Reference; event source mappings by their function.
ON_ANYTHING = {
    "cloudfront:CreateDistribution",
    "cloudfront:CreateFunction",
    "cloudfront:CreateOriginAccessControl",
    "cloudfront:CreateResponseHeadersPolicy",
    "cognito-idp:CreateUserPool",
    "cognito-idp:DescribeUserPoolDomain",
    "guardduty:CreateMalwareProtectionPlan",
    "lambda:CreateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
    "lambda:GetEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
    "logs:DeleteQueryDefinition",
    "logs:DescribeLogGroups",
    "logs:DescribeQueryDefinitions",
    "logs:PutQueryDefinition",
    "sns:GetSubscriptionAttributes",
    "sns:SetSubscriptionAttributes",
    "sns:Unsubscribe",
    "ssm:DescribeParameters",
}
# Reads and writes that include tags, where no action is named after them.
WITH_TAGS = {
    "apigateway:GET",
    "apigateway:PUT",
    "apigateway:DELETE",
    "cognito-idp:DescribeUserPool",
    "iam:GetRole",
    "s3:PutBucketTagging",
}
# What the program's services are called in IAM, where Pulumi calls them otherwise.
IN_IAM = {"cognito": "cognito-idp"}

OURS = {f"arn:aws:lambda:*:{ACCOUNT}:function:{NAME}"}
THEIRS = "bucket-of-another-team"
GRANTED = Granted(several_regions=True, existing_buckets=[THEIRS])
DEPLOY, PREVIEW = deploy_policy(HERE, GRANTED), preview_policy(HERE, GRANTED)
POLICIES = pytest.mark.parametrize("policy", [DEPLOY, PREVIEW], ids=["deploy", "preview"])

pytestmark = pytest.mark.xdist_group("advanced")  # most compare with that deployment


@pytest.mark.parametrize("config", CONFIGS)
def test_for_every_type_that_the_program_deploys_it_is_known_what_it_needs(config):
    deployed = {r.type for r in run_once(**CONFIGS[config]).resources if r.type.startswith("aws:")}

    assert deployed - {*BY_TYPE, *SEVERAL_REGIONS} == set()


def test_every_service_that_the_program_deploys_is_in_the_policy_of_a_deployment():
    services = {
        r.type.split(":")[1].split("/")[0]
        for r in run_once(**CONFIGS["everything"]).resources
        if r.type.startswith("aws:")
    }

    assert {IN_IAM.get(name, name) for name in services} <= {action.split(":")[0] for action in actions(DEPLOY)}


def has_tags(type_):
    """Whether the provider puts the stack's default tags on resources of a type."""
    service, _, name = re.fullmatch(r"aws:(\w+)/(\w+):(\w+)", type_).groups()
    package = importlib.import_module(f"pulumi_aws.{'lambda_' if service == 'lambda' else service}")
    return hasattr(getattr(package, name), "tags_all")


TAGGED = [type_ for type_ in {**BY_TYPE, **SEVERAL_REGIONS} if has_tags(type_)]


@pytest.mark.parametrize("type_", TAGGED)
def test_whatever_has_tags_can_be_read_tagged_and_untagged(type_):
    needs = {**BY_TYPE, **SEVERAL_REGIONS}[type_]
    own = next(iter(needs.writes))  # the type's own resource; others come after it
    own = "apigateway:*::/tags/*" if type_.startswith("aws:apigateway/") else own
    reads, writes = " ".join(needs.reads.values()).split(), needs.writes[own].split()

    assert [action for action in reads if "Tag" in action or action in WITH_TAGS]
    assert [a for a in writes if re.search(r":(Tag|AddTags|Put\w+Tag)", a) or a in WITH_TAGS], "cannot be tagged"
    assert [a for a in writes if re.search(r":(Untag|RemoveTags|Delete\w+Tag)", a) or a in WITH_TAGS], (
        "cannot be untagged"
    )


def test_tags_of_apis_and_stages_are_written_under_their_own_path():
    for type_ in ("restApi:RestApi", "stage:Stage"):
        writes = BY_TYPE[f"aws:apigateway/{type_}"].writes

        assert writes["apigateway:*::/tags/*"] == "apigateway:PUT apigateway:DELETE"


def written(type_):
    """The actions that write to resources of a type, without those for their tags."""
    every = " ".join(BY_TYPE[type_].writes.values()).split()
    ours = MAPPING_CHANGES if type_.endswith(":EventSourceMapping") else []
    return " ".join(action for action in (*every, *ours) if "Tag" not in action)


@pytest.mark.parametrize("type_", BY_TYPE)
def test_everything_that_is_made_can_be_removed(type_):
    overwritten = r"Put(?!Object)|SetTopicAttributes|SetQueueAttributes|RemovePermission|Unsubscribe"

    assert re.search(rf"Delete|DELETE|{overwritten}", written(type_))


# Of these each argument that the program sets makes a new resource, or is Pulumi's own.
NEVER_CHANGED = {"Bucket", "LayerVersion", "Permission", "UserGroup"}


@pytest.mark.parametrize("type_", [type_ for type_ in BY_TYPE if type_.split(":")[-1] not in NEVER_CHANGED])
def test_everything_else_can_be_changed_in_place(type_):
    assert re.search(r":(Update|Put|Set|PATCH)", written(type_))


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
    chosen_by_aws = (
        "apigateway",
        "cloudfront",
        "cognito-idp",
        "guardduty",
        "lambda:*:111122223333:event-source-mapping",
        "kms",
    )
    read_as_a_list = f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:*"
    made_by_aws = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/"

    foreign = [
        (action, on)
        for action, on in allowed(policy)
        if on not in {"*", read_as_a_list, f"arn:aws:s3:::{THEIRS}"}
        and "file-notifications-" not in on
        and not on.startswith(made_by_aws)
        and not on.removeprefix("arn:aws:").startswith(chosen_by_aws)
    ]

    assert foreign == []


@POLICIES
def test_of_keys_only_the_default_one_of_dynamodb_is_described(policy):
    """The provider does, when it reads a replica."""
    (keys,) = [s for s in policy["Statement"] if any(action.startswith("kms:") for action in s["Action"])]

    assert keys["Action"] == ["kms:DescribeKey"]
    assert keys["Condition"] == {"StringEquals": {"kms:RequestAlias": "alias/aws/dynamodb"}}


@pytest.mark.parametrize("make", [deploy_policy, preview_policy])
def test_without_replicas_no_key_is_described(make):
    assert not [action for action in actions(make(HERE, Granted())) if action.startswith("kms:")]


def test_aws_makes_the_roles_that_it_wants_for_apis_and_replicas_and_no_others():
    linked = [s for s in DEPLOY["Statement"] if s["Action"] == ["iam:CreateServiceLinkedRole"]]

    services = [s["Condition"]["StringEquals"]["iam:AWSServiceName"] for s in linked]
    assert services == ["ops.apigateway.amazonaws.com", "replication.dynamodb.amazonaws.com"]
    assert all(
        f"/aws-service-role/{service}/*" in s["Resource"][0] for s, service in zip(linked, services, strict=True)
    )
    assert "iam:CreateServiceLinkedRole" in actions(deploy_policy(HERE, Granted()))


def test_recipients_are_read_and_let_the_topic_in():
    queue, function = RECIPIENTS
    granted = Granted(recipients=RECIPIENTS)
    reads = allowed(preview_policy(HERE, granted)) - allowed(preview_policy(HERE, Granted()))
    both = allowed(deploy_policy(HERE, granted)) - allowed(deploy_policy(HERE, Granted()))

    assert {on for _, on in both} == {queue, function}
    assert both - reads == {
        ("sqs:SetQueueAttributes", queue),
        ("lambda:AddPermission", function),
        ("lambda:RemovePermission", function),
    }
    assert {re.match(r"[A-Z][a-z]+", action.split(":")[1]).group() for action, _ in reads} == {"Get", "List"}


def test_the_topic_is_let_in_by_an_alias_and_not_by_its_function():
    """Lambda compares the qualifier of a request with the one in the policy."""
    _, function = RECIPIENTS
    alias = f"{function}:live"
    may = allowed(deploy_policy(HERE, Granted(recipients=[alias])))

    assert {on for action, on in may if action == "lambda:AddPermission"} - OURS == {alias}
    assert {on for action, on in may if action == "lambda:RemovePermission"} - OURS == {alias}
    assert {on for action, on in may if action == "lambda:GetPolicy"} - OURS == {alias, function}


@pytest.mark.parametrize("count", [0, 1, 17, 40, 41, 300])
def test_many_recipients_and_buckets_fit_into_managed_policies_each_statement_once(count):
    granted = Granted(
        several_regions=True,
        recipients=[
            f"arn:aws:sqs:ap-southeast-1:{ACCOUNT}:{number:0>80}" for number in range(count)
        ],  # the longest name
        existing_buckets=[f"{number:a>63}" for number in range(count)],
        permissions_boundary=BOUNDARY,
    )
    policy = deploy_policy(LONGEST, granted)
    cut = [part(policy, some) for some in parts(policy)]

    assert [statement for one in cut for statement in one["Statement"]] == policy["Statement"]
    assert max(len(compact(one)) for one in cut) <= MAX_CHARACTERS
    assert {on for _, on in allowed(policy)} >= {*granted.recipients}


def test_every_name_that_the_program_gives_is_one_that_a_deployment_manages():
    for resource in run_once(**CONFIGS["everything"]).resources:
        given = ("dashboardName", "layerName", "name")
        names = [resource.name, *(resource.inputs[key] for key in given if key in resource.inputs)]
        # A resource server and a group belong to their pool, and a query is searched for in a list.
        if resource.type.startswith("aws:") and resource.kind not in {"QueryDefinition", "ResourceServer", "UserGroup"}:
            assert [name for name in names if not fnmatch.fnmatch(name, NAME)] == []


@POLICIES
def test_the_files_of_the_site_are_in_a_bucket_that_the_policies_name(policy):
    buckets = {r.inputs["bucket"] for r in run_once(**CONFIGS["everything"]).of("BucketObjectv2")}
    (on,) = [on for action, on in allowed(policy) if action == "s3:GetObject"]

    assert [bucket for bucket in buckets if not fnmatch.fnmatch(f"arn:aws:s3:::{bucket}-1a2b3c4/index.html", on)] == []


def test_a_preview_only_reads():
    verbs = {re.match(r"[A-Z][a-z]+|GET", action.split(":")[1]).group() for action in actions(PREVIEW)}

    assert verbs == {"Get", "List", "Describe", "GET"}


def test_what_only_a_removal_looks_at_is_a_deployments_alone():
    assert "iam:ListInstanceProfilesForRole" in actions(DEPLOY) - actions(PREVIEW)


def test_a_preview_reads_no_file_no_item_and_no_message():
    reads = allowed(PREVIEW)
    contents = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "sqs:ReceiveMessage", "logs:GetLogEvents"}

    assert actions(PREVIEW).isdisjoint(contents)
    assert [on for action, on in reads if action == "s3:GetObject"] == ["arn:aws:s3:::file-notifications-web-site-*/*"]


def test_a_deployment_reads_no_item_either_unless_it_fills_replicas():
    contents = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "sqs:ReceiveMessage", "s3:GetObjectVersion"}

    assert actions(deploy_policy(HERE, Granted())).isdisjoint(contents)
    assert "dynamodb:Scan" in actions(DEPLOY)


def test_a_deployment_hands_its_roles_to_the_services_that_need_them_alone():
    (passing,) = [s for s in DEPLOY["Statement"] if "iam:PassRole" in s["Action"]]

    services = {
        service
        for role in run_once(**CONFIGS["everything"]).of("Role")
        if "Service" in (principal := trust(role)["Principal"])
        for service in [principal["Service"]]
    }
    assert set(passing["Condition"]["StringEquals"]["iam:PassedToService"]) == services
    assert passing["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/file-notifications-*"]


def test_only_what_functions_of_the_program_read_is_given_to_them_changed_or_taken_away():
    changes = {f"lambda:{verb}EventSourceMapping" for verb in ("Create", "Update", "Delete")}
    conditions = [s.get("Condition") for s in DEPLOY["Statement"] if changes & set(s["Action"])]

    on = f"arn:aws:lambda:*:{ACCOUNT}:function:file-notifications-*"
    assert conditions == [{"ArnLike": {"lambda:FunctionArn": on}}]
    assert changes <= actions(DEPLOY)


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
BOUNDED = deploy_policy(HERE, replace(GRANTED, permissions_boundary=BOUNDARY))
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_identityandaccessmanagement.html: of the
# actions that a deployment uses, those that take the condition key iam:PermissionsBoundary.
BY_BOUNDARY = {"iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:DeleteRolePolicy"}


def test_with_a_boundary_a_deployment_makes_and_empowers_roles_with_that_one_alone():
    conditions = [s.get("Condition") for s in BOUNDED["Statement"] if BY_BOUNDARY & set(s["Action"])]

    assert conditions == [{"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}}]


def test_with_a_boundary_a_deployment_can_do_all_else_but_remove_it():
    assert allowed(DEPLOY) - allowed(BOUNDED) == {
        ("iam:DeleteRolePermissionsBoundary", f"arn:aws:iam::{ACCOUNT}:role/file-notifications-*")
    }
    assert allowed(BOUNDED) <= allowed(DEPLOY)


def test_no_deployment_can_change_what_the_boundary_allows():
    assert not [action for action in actions(BOUNDED) if "PolicyVersion" in action or action == "iam:DeletePolicy"]


@POLICIES
def test_a_bucket_of_another_program_is_looked_up_and_nothing_else(policy):
    on_it = {action for action, on in allowed(policy) if THEIRS in on}

    assert on_it == {"s3:ListBucket"}
