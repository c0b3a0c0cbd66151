"""The page's client of the user pool."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.user_pool import UserPool


class SignInClient(pulumi.ComponentResource):
    """Lets the page sign users in.

    Makes: a user pool client (authorization code with PKCE).
    Guarantees: no secret; sign-in returns to the page only, and goes by the identity `providers` alone; a session ends
    after twelve hours.
    """

    id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        users: UserPool,
        page_url: pulumi.Output[str],
        providers: Sequence[pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:SignInClient", name, None, opts)
        self.id = aws.cognito.UserPoolClient(
            f"{name}-client",
            user_pool_id=users.id,
            generate_secret=False,
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=users.scopes.apply(lambda scopes: ["openid", "email", *scopes]),
            supported_identity_providers=providers,
            callback_urls=[pulumi.Output.concat(page_url, "/signed-in")],
            logout_urls=[pulumi.Output.concat(page_url, "/")],
            explicit_auth_flows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            access_token_validity=60,
            id_token_validity=60,
            refresh_token_validity=12,
            token_validity_units={"access_token": "minutes", "id_token": "minutes", "refresh_token": "hours"},
            opts=pulumi.ResourceOptions(parent=self),
        ).id
        self.register_outputs({"id": self.id})
