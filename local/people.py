"""Somebody who may sign in, so that the page can be tried at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.aws import Aws

NAME, PASSWORD = "demo", "Try-it-out-1"


def add_demo_user(aws: Aws, outputs: Mapping[str, Any]) -> bool:
    """Make the demo user, unless the stack has no user pool or has the user already. Returns whether there is one."""
    pool = outputs.get("userPoolId")
    if pool is None:
        return False
    try:
        aws.cognito.admin_create_user(
            UserPoolId=pool,
            Username=NAME,
            UserAttributes=[
                {"Name": "email", "Value": "demo@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
            MessageAction="SUPPRESS",
        )
    except aws.cognito.exceptions.UsernameExistsException:
        return True
    aws.cognito.admin_set_user_password(UserPoolId=pool, Username=NAME, Password=PASSWORD, Permanent=True)
    return True
