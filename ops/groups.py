"""`users groups`: which groups there are, what they may do, and who is in them."""

from __future__ import annotations

import click

from domain.access import EVERYONE
from ops.command import on_a_stack
from ops.errors import OpsError
from ops.screen import Screen
from ops.stack import Stack
from ops.user_pool import check_groups, existing, granted, members, pool_of
from ops.words import counted

WHEN = "from the next access token on: after the next sign-in, and within an hour"
"""Tokens are valid for an hour: components/sign_in_client.py."""


@on_a_stack("groups")
@click.argument("who", metavar="[EMAIL_OR_NAME]", required=False)
@click.option("--group", "add", multiple=True, help="Add the user to this group. Repeatable.")
@click.option("--remove", multiple=True, help="Take the user out of this group. Repeatable.")
def groups(stack: Stack, screen: Screen, *, who: str | None, add: tuple[str, ...], remove: tuple[str, ...]) -> int:
    """Show groups, or change those of a user.

    Which groups there are, and what each may do, is the setting access.
    """
    pool = pool_of(stack)
    if who is None:
        if add or remove:
            raise OpsError("whose groups? name the user:", stack.ops_command("users", "list"))
        return _show(stack, screen, pool)
    check_groups(stack, add, command=("users", "groups", who))
    user = existing(stack, pool, who)["Username"]
    before = _groups_of(stack, pool, user)
    for group in remove:
        if group not in before:
            raise OpsError(f"{user} is not in {group!r}; to see the groups:", stack.ops_command("users", "groups", who))
    for group in add:
        stack.aws.cognito.admin_add_user_to_group(UserPoolId=pool, Username=user, GroupName=group)
    for group in remove:
        stack.aws.cognito.admin_remove_user_from_group(UserPoolId=pool, Username=user, GroupName=group)
    now = sorted((before | set(add)) - set(remove))
    screen.mark("fine", (user, "bold"), f" is in {', '.join(now) if now else 'no group'}")
    for line in meanings(stack, now):
        screen.say("  ", line)
    if add or remove:
        screen.say(f"  valid {WHEN}")
    screen.result("users-groups", {"user": user, "groups": now})
    return 0


def meanings(stack: Stack, groups: list[str]) -> list[str]:
    """What members of these groups may do, in words, a line for each group."""
    known = granted(stack)
    lines = [f"{group}: may {known[group]}" if group in known else f"{group}: grants nothing" for group in groups]
    lines += [f"{EVERYONE}: may {known[EVERYONE]}"] if EVERYONE in known else []
    return lines or ["may do nothing: the setting access grants nothing to who is in no group"]


def _show(stack: Stack, screen: Screen, pool: str) -> int:
    known, people = granted(stack), members(stack, pool)
    groups = [*known, *sorted(people.keys() - known.keys())]
    for group in groups:
        may = f"may {known[group]}" if group in known else "grants nothing: the setting access does not name it"
        count = "who signs in" if group == EVERYONE else counted(len(people.get(group, ())), "user")
        screen.mark("fine" if group in known else "unknown", (f"{group:<24}", "bold"), f" {count:<14} {may}")
    listed = [{"group": group, "may": known.get(group), "users": sorted(people.get(group, ()))} for group in groups]
    screen.result("users-groups", {"groups": listed})
    return 0


def _groups_of(stack: Stack, pool: str, user: str) -> set[str]:
    pages = stack.aws.cognito.get_paginator("admin_list_groups_for_user").paginate(UserPoolId=pool, Username=user)
    return {group["GroupName"] for page in pages for group in page["Groups"]}
