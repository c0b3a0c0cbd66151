"""A permissions boundary is put on every role, whichever part of the program makes it."""

from __future__ import annotations

import pytest

from components.settings import SettingsError
from tests.program.conftest import ACCOUNT, CONFIGS, PROJECT, run_once

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/team/boundary"


@pytest.fixture
def bounded(config):
    return run_once(**config, permissionsBoundary=BOUNDARY)


def test_every_role_of_every_configuration_has_the_boundary(bounded):
    roles = bounded.of("Role")

    assert roles
    assert {role.inputs.get("permissionsBoundary") for role in roles} == {BOUNDARY}


def test_roles_of_additional_regions_have_it_too():
    regions = run_once(**CONFIGS["regions"], permissionsBoundary=BOUNDARY).regions

    assert all(role.inputs["permissionsBoundary"] == BOUNDARY for part in regions.values() for role in part.of("Role"))
    assert all(part.of("Role") for part in regions.values())


def test_a_boundary_changes_nothing_but_the_roles(bounded, deployed):
    before, after = deployed.comparable, bounded.comparable

    assert before.keys() == after.keys()
    assert {r.kind for r in bounded.resources if before[r.urn] != after[r.urn]} == {"Role"}


def test_without_a_boundary_no_role_has_one(deployed):
    assert not any("permissionsBoundary" in role.inputs for role in deployed.of("Role"))


@pytest.mark.parametrize(
    "accepted",
    [
        "arn:aws:iam::111122223333:policy/boundary",
        "arn:aws-cn:iam::111122223333:policy/path/to/boundary",
        "arn:aws:iam::aws:policy/PowerUserAccess",
    ],
)
def test_a_managed_policy_of_the_account_or_of_aws_is_accepted(read, accepted):
    assert read(emails=["a@b.co"], permissionsBoundary=accepted).permissions_boundary == accepted


@pytest.mark.parametrize(
    "wrong", ["boundary", "arn:aws:iam::111122223333:role/boundary", "arn:aws:iam::111122223333:policy/*"]
)
def test_what_is_no_managed_policy_is_refused_with_the_command_that_sets_one(read, wrong):
    with pytest.raises(SettingsError) as refused:
        read(emails=["a@b.co"], permissionsBoundary=wrong)

    assert str(refused.value) == (
        "the configuration has a problem:\n"
        f"  permissionsBoundary is '{wrong}'; use the ARN of a managed policy\n"
        "    pulumi config set permissionsBoundary arn:aws:iam::111122223333:policy/boundary"
    )


def test_the_boundary_is_put_on_roles_alone(bounded):
    assert {r.kind for r in bounded.resources if "permissionsBoundary" in r.inputs} == {"Role"}
    assert bounded.resources[0].name == PROJECT
