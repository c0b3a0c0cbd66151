"""`users`: who may sign in to the web interface."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import click

from domain.recipients import RecipientError, parse_recipient
from ops.command import on_a_stack
from ops.errors import OpsError
from ops.screen import Screen
from ops.stack import Stack
from ops.words import counted

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MEANS = {
    "CONFIRMED": "may sign in",
    "FORCE_CHANGE_PASSWORD": "has not signed in yet: the temporary password is in the mail",
    "RESET_REQUIRED": "has to choose a new password",
    "UNCONFIRMED": "has not confirmed the address",
}


@click.group()
def users() -> None:
    """Who may sign in to the web interface (mode advanced)."""


@on_a_stack("add")
@click.argument("email")
@click.option("--name", help="The user name, which is for good. Default: what is before the @.")
@click.option("--resend", is_flag=True, help="Send the mail again, with a new temporary password.")
@click.option(
    "--permanent-password-stdin", "from_stdin", is_flag=True,
    help="Read the password from standard input, for scripts: no mail is sent, and it need not be changed.",
)  # fmt: skip
def add(stack: Stack, screen: Screen, *, email: str, name: str | None, resend: bool, from_stdin: bool) -> int:
    """Let somebody sign in.

    Cognito sends a temporary password to EMAIL, which has to be changed within seven days. People sign in with the
    address or the user name.
    """
    if resend and (name or from_stdin):
        raise OpsError(
            "--resend sends the mail of a user who has a name already, and a password in it; leave out --name and "
            "--permanent-password-stdin:",
            stack.ops_command("users", "add", email, "--resend"),
        )
    pool = _pool(stack)
    _check_address(email)
    user = name or re.sub(r"[^A-Za-z0-9._-]+", "-", email.partition("@")[0]).strip("-._")
    if not _NAME.fullmatch(user):
        raise OpsError(
            f"{user!r} cannot be a user name; use letters, digits and . _ -",
            f"python -m ops users add {email} --name maria",
        )
    password = _password() if from_stdin else None
    known = _find(stack, pool, email)
    if resend:
        if known is None:
            raise OpsError(f"nobody has the address {email}; add it:", stack.ops_command("users", "add", email))
        user = known["Username"]
    elif known is not None:
        raise OpsError(
            f"{email} is the address of {known['Username']} already; to send the temporary password again:",
            stack.ops_command("users", "add", email, "--resend"),
        )
    _create(stack, pool, user, email, resend=resend, password=password)
    if password is None:
        screen.mark("fine", (user, "bold"), f" may sign in with the temporary password that is mailed to {email}")
    else:
        screen.mark("fine", (user, "bold"), f" may sign in as {email}, with the password given")
    if url := stack.get("webUrl"):
        screen.say("  ", url)
    screen.result(
        "users-add", {"user": user, "email": email, "mailed": password is None, "webUrl": stack.get("webUrl")}
    )
    return 0


@on_a_stack("list")
def list_(stack: Stack, screen: Screen) -> int:
    """Everybody who may sign in."""
    found = [_shown(user) for user in _everybody(stack, _pool(stack))]
    for one in found:
        means = _MEANS.get(one["status"], one["status"]) if one["enabled"] else "is disabled"
        mark = "fine" if one["enabled"] and one["status"] == "CONFIRMED" else "unknown"
        screen.mark(mark, (f"{one['email']:<32}", "bold"), f" {one['user']:<24} since {one['since'][:10]}  {means}")
    if not found:
        screen.say("Nobody may sign in yet. → ", (stack.ops_command("users", "add", "you@example.com"), "cyan"))
    else:
        screen.say(counted(len(found), "user"))
    screen.result("users", {"users": found})
    return 0


@on_a_stack("remove")
@click.argument("who", metavar="EMAIL_OR_NAME")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(stack: Stack, screen: Screen, who: str, yes: bool) -> int:
    """Let somebody sign in no more. Files that the person has uploaded stay."""
    pool = _pool(stack)
    known = _find(stack, pool, who)
    if known is None:
        raise OpsError(f"there is no user {who!r}; all of them:", stack.ops_command("users", "list"))
    user, email = known["Username"], _shown(known)["email"]
    if not screen.confirmed(f"Remove {user} ({email}) for good?", yes=yes):
        raise OpsError(
            f"{user} ({email}) was not removed: nobody said yes", stack.ops_command("users", "remove", who, "--yes")
        )
    stack.aws.cognito.admin_delete_user(UserPoolId=pool, Username=user)
    screen.mark("fine", (user, "bold"), f" ({email}) is removed; who is signed in stays so for up to an hour")
    screen.result("users-remove", {"user": user, "email": email})
    return 0


for command in (add, list_, remove):
    users.add_command(command)


def _pool(stack: Stack) -> str:
    if not stack.is_advanced:
        raise OpsError(
            f"{stack.where} is in mode basic, which has no web interface to sign in to; change the mode:",
            stack.setting_command("mode", "advanced"),
        )
    return stack["userPoolId"]


def _check_address(email: str) -> None:
    try:
        valid = parse_recipient(email).protocol == "email"
    except RecipientError:
        valid = False
    if not valid:
        raise OpsError(
            f"{email!r} is no email address; write it like this:", "python -m ops users add maria@example.com"
        )


def _password() -> str:
    password = "" if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise OpsError("no password came on standard input; pipe it in:", "pass show web | python -m ops users add …")
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
        raise OpsError(f"Cognito refuses: {error.response['Error'].get('Message')}") from error
    if password is None:
        return
    try:
        cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
    except ClientError as error:
        cognito.admin_delete_user(UserPoolId=pool, Username=user)
        raise OpsError(
            f"the password is refused, and nobody was added: {error.response['Error'].get('Message')}"
        ) from error


def _find(stack: Stack, pool: str, who: str) -> Any:
    """The user with this address or name; None if there is none."""
    return next((one for one in _everybody(stack, pool) if who.lower() in _names(one)), None)


def _names(user: Any) -> set[str]:
    return {user["Username"].lower(), _shown(user)["email"].lower()}


def _everybody(stack: Stack, pool: str) -> Iterator[Any]:
    for page in stack.aws.cognito.get_paginator("list_users").paginate(UserPoolId=pool):
        yield from page["Users"]


def _shown(user: Any) -> dict[str, Any]:
    attributes = {one["Name"]: one.get("Value", "") for one in user.get("Attributes", [])}
    return {
        "user": user["Username"],
        "email": attributes.get("email", ""),
        "status": user["UserStatus"],
        "enabled": user["Enabled"],
        "since": user["UserCreateDate"].isoformat(),
    }
