"""Policy statements: what roles may do, which resources hand out, and the guards of resource policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi


@dataclass(frozen=True, kw_only=True)
class Allow:
    """What a role may do, on named resources only, and on a condition if there is one."""

    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]]
    condition: Mapping[str, Any] | None = None

    def statement(self) -> dict[str, Any]:
        """The statement of an identity policy."""
        condition = {"Condition": self.condition} if self.condition else {}
        return {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources), **condition}


def merged(allow: Iterable[Allow]) -> list[Allow]:
    """The same with the resources of equal actions in one statement: the policies of a role have 10,240 characters.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    together: list[Allow] = []
    for one in allow:
        same = [other for other in together if (other.actions, other.condition) == (one.actions, one.condition)]
        if same:
            together[together.index(same[0])] = replace(one, resources=[*same[0].resources, *one.resources])
        else:
            together.append(one)
    return together


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
    """A service may act on the resource on behalf of certain sources, whose ARNs name this account, and of no others.

    Without aws:SourceAccount, which would add nothing: AWS does not document that every service sends it, and a
    condition on a key that is not sent refuses everything. See docs/decisions/0021-sources-by-their-arn.md. A service
    that acts from several regions may have several names.
    """
    return {
        "Sid": "AllowService",
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnLike": {"aws:SourceArn": source_arn}},
    }


def refuse_plain_http(actions: str, *resources: pulumi.Input[str]) -> dict[str, Any]:
    """The resource is out of reach without TLS."""
    return {
        "Sid": "RefusePlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
