"""The policies of the roles, put together of what each type of resource needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .permissions import ANY, BY_TYPE, FUNCTION, ROLE, SEVERAL_REGIONS

Statement = Mapping[str, Any]

_PASSED_TO = ["lambda.amazonaws.com", "scheduler.amazonaws.com"]
_RECIPIENTS_READS = {
    "sqs": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"],
    "lambda": ["lambda:GetPolicy"],
}
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


def preview_policy(account: Account, recipients: Sequence[str], existing_buckets: Sequence[str] = ()) -> dict[str, Any]:
    """To read how everything is configured, and no item and no message.

    S3 lists the names of files to anyone who may check that a bucket exists; their contents it does not show.
    """
    reads = _statements(account, (needs.reads for needs in BY_TYPE.values()))
    on_others = [*_on_recipients(recipients, _RECIPIENTS_READS), *_on_existing_buckets(account, existing_buckets)]
    return _document([*reads, *on_others])


def deploy_policy(
    account: Account, recipients: Sequence[str], several_regions: bool, existing_buckets: Sequence[str] = ()
) -> dict[str, Any]:
    """To make, change and remove what the program deploys."""
    types = {**BY_TYPE, **(SEVERAL_REGIONS if several_regions else {})}
    both = _statements(account, (one for needs in types.values() for one in (needs.reads, needs.writes)))
    statements = [
        *both,
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
        *_on_recipients(recipients, _RECIPIENTS_READS),
        *_on_recipients(recipients, _RECIPIENTS_WRITES),
        *_on_existing_buckets(account, existing_buckets),
    ]
    if several_regions:
        statements.append(
            {
                "Effect": "Allow",
                "Action": ["iam:CreateServiceLinkedRole"],
                "Resource": [account.arn("iam::{account}:role/aws-service-role/replication.dynamodb.amazonaws.com/*")],
                "Condition": {"StringEquals": {"iam:AWSServiceName": "replication.dynamodb.amazonaws.com"}},
            }
        )
    return _document(statements)


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


def _on_recipients(recipients: Sequence[str], actions: Mapping[str, list[str]]) -> list[Statement]:
    """What is done to the queues and functions of others that rules name."""
    named = {service: [arn for arn in recipients if arn.split(":")[2] == service] for service in actions}
    return [
        {"Effect": "Allow", "Action": actions[service], "Resource": arns} for service, arns in named.items() if arns
    ]


def _on_existing_buckets(account: Account, names: Sequence[str]) -> list[Statement]:
    """What is read of buckets of others: nothing is written to them."""
    arns = [account.arn(f"s3:::{name}") for name in names]
    return [{"Effect": "Allow", "Action": _EXISTING_READS, "Resource": arns}] if arns else []


def _document(statements: Sequence[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
