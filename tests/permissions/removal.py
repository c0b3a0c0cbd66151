"""A role without one of its actions, for a while."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.permissions.enforced import Enforced
from tests.permissions.needs import Need


@contextmanager
def without(stack: Enforced, need: Need) -> Iterator[None]:
    """The role of the need has everything but that action. Raises LookupError if it never had it."""
    role = stack.role(need.role)["RoleName"]
    (name,) = stack.aws.iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = stack.aws.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    left = _without(whole, need.action)
    if left == whole:
        raise LookupError(f"{need.role} is not allowed {need.action}")
    stack.aws.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(left))
    try:
        yield
    finally:
        stack.aws.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))


def refused_without(stack: Enforced, need: Need) -> str:
    """What is refused without it; empty if nothing is."""
    if need.exercise is None:
        raise LookupError(f"{need.role} {need.action} has no exercise")
    with without(stack, need):
        return need.exercise(stack)


def _without(policy: Mapping[str, Any], action: str) -> dict[str, Any]:
    kept = []
    for statement in policy["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if left := [one for one in actions if one != action]:
            kept.append({**statement, "Action": left} if len(left) < len(actions) else statement)
    # A policy of nothing is none that IAM takes.
    nothing = {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}
    return {**policy, "Statement": kept or [nothing]}
