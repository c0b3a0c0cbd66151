"""Users of the web interface and their groups, as Cognito has them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from domain.access import EVERYONE
from ops.errors import OpsError
from ops.stack import Stack


class User(TypedDict):
    """A user for programs. `status` is Cognito's, `since` is ISO 8601."""

    user: str
    email: str
    status: str
    enabled: bool
    since: str


def pool_of(stack: Stack) -> str:
    """The id of the stack's user pool. Raises OpsError in mode basic, which has none."""
    stack.require_advanced("no web interface")
    return stack["userPoolId"]


def entries(stack: Stack, pool: str) -> Iterator[Any]:
    """The pool's users as Cognito lists them."""
    for page in stack.aws.cognito.get_paginator("list_users").paginate(UserPoolId=pool):
        yield from page["Users"]


def find(stack: Stack, pool: str, who: str) -> Any:
    """Cognito's entry of the user with this address or name; None if there is none."""
    return next((entry for entry in entries(stack, pool) if who.lower() in _names(entry)), None)


def existing(stack: Stack, pool: str, who: str) -> Any:
    """The same. Raises OpsError if there is none."""
    known = find(stack, pool, who)
    if known is None:
        raise OpsError(f"no user has the address or name {who!r}; to list them:", stack.ops_command("users", "list"))
    return known


def user_of(entry: Any) -> User:
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in entry.get("Attributes", [])}
    return {
        "user": entry["Username"],
        "email": attributes.get("email", ""),
        "status": entry["UserStatus"],
        "enabled": entry["Enabled"],
        "since": entry["UserCreateDate"].isoformat(),
    }


def granted(stack: Stack) -> dict[str, str]:
    """What each group of the settings may do, in words; `everyone` is who signs in, in whatever group."""
    access: Mapping[str, str] = stack.outputs.get("access") or {}
    return dict(access)


def check_groups(stack: Stack, groups: Sequence[str], *, command: Sequence[str]) -> None:
    """Raises OpsError for a group that the settings grant nothing. `command` is the one that named it."""
    known = [group for group in granted(stack) if group != EVERYONE]
    for group in groups:
        if group in known:
            continue
        if not known:
            raise OpsError(
                f"{group!r} is not a group: {stack.where} has none yet; deploy it again:", stack.deploy_command
            )
        like = (difflib.get_close_matches(group, known, n=1) or known)[0]
        raise OpsError(
            f"{group!r} is not a group of {stack.where}; use one of {', '.join(known)}, or grant it something with the "
            "setting access:",
            stack.ops_command(*command, "--group", like),
        )


def members(stack: Stack, pool: str) -> dict[str, set[str]]:
    """The names of the users in each group of the pool, also in those that the settings do not name."""
    cognito = stack.aws.cognito
    groups = [
        group["GroupName"]
        for page in cognito.get_paginator("list_groups").paginate(UserPoolId=pool)
        for group in page["Groups"]
    ]
    listing = cognito.get_paginator("list_users_in_group")
    return {
        group: {
            user["Username"] for page in listing.paginate(UserPoolId=pool, GroupName=group) for user in page["Users"]
        }
        for group in groups
    }


def _names(entry: Any) -> set[str]:
    return {entry["Username"].lower(), user_of(entry)["email"].lower()}
