"""What AWS lacks in some regions, and what does not fit into its limits: problems of settings before a deployment."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

import pulumi

from components.existing_bucket_settings import KEY as EXISTING_BUCKETS
from components.existing_bucket_settings import WatchedBucket
from components.reader import Problem, remove, set_to
from components.regions import partition_of
from domain.recipients import Recipient

ROOM = 3_200
"""Characters of a function's environment for what it reaches; Lambda takes 4,096 with all other variables.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""
REGION_CHARACTERS = 270  # with the names of its bucket and of its work queue, which are not known yet
BUCKET_CHARACTERS = 56  # of an existing bucket, beside its name and its prefix
SUBSCRIPTIONS = 197
"""Of recipients to one topic. SNS takes 200 with filter policies, unless asked for more; the system has up to three.

https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
"""


def missing_services(region: str) -> list[Problem]:
    """CloudFront with its own certificate and Cognito's sign-in pages, which only the partition `aws` has for certain.

    https://docs.aws.amazon.com/general/latest/gr/cf_region.html
    https://docs.aws.amazon.com/general/latest/gr/cognito_identity.html
    """
    if (partition := partition_of(region)) == "aws":
        return []
    what = "mode is advanced, which needs CloudFront and Cognito's sign-in pages"
    return [Problem(f"{what}; partition {partition} ({region}) lacks them", set_to("mode", "basic"))]


def too_much(buckets: Sequence[WatchedBucket], regions: Sequence[str], origins: Sequence[str]) -> list[Problem]:
    """More than fits into a function's environment. Policies and Lambda's permissions have room for what fits there."""
    entries = [(bucket.name, prefix) for bucket in buckets for prefix in bucket.prefixes]
    characters = {
        f"{EXISTING_BUCKETS}[{len(entries) - 1}]": sum(
            BUCKET_CHARACTERS + len(name) + len(json.dumps(prefix)) for name, prefix in entries
        ),
        f"replicaRegions[{len(regions) - 1}]": REGION_CHARACTERS * len(regions),
        f"webOrigins[{len(origins) - 1}]": sum(len(origin) + 1 for origin in origins),
    }
    if sum(characters.values()) <= ROOM:
        return []
    most = max(characters, key=lambda path: characters[path])
    what = (
        f"{', '.join((EXISTING_BUCKETS, 'replicaRegions', 'webOrigins'))} take {sum(characters.values()):,} characters"
    )
    return [
        Problem(f"{what} together; a function's environment has room for {ROOM:,}: use several stacks", remove(most))
    ]


def warn_of_many(recipients: Collection[Recipient]) -> None:
    """A warning if SNS would refuse the last subscriptions, unless the account's quota was raised."""
    subscribed = [recipient for recipient in recipients if not recipient.kind.shares_subscription]
    if len(subscribed) > SUBSCRIPTIONS:
        pulumi.warn(
            f"there are {len(subscribed)} recipients; by default SNS takes {SUBSCRIPTIONS} beside the system's own "
            'queues: raise the quota "Filter policies per topic", or notify a group address'
        )
