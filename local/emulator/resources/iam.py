"""Roles and their policies."""

from __future__ import annotations

from local.emulator.aws import ACCOUNT, PARTITION, Aws
from local.emulator.resources.declared import Call, Declared
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, chosen


class Role(Kind):
    pulumi_type = "aws:iam/role:Role"
    service = "iam"
    # The emulator keeps a boundary and never asks it: what a role may do here is not what a boundary leaves of it.
    accepts = frozenset(
        {"name", "assumeRolePolicy", "description", "maxSessionDuration", "path", "permissionsBoundary"}
    )
    replaces = frozenset({"name", "path"})
    auto_name = AutoName("name", 64)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        role = aws.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            **chosen(
                inputs,
                Description="description",
                MaxSessionDuration="maxSessionDuration",
                Path="path",
                PermissionsBoundary="permissionsBoundary",
            ),
        )["Role"]
        arn = f"arn:{PARTITION}:iam::{ACCOUNT}:role{inputs.get('path', '/')}{name}"
        return Made(
            name, inputs, {"arn": arn, "uniqueId": role["RoleId"], "createDate": role["CreateDate"].isoformat()}
        )

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        aws.iam.update_assume_role_policy(RoleName=made.id, PolicyDocument=inputs["assumeRolePolicy"])
        aws.iam.update_role(
            RoleName=made.id,
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
        )
        if boundary := inputs.get("permissionsBoundary"):
            aws.iam.put_role_permissions_boundary(RoleName=made.id, PermissionsBoundary=boundary)
        elif made.inputs.get("permissionsBoundary"):
            aws.iam.delete_role_permissions_boundary(RoleName=made.id)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.iam.delete_role(RoleName=made.id)


_WRITING = Call("put_role_policy", RoleName="role", PolicyName="name", PolicyDocument="policy")
_POLICY = Declared(
    pulumi_type="aws:iam/rolePolicy:RolePolicy",
    service="iam",
    replaces=frozenset({"name", "role"}),
    auto_name=AutoName("name", 128),
    creating=_WRITING,
    changing=_WRITING,
    removing=Call("delete_role_policy", RoleName="role", PolicyName="name"),
    identity=lambda inputs, _: f"{inputs['role']}:{inputs['name']}",
)

KINDS = (Role(), _POLICY)
