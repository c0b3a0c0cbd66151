"""AWS's regions, as far as a stack with several of them has to know."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import pulumi_aws as aws

from components.rule_settings import Problem

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


def unknown_regions(key: str, values: Sequence[object]) -> list[Problem]:
    """What is no region, or is named twice."""
    problems = []
    for index, value in enumerate(values):
        path = f"{key}[{index}]"
        if value not in REGIONS:
            nearest = difflib.get_close_matches(str(value), REGIONS, n=1) or ["ap-southeast-1"]
            what = f"{path} is {value!r}; use the name of an AWS region"
            problems.append(Problem(what, f"pulumi config set --path '{path}' {nearest[0]}"))
        elif value in values[:index]:
            problems.append(Problem(f"{path} is {value!r}, which {key} has already", _remove(path)))
    return problems


def regions_beside(home: str, key: str, values: Sequence[object]) -> list[Problem]:
    """What cannot be beside the region that the stack is in."""
    problems = []
    for index, value in enumerate(values):
        path = f"{key}[{index}]"
        if value == home:
            problems.append(Problem(f"{path} is {value!r}, the region that the stack itself is in", _remove(path)))
        elif value in REGIONS and partition_of(str(value)) != partition_of(home):
            what = (
                f"{path} is {value!r}, in partition {partition_of(str(value))}; the stack is in {home}, in partition "
                f"{partition_of(home)}, and nothing reaches across"
            )
            problems.append(Problem(what, _remove(path)))
    return problems


def _remove(path: str) -> str:
    return f"pulumi config rm --path '{path}'"
