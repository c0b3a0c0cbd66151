"""The policies of the roles, put together of what each type of resource needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .permissions import ANY, BY_TYPE, FUNCTION, MAPPING_CHANGES, ROLE, SEVERAL_REGIONS, Needs

Statement = Mapping[str, Any]

# IAM's limits of managed policies. All inline policies of a role together have 10,240: too few for a deployment.
MAX_CHARACTERS = 6_144  # of each, white space not counted
MAX_POLICIES = 10  # of a role, unless its quota was raised
_ARNS = 10
"""Of others in one statement, so that statements fill policies."""

_PASSED_TO = [
    "lambda.amazonaws.com",
    "malware-protection-plan.guardduty.amazonaws.com",
    "scheduler.amazonaws.com",
]
_RECIPIENTS_READS = {
    "sqs": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"],
    "lambda": ["lambda:GetPolicy"],
}
# What IAM allows by the boundary that a role has, or is about to get (Service Authorization Reference, IAM). To remove
# it is in neither list: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
_BY_BOUNDARY = ("CreateRole", "DeleteRolePolicy", "PutRolePermissionsBoundary", "PutRolePolicy")
_UNBOUNDING = "DeleteRolePermissionsBoundary"
_EXISTING_READS = ["s3:ListBucket"]  # HeadBucket: that the bucket exists, and where
_RECIPIENTS_WRITES = {
    "sqs": ["sqs:SetQueueAttributes"],
    "lambda": ["lambda:AddPermission", "lambda:RemovePermission"],
}


@dataclass(frozen=True, kw_only=True)
class Account:
    partition: str
    number: str

    def arn(self, rest: str) -> str:
        """An ARN of this account, from what follows the partition; ANY stays as it is."""
        return rest if rest == ANY else f"arn:{self.partition}:{rest.format(account=self.number)}"


LONGEST = Account(partition="aws-us-gov", number="0" * 12)
"""An account whose policies are as long as any."""


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What stacks have beside what every stack has: replicas, and what others made, which stacks use."""

    several_regions: bool = False
    existing_buckets: Sequence[str] = ()
    recipients: Sequence[str] = ()
    permissions_boundary: str = ""


def preview_policy(account: Account, granted: Granted) -> dict[str, Any]:
    """To read how everything is configured, and no item and no message.

    S3 lists the names of files to anyone who may check that a bucket exists; their contents it does not show.
    """
    statements = _statements(account, (needs.reads for needs in _types(granted.several_regions).values()))
    replicas = [_key_of_replicas(account)] if granted.several_regions else []
    return _document([*statements, *replicas, *_on_others(account, granted, writes=False)])


def deploy_policy(account: Account, granted: Granted) -> dict[str, Any]:
    """To make, change and remove what the program deploys; with a boundary, roles that have it alone."""
    every = _types(granted.several_regions).values()
    statements = _statements(account, (one for needs in every for one in (needs.reads, needs.writes)))
    if granted.permissions_boundary:
        statements = _bounded(account, statements, granted.permissions_boundary)
    statements = [
        *statements,
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": [account.arn(ROLE)],
            "Condition": {"StringEquals": {"iam:PassedToService": _PASSED_TO}},
        },
        {
            "Effect": "Allow",
            "Action": list(MAPPING_CHANGES),
            "Resource": [ANY],
            "Condition": {"ArnLike": {"lambda:FunctionArn": account.arn(FUNCTION)}},
        },
        # AWS makes this role with the first API of an account.
        _service_linked_role(account, "ops.apigateway.amazonaws.com"),
        *_on_others(account, granted, writes=True),
    ]
    if granted.several_regions:
        statements += [
            _key_of_replicas(account),
            _service_linked_role(account, "replication.dynamodb.amazonaws.com"),
        ]
    return _document(statements)


def parts(policy: Mapping[str, Any]) -> list[slice]:
    """Which of the policy's statements fit together into a managed policy; each is in one part."""
    cut: list[slice] = []
    start = 0
    for end in range(1, len(policy["Statement"]) + 1):
        if len(compact(part(policy, slice(start, end)))) > MAX_CHARACTERS:
            cut.append(slice(start, end - 1))
            start = end - 1
    return [*cut, slice(start, len(policy["Statement"]))]


def part(policy: Mapping[str, Any], of_it: slice) -> dict[str, Any]:
    """The policy with some of its statements."""
    return _document(policy["Statement"][of_it])


def compact(policy: Mapping[str, Any]) -> str:
    """A policy as IAM counts it: without white space."""
    return json.dumps(policy, separators=(",", ":"))


def _types(several_regions: bool) -> dict[str, Needs]:
    return {**BY_TYPE, **(SEVERAL_REGIONS if several_regions else {})}


def _key_of_replicas(account: Account) -> Statement:
    """The provider compares the key of a replica with the one that DynamoDB uses by default.

    AWS authorizes this on the key, whose id it chooses, so the condition names it.
    """
    return {
        "Effect": "Allow",
        "Action": ["kms:DescribeKey"],
        "Resource": [account.arn("kms:*:{account}:key/*")],
        "Condition": {"StringEquals": {"kms:RequestAlias": "alias/aws/dynamodb"}},
    }


def _service_linked_role(account: Account, service: str) -> Statement:
    """A role that AWS defines, and makes in the name of the one who first needs it."""
    return {
        "Effect": "Allow",
        "Action": ["iam:CreateServiceLinkedRole"],
        "Resource": [account.arn(f"iam::{{account}}:role/aws-service-role/{service}/*")],
        "Condition": {"StringEquals": {"iam:AWSServiceName": service}},
    }


def _statements(account: Account, needs: Iterable[Mapping[str, str]]) -> list[Statement]:
    """One statement for each resource, with all actions on it."""
    actions: dict[str, set[str]] = {}
    for one in needs:
        for resource, named in one.items():
            actions.setdefault(resource, set()).update(named.split())
    return [
        {"Effect": "Allow", "Action": sorted(named), "Resource": [account.arn(resource)]}
        for resource, named in sorted(actions.items())
        if named
    ]


def _bounded(account: Account, statements: Iterable[Statement], boundary: str) -> list[Statement]:
    """The same, but roles are made, given policies and given a boundary only with this one, and keep it."""
    by_boundary = [f"iam:{action}" for action in _BY_BOUNDARY]
    without = {*by_boundary, f"iam:{_UNBOUNDING}"}
    return [
        *({**one, "Action": [action for action in one["Action"] if action not in without]} for one in statements),
        {
            "Effect": "Allow",
            "Action": by_boundary,
            "Resource": [account.arn(ROLE)],
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}},
        },
    ]


def _on_others(account: Account, granted: Granted, *, writes: bool) -> list[Statement]:
    """What is done with what others made: buckets are looked up, queues and functions also let the topic in."""
    buckets = [account.arn(f"s3:::{name}") for name in granted.existing_buckets]
    # Permissions of an alias are written on the alias; AWS documents their reading on functions only:
    # https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
    with_aliases = {":".join(arn.split(":")[:7]) for arn in granted.recipients} - {*granted.recipients}
    allowed = [(_EXISTING_READS, buckets), (_RECIPIENTS_READS["lambda"], sorted(with_aliases))]
    for service, reads in _RECIPIENTS_READS.items():
        arns = [arn for arn in granted.recipients if arn.split(":")[2] == service]
        allowed.append(([*reads, *(_RECIPIENTS_WRITES[service] if writes else [])], arns))
    return [
        {"Effect": "Allow", "Action": actions, "Resource": arns[start : start + _ARNS]}
        for actions, arns in allowed
        for start in range(0, len(arns), _ARNS)
    ]


def _document(statements: Sequence[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
