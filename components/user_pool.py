"""Cognito user pool and sign-in domain."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import pulumi
import pulumi_aws as aws

from components.handler_function import HandlerFunction

OWN_USERS = "COGNITO"
"""The pool's own accounts, among the identity providers of a client."""
HOSTED_UI = 1  # the classic pages, which need no branding; AWS documents no default
RESOURCE_SERVER = "files"
SCOPES = {"read": "See and download files", "write": "Upload, delete and reprocess files"}


class UserPool(pulumi.ComponentResource):
    """The users of the web interface, and where they sign in.

    Makes: user pool, groups, hosted sign-in domain, resource server with the API's scopes. With a function to `ask` for
    the groups of every token, the permission to invoke it.
    Guarantees: only administrators make users; a second factor is possible; while `protect` is true, neither an update
    nor a destroy deletes the pool.
    """

    id: pulumi.Output[str]
    arn: pulumi.Output[str]
    sign_in_url: pulumi.Output[str]
    """Where the hosted sign-in answers: `/oauth2/authorize`, `/oauth2/token`, `/logout` lie below it."""
    scopes: pulumi.Output[list[str]]
    """The API's scopes as tokens carry them; known once the resource server is there."""

    def __init__(
        self,
        name: str,
        *,
        protect: bool,
        groups: Iterable[str] = (),
        ask: HandlerFunction | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:UserPool", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        pool = aws.cognito.UserPool(
            f"{name}-pool",
            admin_create_user_config={"allow_admin_create_user_only": True},
            # People choose how they sign in; the user name stays theirs when the address changes.
            alias_attributes=["email"],
            auto_verified_attributes=["email"],
            username_configuration={"case_sensitive": False},
            password_policy={
                "minimum_length": 12,
                "require_lowercase": True,
                "require_uppercase": True,
                "require_numbers": True,
                "require_symbols": False,
                "temporary_password_validity_days": 7,
            },
            mfa_configuration="OPTIONAL",
            software_token_mfa_configuration={"enabled": True},
            account_recovery_setting={"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
            deletion_protection="ACTIVE" if protect else "INACTIVE",
            opts=pulumi.ResourceOptions(parent=self, protect=protect, retain_on_delete=protect),
            **(_asking(ask) if ask else {}),
        )
        self.id, self.arn = pool.id, pool.arn
        if ask:
            aws.lambda_.Permission(
                f"{name}-ask",
                action="lambda:InvokeFunction",
                function=ask.name,
                principal="cognito-idp.amazonaws.com",
                source_arn=self.arn,
                opts=child,
            )
        for group in groups:
            aws.cognito.UserGroup(f"{name}-group-{group}", name=group, user_pool_id=self.id, opts=child)
        domain = aws.cognito.UserPoolDomain(
            f"{name}-domain",
            user_pool_id=self.id,
            managed_login_version=HOSTED_UI,
            # Not auto-named, and unique in the whole region: so is the pool's id.
            domain=self.id.apply(_domain),
            opts=child,
        )
        server = aws.cognito.ResourceServer(
            f"{name}-scopes",
            user_pool_id=self.id,
            identifier=RESOURCE_SERVER,
            name="Files API",
            scopes=[{"scope_name": scope, "scope_description": meaning} for scope, meaning in SCOPES.items()],
            opts=child,
        )
        region = aws.get_region_output().region
        self.sign_in_url = pulumi.Output.concat("https://", domain.domain, ".auth.", region, ".amazoncognito.com")
        self.scopes = server.identifier.apply(lambda identifier: [f"{identifier}/{scope}" for scope in SCOPES])
        self.register_outputs({"id": self.id})


def _domain(pool_id: str) -> str:
    """Of digits and a to f, and not the letters of the pool's id: they may happen to say "aws", which Cognito refuses.

    https://github.com/aws-solutions/content-analysis-on-aws/issues/8
    """
    return f"files-{sha256(pool_id.encode()).hexdigest()[:12]}"


def _asking(function: HandlerFunction) -> dict[str, Any]:
    """What makes a pool ask a function before it issues tokens. Access tokens come with version 2 of the event, which
    takes the plan Essentials: the default of new pools, but a pool may have been moved to Lite."""
    config = {"lambda_arn": function.arn, "lambda_version": "V2_0"}
    return {"user_pool_tier": "ESSENTIALS", "lambda_config": {"pre_token_generation_config": config}}
