"""Least privilege: named actions on named resources, for one source of one account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .resource import UNKNOWN, Resource, as_list, conditions, given, statements

_SEND_NO_ACCOUNT = ("lambda.amazonaws.com", "malware-protection-plan.guardduty.amazonaws.com")
_ACCOUNT = re.compile(r"[0-9]{12}")
_OF_AN_ACCOUNT = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:\d{12}:")
"""An ARN that names its account, as all but those of buckets do."""
_NAMED = re.compile(r"arn:[^:]+:[^:*]+:[^:]*:[^:]*:(?!\*+$).+")
"""An ARN that names a service and more than everything in it."""


def _allowed(resource: Resource) -> list[Mapping[str, Any]]:
    return [one for one in statements(resource.properties.get("policy")) if one.get("Effect") == "Allow"]


def _principals(statement: Mapping[str, Any]) -> dict[str, list[Any]]:
    principal = statement.get("Principal", {})
    if isinstance(principal, Mapping):
        return {kind: as_list(names) for kind, names in principal.items()}
    return {"": as_list(principal)}


def _is_account(value: object) -> bool:
    return value is UNKNOWN or bool(_ACCOUNT.fullmatch(str(value)))


def names_every_action(resource: Resource) -> Iterator[str]:
    """No policy allows actions by a wildcard."""
    for statement in _allowed(resource):
        for action in as_list(statement.get("Action")):
            if "*" in action:
                yield f"its policy allows {action}; name the actions that are needed"


def names_every_resource(resource: Resource) -> Iterator[str]:
    """No policy allows anything on all resources of a service."""
    for statement in _allowed(resource):
        for named in as_list(statement.get("Resource")):
            if not _NAMED.fullmatch(named):
                yield f"its policy allows {', '.join(as_list(statement.get('Action')))} on {named}; name the resource"


def allows_only_what_it_names(resource: Resource) -> Iterator[str]:
    """No policy allows everything but what it names."""
    for statement in _allowed(resource):
        for key in sorted({"NotAction", "NotResource", "NotPrincipal"} & set(statement)):
            yield f"its policy allows with {key}, which is everything else; name what is allowed"


def allows_no_anonymous_access(resource: Resource) -> Iterator[str]:
    """No policy and no trust policy allows everyone."""
    trusting = [one for one in statements(resource.properties.get("assumeRolePolicy")) if one.get("Effect") == "Allow"]
    for statement in [*_allowed(resource), *trusting]:
        if any("*" in names for names in _principals(statement).values()):
            yield "its policy allows everyone (Principal *); name who may use it"


def allows_services_for_one_source(resource: Resource) -> Iterator[str]:
    """A service is allowed on behalf of one source of one account."""
    for statement in _allowed(resource):
        for service in _principals(statement).get("Service", []):
            found = conditions(statement)
            if not _are_sources(found.get("aws:SourceArn")):
                yield f"its policy allows {service} for any source; add a condition on aws:SourceArn"
            elif not _is_of_one_account(found.get("aws:SourceArn"), found.get("aws:SourceAccount")):
                yield f"its policy allows {service} for any account; name it in aws:SourceArn, or in aws:SourceAccount"


def _is_of_one_account(source: object, account: object) -> bool:
    """Whether the sources' ARNs name their account, as all but those of S3 do, or a condition does."""
    return _is_account(account) or all(
        source is UNKNOWN or _OF_AN_ACCOUNT.match(str(source)) for source in as_list(source)
    )


def _are_sources(value: object) -> bool:
    """One source, or several of one kind: the topics of a stack's regions."""
    sources = as_list(value)
    return bool(sources) and all(str(source).startswith("arn:") for source in sources)


def lets_functions_be_invoked_by_one_source(resource: Resource) -> Iterator[str]:
    """A function is invoked by one source of one account."""
    if resource.type == "aws:lambda/permission:Permission":
        if not given(resource.properties.get("sourceArn")):
            yield "any source may invoke the function; set source_arn"
        elif not _is_of_one_account(resource.properties.get("sourceArn"), resource.properties.get("sourceAccount")):
            yield "any account may invoke the function; name it in source_arn, or set source_account"


def lets_roles_be_assumed_from_this_account(resource: Resource) -> Iterator[str]:
    """A role is assumed by one named service or role, and on behalf of one account.

    Some services are not documented to send the account, and get a role from its own account only (`iam:PassRole`).
    """
    for statement in statements(resource.properties.get("assumeRolePolicy")):
        principals = _principals(statement)
        services, found = principals.get("Service", []), conditions(statement)
        if as_list(statement.get("Action")) != ["sts:AssumeRole"]:
            yield "its trust policy allows more than sts:AssumeRole"
        if len(services) > 1:
            yield f"several services may assume it ({', '.join(services)}); give each a role of its own"
        for service in services:
            if service not in _SEND_NO_ACCOUNT and not _is_account(found.get("aws:SourceAccount")):
                yield f"{service} may assume it for any account; add a condition on aws:SourceAccount"
        if "AWS" in principals and "aws:PrincipalArn" not in found:
            yield "everyone in an account may assume it; add a condition on aws:PrincipalArn"


def gives_roles_written_policies_only(resource: Resource) -> Iterator[str]:
    """A role may do what the program writes down, and nothing that AWS or others may widen."""
    if resource.type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
        yield "a managed policy is attached to a role; write a RolePolicy of the actions that are needed"
    if resource.type == "aws:iam/role:Role":
        for key in ("managedPolicyArns", "inlinePolicies"):
            if resource.properties.get(key) not in (None, [], UNKNOWN):
                yield f"it is given {key}; write a RolePolicy of the actions that are needed"
