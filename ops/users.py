"""`users`: the users of the web interface."""

from __future__ import annotations

import re
import sys
from typing import Any

import click

from domain.addresses import RecipientError, parse_recipient
from ops.command import on_a_stack
from ops.errors import OpsError
from ops.groups import groups, meanings
from ops.screen import Screen
from ops.stack import Stack
from ops.user_pool import check_groups, entries, existing, find, members, pool_of, user_of
from ops.words import counted

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MEANS = {
    "CONFIRMED": "may sign in",
    "FORCE_CHANGE_PASSWORD": "has not signed in yet: the temporary password is in the mail",
    "RESET_REQUIRED": "must choose a new password",
    "UNCONFIRMED": "has not confirmed the address",
}


@click.group()
def users() -> None:
    """Manage the users of the web interface (mode advanced)."""


@on_a_stack("add")
@click.argument("email")
@click.option("--name", help="The user name; it cannot be changed later. Default: what is before the @.")
@click.option("--group", "chosen", multiple=True, help="A group, which says what the user may do. Repeatable.")
@click.option("--resend", is_flag=True, help="Send the mail again, with a new temporary password.")
@click.option(
    "--permanent-password-stdin", "from_stdin", is_flag=True,
    help="Read the password from standard input, for scripts: no mail is sent, and it need not be changed.",
)  # fmt: skip
def add(
    stack: Stack,
    screen: Screen,
    *,
    email: str,
    name: str | None,
    chosen: tuple[str, ...],
    resend: bool,
    from_stdin: bool,
) -> int:
    """Add a user.

    Cognito mails a temporary password to EMAIL, which must be changed within seven days. Users sign in with the address
    or the user name. `users groups` lists the groups.
    """
    if resend and (name or chosen or from_stdin):
        raise OpsError(
            "--resend mails a new temporary password to an existing user; leave out --name, --group and "
            "--permanent-password-stdin:",
            stack.ops_command("users", "add", email, "--resend"),
        )
    pool = pool_of(stack)
    _check_address(email)
    user = name or re.sub(r"[^A-Za-z0-9._-]+", "-", email.partition("@")[0]).strip("-._")
    if not _NAME.fullmatch(user):
        raise OpsError(
            f"{user!r} is not a user name; use letters, digits and . _ -",
            f"python -m ops users add {email} --name maria",
        )
    check_groups(stack, chosen, command=("users", "add", email))
    password = _password() if from_stdin else None
    known = find(stack, pool, email)
    if resend:
        if known is None:
            raise OpsError(f"no user has the address {email}; add one:", stack.ops_command("users", "add", email))
        user = known["Username"]
    elif known is not None:
        raise OpsError(
            f"{known['Username']} already has the address {email}; to send the temporary password again:",
            stack.ops_command("users", "add", email, "--resend"),
        )
    _create(stack, pool, user, email, resend=resend, password=password)
    for group in chosen:
        stack.aws.cognito.admin_add_user_to_group(UserPoolId=pool, Username=user, GroupName=group)
    if password is None:
        screen.mark("fine", (user, "bold"), f" may sign in with the temporary password mailed to {email}")
    else:
        screen.mark("fine", (user, "bold"), f" may sign in as {email}, with the password given")
    for line in [] if resend else meanings(stack, sorted(set(chosen))):
        screen.say("  ", line)
    if url := stack.get("webUrl"):
        screen.say("  ", url)
    result = {"user": user, "email": email, "mailed": password is None, "webUrl": stack.get("webUrl")}
    screen.result("users-add", result if resend else {**result, "groups": sorted(set(chosen))})
    return 0


@on_a_stack("list")
def list_(stack: Stack, screen: Screen) -> int:
    """List users, with their groups."""
    pool = pool_of(stack)
    listed = [user_of(entry) for entry in entries(stack, pool)]
    of_group = members(stack, pool) if listed else {}
    in_groups = {user["user"]: sorted(g for g, names in of_group.items() if user["user"] in names) for user in listed}
    for user in listed:
        means = _MEANS.get(user["status"], user["status"]) if user["enabled"] else "is disabled"
        mark = "fine" if user["enabled"] and user["status"] == "CONFIRMED" else "unknown"
        groups_of = ", ".join(in_groups[user["user"]]) or "no group"
        who = f" {user['user']:<24} {groups_of:<20} since {user['since'][:10]}  {means}"
        screen.mark(mark, (f"{user['email']:<32}", "bold"), who)
    if not listed:
        screen.say("There are no users yet. → ", (stack.ops_command("users", "add", "you@example.com"), "cyan"))
    else:
        screen.say(counted(len(listed), "user"))
    screen.result("users", {"users": [{**user, "groups": in_groups[user["user"]]} for user in listed]})
    return 0


@on_a_stack("remove")
@click.argument("who", metavar="EMAIL_OR_NAME")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def remove(stack: Stack, screen: Screen, who: str, yes: bool) -> int:
    """Remove a user. Files that the user has uploaded stay."""
    pool = pool_of(stack)
    known = existing(stack, pool, who)
    user, email = known["Username"], user_of(known)["email"]
    if not screen.confirmed(f"Remove {user} ({email})?", yes=yes):
        raise OpsError(
            f"{user} ({email}) was not removed: confirmation required (use --yes)",
            stack.ops_command("users", "remove", who, "--yes"),
        )
    stack.aws.cognito.admin_delete_user(UserPoolId=pool, Username=user)
    screen.mark("fine", (user, "bold"), f" ({email}) is removed; a session that is open ends within an hour")
    screen.result("users-remove", {"user": user, "email": email})
    return 0


for command in (add, list_, remove, groups):
    users.add_command(command)


def _check_address(email: str) -> None:
    try:
        valid = parse_recipient(email).protocol == "email"
    except RecipientError:
        valid = False
    if not valid:
        raise OpsError(f"{email!r} is not an email address; for example:", "python -m ops users add maria@example.com")


def _password() -> str:
    password = "" if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise OpsError("standard input has no password; pipe it in:", "pass show web | python -m ops users add …")
    return password


def _create(stack: Stack, pool: str, user: str, email: str, *, resend: bool, password: str | None) -> None:
    from botocore.exceptions import ClientError

    cognito = stack.aws.cognito
    request: dict[str, Any] = {"UserPoolId": pool, "Username": user, "DesiredDeliveryMediums": ["EMAIL"]}
    if resend:
        request["MessageAction"] = "RESEND"
    else:
        request["UserAttributes"] = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    if password is not None:
        request["MessageAction"] = "SUPPRESS"
    try:
        cognito.admin_create_user(**request)
    except cognito.exceptions.UsernameExistsException as error:
        other = stack.ops_command("users", "add", email, "--name", f"{user}-2")
        raise OpsError(f"the user name {user!r} is taken; choose another:", other) from error
    except ClientError as error:
        raise OpsError(f"Cognito refused: {error.response['Error'].get('Message')}") from error
    if password is None:
        return
    try:
        cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
    except ClientError as error:
        cognito.admin_delete_user(UserPoolId=pool, Username=user)
        raise OpsError(
            f"the password was refused, and no user was added: {error.response['Error'].get('Message')}"
        ) from error
