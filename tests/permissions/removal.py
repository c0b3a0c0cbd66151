"""A role without one of its actions, or a resource without a statement of its policy, for a while."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.permissions.enforced import Enforced
from tests.permissions.guards import Guard, queue_url, topic_arn
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


@contextmanager
def unguarded(stack: Enforced, guard: Guard) -> Iterator[None]:
    """The statement is about nobody. Raises ValueError if the policy does not have it once."""
    whole, put = _policy_of(stack, guard.resource)
    document = json.loads(whole)
    (statement,) = [one for one in document["Statement"] if one["Sid"] == guard.statement]
    # Not taken out: a policy of nothing is none that AWS takes.
    statement["Principal"] = {"AWS": "arn:aws:iam::000000000000:role/nobody"}
    put(json.dumps(document))
    try:
        yield
    finally:
        put(whole)


def seen_without(stack: Enforced, guard: Guard) -> str:
    """What happens without it; empty if all is as it was."""
    if guard.exercise is None:
        raise LookupError(f"{guard.resource} {guard.statement} has no exercise")
    with unguarded(stack, guard):
        return guard.exercise(stack)


def _policy_of(stack: Enforced, resource: str) -> tuple[str, Callable[[str], object]]:
    """A resource's policy, and what puts another in its place."""
    aws = stack.aws
    if resource in ("uploads", "web-site"):
        (bucket,) = [b["Name"] for b in aws.s3.list_buckets()["Buckets"] if f"-{resource}-" in b["Name"]]
        found = aws.s3.get_bucket_policy(Bucket=bucket)["Policy"]
        return found, lambda policy: aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    if resource in ("notifications", "alarms"):
        arn = topic_arn(stack, resource)
        found = aws.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
        return found, lambda policy: aws.sns.set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=policy
        )
    url = queue_url(stack, resource)
    found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    return found, lambda policy: aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def _without(policy: Mapping[str, Any], action: str) -> dict[str, Any]:
    kept = []
    for statement in policy["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if left := [one for one in actions if one != action]:
            kept.append({**statement, "Action": left} if len(left) < len(actions) else statement)
    # A policy of nothing is none that IAM takes.
    nothing = {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}
    return {**policy, "Statement": kept or [nothing]}
