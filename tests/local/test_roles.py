"""Roles on the emulator, made and changed through a small program."""

import json

import pulumi_aws

from tests.local.world import actions

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
)
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"


def role(**more):
    def program():
        pulumi_aws.iam.Role("role", assume_role_policy=TRUST, **more)

    return program


def boundary(aws):
    (made,) = aws.iam.list_roles()["Roles"]
    return (
        aws.iam.get_role(RoleName=made["RoleName"])["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    )


def test_a_role_is_made_with_its_boundary(world, aws):
    world.apply(role(permissions_boundary=BOUNDARY))

    assert boundary(aws) == BOUNDARY


def test_a_boundary_comes_and_goes_in_place(world, aws):
    world.apply(role())
    assert boundary(aws) is None

    assert actions(world.apply(role(permissions_boundary=BOUNDARY))) == {"role": "updated"}
    assert boundary(aws) == BOUNDARY
    assert actions(world.apply(role())) == {"role": "updated"}
    assert boundary(aws) is None
