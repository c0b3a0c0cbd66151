"""Roles: who may assume one, what it may do, and what it may do at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.statements import Allow, policy

_ROLE = "aws:iam/role:Role"


def bounded(boundary: str) -> pulumi.ResourceTransformation:
    """Puts a permissions boundary on every role below the component that has this as an option, wherever it is made.

    A transformation and not one of the newer transforms: those run in the engine, which tests and the emulator lack.
    """

    def bound(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != _ROLE:
            return None
        return pulumi.ResourceTransformationResult({**args.props, "permissions_boundary": boundary}, args.opts)

    return bound


def service_role(
    name: str, service: str, *, condition: Mapping[str, Any] | None = None, parent: pulumi.Resource
) -> aws.iam.Role:
    """A role that one service assumes. Services get a role from its own account only.

    `condition` is for those that are documented to send what it asks: docs/decisions/0021-sources-by-their-arn.md.
    """
    trust: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    if condition:
        trust["Condition"] = condition
    return aws.iam.Role(name, assume_role_policy=policy(trust), opts=pulumi.ResourceOptions(parent=parent))


def function_role(name: str, *, parent: pulumi.Resource) -> aws.iam.Role:
    """The role of a Lambda function."""
    return service_role(name, "lambda.amazonaws.com", parent=parent)


def schedule_role(name: str, *, parent: pulumi.Resource) -> aws.iam.Role:
    """The role by which EventBridge Scheduler invokes, on behalf of this account only.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    account = aws.get_caller_identity_output().account_id
    condition = {"StringEquals": {"aws:SourceAccount": account}}
    return service_role(name, "scheduler.amazonaws.com", condition=condition, parent=parent)


def role_policy(
    name: str, role: aws.iam.Role, allow: Sequence[Allow], *, parent: pulumi.Resource
) -> aws.iam.RolePolicy:
    """All that a role may do. What acts by the role depends on this, not only on the role."""
    document = policy(*(one.statement() for one in allow))
    return aws.iam.RolePolicy(name, role=role.name, policy=document, opts=pulumi.ResourceOptions(parent=parent))
