"""A company's identity provider, and the groups that its people get."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.handler_function import FunctionArgs, FunctionDefaults, HandlerFunction
from components.sign_in_settings import Saml, SignIn
from components.user_pool import UserPool
from domain.company_groups import ATTRIBUTE, GROUPS_FILE, folded

SAML, OIDC = "Company-SAML", "Company-OIDC"
"""What people see on the sign-in page, and the beginning of their user names. Two, so that one replaces the other."""

_SAML_EMAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"

# What Cognito finds out by itself and reports with what it was given: no drift, and nothing for an update to remove.
_FOUND_OUT = (
    "ActiveEncryptionCertificate", "SLORedirectBindingURI", "SSORedirectBindingURI", "attributes_url",
    "attributes_url_add_attributes", "authorize_url", "jwks_uri", "token_url",
)  # fmt: skip

TRIGGER_SECONDS = 5  # Cognito waits no longer


class CompanySignIn(pulumi.ComponentResource):
    """The identity provider of a company, in a user pool.

    Makes: the identity provider, with its claims of address and groups mapped to attributes of the pool's users.
    Guarantees: `provider_name` is known once it is there. Addresses stay unverified, so none takes an account of the
    pool over. The client's secret is a secret of Pulumi's.
    """

    provider_name: pulumi.Output[str]

    def __init__(
        self, name: str, sign_in: SignIn, *, users: UserPool, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("file-notifications:components:CompanySignIn", name, None, opts)
        claims = {ATTRIBUTE: sign_in.group_claim} if sign_in.groups else {}
        provider = sign_in.provider
        details: Mapping[str, pulumi.Input[str]]
        if isinstance(provider, Saml):
            kind, called, details = "SAML", SAML, {"MetadataURL": provider.metadata_url}
            claims = {"email": _SAML_EMAIL, **claims}
        else:
            kind, called = "OIDC", OIDC
            details = {
                "oidc_issuer": provider.issuer,
                "client_id": provider.client_id,
                "client_secret": pulumi.Output.secret(provider.client_secret),
                "authorize_scopes": "openid email profile",
                "attributes_request_method": "GET",
            }
            claims = {"email": "email", "username": "sub", **claims}
        self.provider_name = aws.cognito.IdentityProvider(
            f"{name}-{kind.lower()}",
            user_pool_id=users.id,
            provider_name=called,
            provider_type=kind,
            provider_details=details,
            attribute_mapping=claims,
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=[f"providerDetails.{key}" for key in _FOUND_OUT],
                additional_secret_outputs=["providerDetails"],
            ),
        ).provider_name
        self.register_outputs({"providerName": self.provider_name})


def groups_function(
    name: str, sign_in: SignIn, defaults: FunctionDefaults, *, opts: pulumi.ResourceOptions
) -> HandlerFunction:
    """The function that Cognito asks before it issues tokens; it may log, and nothing else."""
    ours = {folded(theirs): group for theirs, group in sign_in.groups.items()}
    return HandlerFunction(
        name,
        FunctionArgs(
            handler="handlers.groups.handler",
            description="Gives people of the company their groups",
            defaults=defaults,
            files={GROUPS_FILE: json.dumps(ours, sort_keys=True)},
            timeout_seconds=TRIGGER_SECONDS,
        ),
        opts=opts,
    )
