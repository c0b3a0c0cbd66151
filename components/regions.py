"""AWS's regions: their names, partitions, and what SNS is called between two of them."""

from __future__ import annotations

import pulumi_aws as aws

REGIONS = tuple(region.value for region in aws.Region)
"""Every region that the AWS provider knows; a new one comes with a new version of it."""

ENABLED_BY_DEFAULT = frozenset(
    {
        "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
        "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
        "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    }
)  # fmt: skip
"""Of the partition `aws`; all that came after 20 March 2019 have to be opted into. The list will not grow."""

# What a region's name starts with outside the partition `aws`.
_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


def partition_of(region: str) -> str:
    """The partition that a region is in."""
    return next((found for start, found in _PARTITIONS.items() if region.startswith(start)), "aws")


def sns_between(topic: str, recipient: str) -> str:
    """SNS as the policy of a recipient in one region has to name it, for a topic in another or the same.

    From one region to another it has the name of the one that was opted into: the recipient's, or else the topic's
    (SNS: cross-region delivery).
    """
    named = [region for region in (recipient, topic) if _opted_into(region)] if topic != recipient else []
    return f"sns.{named[0]}.amazonaws.com" if named else "sns.amazonaws.com"


def _opted_into(region: str) -> bool:
    return partition_of(region) == "aws" and region not in ENABLED_BY_DEFAULT
