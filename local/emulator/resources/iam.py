"""Roles and their policies."""

from __future__ import annotations

from typing import ClassVar

from local.emulator.aws import ACCOUNT, PARTITION, Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, Setting, chosen


class Role(Kind):
    pulumi_type = "aws:iam/role:Role"
    accepts = frozenset({"name", "assumeRolePolicy", "description", "maxSessionDuration", "path"})
    replaces = frozenset({"name", "path"})
    auto_name: ClassVar = AutoName("name", 64)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        role = aws.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            **chosen(inputs, Description="description", MaxSessionDuration="maxSessionDuration", Path="path"),
        )["Role"]
        arn = f"arn:{PARTITION}:iam::{ACCOUNT}:role{inputs.get('path', '/')}{name}"
        return Made(name, inputs, {"arn": arn, "uniqueId": role["RoleId"]})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        aws.iam.update_assume_role_policy(RoleName=made.id, PolicyDocument=inputs["assumeRolePolicy"])
        aws.iam.update_role(
            RoleName=made.id,
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
        )
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.iam.delete_role(RoleName=made.id)


class RolePolicy(Setting):
    pulumi_type = "aws:iam/rolePolicy:RolePolicy"
    accepts = frozenset({"name", "role", "policy"})
    replaces = frozenset({"name", "role"})
    auto_name: ClassVar = AutoName("name", 128)

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        aws.iam.put_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"])
        return Made(f"{inputs['role']}:{inputs['name']}", inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.iam.delete_role_policy(RoleName=made.inputs["role"], PolicyName=made.inputs["name"])


KINDS = (Role(), RolePolicy())
