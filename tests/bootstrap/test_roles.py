"""The roles of code review: who may assume them, and which policies they get."""

from __future__ import annotations

import fnmatch

import pulumi
import pytest

from bootstrap.roles.permissions import NAME
from bootstrap.roles.policies import LONGEST, MAX_POLICIES, Granted, deploy_policy, parts, preview_policy
from bootstrap.roles.review_roles import ISSUER, LONGEST_ENVIRONMENT, ReviewRoles, Settings, SettingsError
from domain.addresses import parse_recipient
from tests.bootstrap.program import HERE, RECIPIENTS, policy_of, run, set_config, trust
from tests.program.conftest import ACCOUNT, own_loop

pytestmark = pytest.mark.xdist_group("advanced")  # most compare with that deployment


@pytest.fixture(scope="module")
def made():
    return run(repository="acme/files", recipients=RECIPIENTS)


def test_no_deployment_can_change_what_it_may_do(made):
    assert [role.name for role in made.of("Role") if fnmatch.fnmatch(role.name, NAME)] == []


def test_roles_whose_names_a_deployment_manages_are_refused():
    with pytest.raises(ValueError, match="could change its own role"):
        ReviewRoles("file-notifications-review", Settings(repository="acme/files"))


def test_a_preview_is_for_pull_requests_and_main_of_the_repository_alone(made):
    (role,) = [role for role in made.of("Role") if role.name.endswith("-preview")]

    assert trust(role)["Condition"] == {
        "StringEquals": {
            f"{ISSUER}:aud": "sts.amazonaws.com",
            f"{ISSUER}:sub": ["repo:acme/files:pull_request", "repo:acme/files:ref:refs/heads/main"],
        }
    }


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_deployment_is_for_jobs_in_its_environment_alone(made, environment):
    (role,) = [role for role in made.of("Role") if role.name.endswith(f"-deploy-{environment}")]
    subject = trust(role)["Condition"]["StringEquals"][f"{ISSUER}:sub"]

    assert subject == [f"repo:acme/files:environment:{environment}"]
    assert trust(role)["Action"] == "sts:AssumeRoleWithWebIdentity"


def test_with_the_ids_of_owner_and_repository_tokens_of_both_forms_are_accepted():
    """GitHub writes names alone, or each with the id that it never gives again."""
    made = run(repository="acme/files", ownerId="583231", repositoryId="1296269", environments=["prod"])
    subjects = {
        role.name.rsplit("-", 1)[1]: trust(role)["Condition"]["StringEquals"][f"{ISSUER}:sub"]
        for role in made.of("Role")
    }

    assert subjects == {
        "preview": [
            "repo:acme/files:pull_request",
            "repo:acme@583231/files@1296269:pull_request",
            "repo:acme/files:ref:refs/heads/main",
            "repo:acme@583231/files@1296269:ref:refs/heads/main",
        ],
        "prod": ["repo:acme/files:environment:prod", "repo:acme@583231/files@1296269:environment:prod"],
    }


def test_a_session_of_any_role_is_over_after_an_hour(made):
    assert {role.inputs["maxSessionDuration"] for role in made.of("Role")} == {3600}


def test_each_role_gets_its_own_policy(made):
    for role in made.of("Role"):
        make = preview_policy if role.name.endswith("-preview") else deploy_policy

        assert policy_of(made, role) == make(HERE, Granted(recipients=tuple(RECIPIENTS)))


def test_with_several_regions_previews_read_replicas_too():
    made = run(repository="acme/files", severalRegions=True)

    for role in made.of("Role"):
        make = preview_policy if role.name.endswith("-preview") else deploy_policy

        assert policy_of(made, role) == make(HERE, Granted(several_regions=True))


@pytest.mark.parametrize(
    ("key", "item"),
    [
        ("recipients", lambda number: f"arn:aws:sqs:ap-southeast-1:{ACCOUNT}:{number:0>80}"),
        ("existingBuckets", lambda number: f"{number:a>63}"),
    ],
)
def test_more_of_others_than_iam_attaches_policies_for_are_refused_with_the_reason(key, item):
    names = [item(number) for number in range(800)]
    field = {"recipients": "recipients", "existingBuckets": "existing_buckets"}[key]

    def needed(count):
        return len(parts(deploy_policy(LONGEST, Granted(**{field: names[:count]}))))

    fit = next(n for n in range(800, 0, -1) if needed(n) <= MAX_POLICIES)
    assert fit > 300

    with own_loop():
        set_config({"repository": "acme/files", key: names[:fit]})
        assert len(getattr(Settings.from_config(pulumi.Config()).granted, field)) == fit
        set_config({"repository": "acme/files", key: names[: fit + 1]})
        with pytest.raises(
            SettingsError, match=rf"{fit + 1}.*, which need 11 policies; IAM attaches up to 10"
        ) as refused:
            Settings.from_config(pulumi.Config())
    assert str(refused.value).endswith(f"pulumi config rm --path '{key}[{fit}]'")


def test_a_role_with_everything_that_a_stack_may_have_has_room_for_what_others_made():
    everything = Granted(several_regions=True, permissions_boundary=f"{BOUNDARY}{'y' * 600}")  # the longest path

    assert len(parts(deploy_policy(LONGEST, everything))) <= MAX_POLICIES // 3


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"


def test_with_a_boundary_every_role_has_it_and_every_deployment_hands_it_on():
    made = run(repository="acme/files", permissionsBoundary=BOUNDARY)

    assert {role.inputs["permissionsBoundary"] for role in made.of("Role")} == {BOUNDARY}
    for role in made.of("Role"):
        make = preview_policy if role.name.endswith("-preview") else deploy_policy

        assert policy_of(made, role) == make(HERE, Granted(permissions_boundary=BOUNDARY))


def test_without_a_boundary_no_role_has_one(made):
    assert not any("permissionsBoundary" in role.inputs for role in made.of("Role"))


def test_the_arns_to_set_as_variables_are_exported(made):
    assert made.exports["previewRoleArn"].endswith("-preview")
    assert {name: arn.rsplit("-", 1)[1] for name, arn in made.exports["deployRoleArns"].items()} == {
        "dev": "dev",
        "prod": "prod",
    }


def test_every_queue_function_and_alias_that_a_rule_may_name_is_a_recipient():
    named = [*RECIPIENTS, f"{RECIPIENTS[1]}:live", f"{RECIPIENTS[1]}:12"]

    with own_loop():
        set_config({"repository": "acme/files", "recipients": [parse_recipient(arn).address for arn in named]})
        assert Settings.from_config(pulumi.Config()).granted.recipients == tuple(named)


def test_an_identity_provider_that_is_there_already_is_used():
    there = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    made = run(repository="acme/files", environments=["dev"], providerArn=there)

    assert made.of("OpenIdConnectProvider") == []
    assert {trust(role)["Principal"]["Federated"] for role in made.of("Role")} == {there}


def test_another_partition_has_its_own_arns():
    made = run(repository="acme/files", environments=["prod"], partition="aws-cn")

    assert not any("arn:aws:" in r.inputs["policy"] for r in made.of("Policy"))


@pytest.mark.parametrize(
    ("wrong", "reported"),
    [
        ({}, "repository is ''; use owner/name:\n  pulumi config set repository owner/name"),
        ({"repository": "acme/*"}, "repository is 'acme/*'"),
        (
            {"repository": "acme/files", "ownerId": "acme", "repositoryId": "1"},
            "ownerId is 'acme'; use the number that GitHub gave",
        ),
        (
            {"repository": "acme/files", "ownerId": "583231"},
            "repositoryId is ''; use the number that GitHub gave, of owner and repository both:\n  gh api repos/acme/",
        ),
        ({"repository": "acme/files", "environments": ["*"]}, "environments[0] is '*'"),
        (
            {"repository": "acme/files", "environments": ["e" * 24]},
            f"environments[0] is '{'e' * 24}'; use",
        ),
        (
            {"repository": "acme/files", "permissionsBoundary": "arn:aws:iam::111122223333:policy/*"},
            "permissionsBoundary is 'arn:",
        ),
        (
            {"repository": "acme/files", "existingBuckets": ["arn:aws:s3:::theirs"]},
            "existingBuckets[0] is 'arn:",
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

    assert max(len(role.name + suffix) for role in made.of("Role")) <= 64  # IAM's limit
