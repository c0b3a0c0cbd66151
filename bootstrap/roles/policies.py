"""The policies of the roles, put together of what each type of resource needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .permissions import ANY, BY_TYPE, FUNCTION, ROLE, SEVERAL_REGIONS, Needs

Statement = Mapping[str, Any]

# IAM's limits, white space not counted.
MAX_INLINE_CHARACTERS = 10_240  # all inline policies of a role together
MAX_MANAGED_CHARACTERS = 6_144  # each managed policy
MAX_MANAGED_POLICIES = 10  # of a role, unless its quota was raised

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
_EXISTING_READS = ["s3:GetBucketLocation", "s3:ListBucket"]  # that the bucket exists, and where
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


def preview_policy(account: Account, *, several_regions: bool, existing_buckets: Sequence[str] = ()) -> dict[str, Any]:
    """To read how everything is configured, and no item and no message.

    S3 lists the names of files to anyone who may check that a bucket exists; their contents it does not show.
    """
    statements = _statements(account, (needs.reads for needs in _types(several_regions).values()))
    on_others = _on_existing_buckets(account, existing_buckets)
    return _document([*statements, *([_key_of_replicas(account)] if several_regions else []), *on_others])


def deploy_policy(
    account: Account, *, several_regions: bool, existing_buckets: Sequence[str] = (), permissions_boundary: str = ""
) -> dict[str, Any]:
    """To make, change and remove what the program deploys; with a boundary, roles that have it alone."""
    every = _types(several_regions).values()
    statements = _statements(account, (one for needs in every for one in (needs.reads, needs.writes)))
    if permissions_boundary:
        statements = _bounded(account, statements, permissions_boundary)
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
            "Action": ["lambda:CreateEventSourceMapping"],
            "Resource": [ANY],
            "Condition": {"ArnLike": {"lambda:FunctionArn": account.arn(FUNCTION)}},
        },
        # AWS makes this role with the first API of an account.
        _service_linked_role(account, "ops.apigateway.amazonaws.com"),
        *_on_existing_buckets(account, existing_buckets),
    ]
    if several_regions:
        statements += [
            _key_of_replicas(account),
            _service_linked_role(account, "replication.dynamodb.amazonaws.com"),
        ]
    return _document(statements)


def recipient_policies(recipients: Sequence[str], *, writes: bool) -> list[dict[str, Any]]:
    """For the queues and functions of others that rules name: as many managed policies as their ARNs need.

    `writes` adds what lets the topic in. They are not part of the inline policy, whose size has a limit.
    """
    documents: list[dict[str, Any]] = []
    fit: list[str] = []
    for arn in recipients:
        if fit and len(compact(_on_recipients([*fit, arn], writes))) > MAX_MANAGED_CHARACTERS:
            documents.append(_on_recipients(fit, writes))
            fit = []
        fit.append(arn)
    return [*documents, _on_recipients(fit, writes)] if fit else []


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


def _on_recipients(recipients: Sequence[str], writes: bool) -> dict[str, Any]:
    """One statement for each service, with each ARN once."""
    named = {service: [arn for arn in recipients if arn.split(":")[2] == service] for service in _RECIPIENTS_READS}
    return _document(
        [
            {
                "Effect": "Allow",
                "Action": [*_RECIPIENTS_READS[service], *(_RECIPIENTS_WRITES[service] if writes else [])],
                "Resource": arns,
            }
            for service, arns in named.items()
            if arns
        ]
    )


def _on_existing_buckets(account: Account, names: Sequence[str]) -> list[Statement]:
    """What is read of buckets of others: nothing is written to them."""
    arns = [account.arn(f"s3:::{name}") for name in names]
    return [{"Effect": "Allow", "Action": _EXISTING_READS, "Resource": arns}] if arns else []


def _document(statements: Sequence[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
