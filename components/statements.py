"""Policy statements: identity statements that resources hand out, and the guards that resource policies carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

ASSUMED_BY_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}},
    ],
}


@dataclass(frozen=True, kw_only=True)
class Allow:
    """What a function may do, on named resources only."""

    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]]

    def statement(self) -> dict[str, Any]:
        return {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}


def policy(*statements: Mapping[str, Any]) -> pulumi.Output[str]:
    """A policy document of these statements."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow_service(
    service: pulumi.Input[str | Sequence[str]],
    action: str,
    resource: pulumi.Input[str],
    *,
    source_arn: pulumi.Input[str] | Sequence[pulumi.Input[str]],
) -> dict[str, Any]:
    """A service may act on the resource on behalf of certain sources of this account, and of nobody else's.

    A service that acts from several regions may have several names.
    """
    return {
        "Sid": "AllowService",
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
        "Condition": {
            "ArnLike": {"aws:SourceArn": source_arn},
            "StringEquals": {"aws:SourceAccount": aws.get_caller_identity_output().account_id},
        },
    }


def refuse_plain_http(actions: str, *resources: pulumi.Input[str]) -> dict[str, Any]:
    """Nobody reaches the resource without TLS."""
    return {
        "Sid": "RefusePlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
