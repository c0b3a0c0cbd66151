"""Users and groups as Cognito lists them."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.ops.parts import ADVANCED

POOL = ADVANCED["userPoolId"]
SINCE = datetime(2026, 11, 23, tzinfo=UTC)


def user(name, email, status="CONFIRMED"):
    return {
        "Username": name,
        "Attributes": [{"Name": "email", "Value": email}],
        "UserStatus": status,
        "Enabled": True,
        "UserCreateDate": SINCE,
    }


def listing(*users):
    return ("list_users", {"Users": list(users)})


def pool_groups(**members):
    """The groups of the pool, and who is in each."""
    groups = [{"GroupName": group} for group in members]
    yield ("list_groups", {"Groups": groups}, {"UserPoolId": POOL})
    for group, names in members.items():
        users = [{"Username": name} for name in names]
        yield ("list_users_in_group", {"Users": users}, {"UserPoolId": POOL, "GroupName": group})


def is_in(*groups):
    return ("admin_list_groups_for_user", {"Groups": [{"GroupName": group} for group in groups]})


def membership(operation, group):
    return (operation, {}, {"UserPoolId": POOL, "Username": "maria", "GroupName": group})
