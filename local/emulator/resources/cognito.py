"""User pools, their groups, domains, scopes and clients."""

from __future__ import annotations

from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.declared import Call, Declared, Value
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, chosen, pascal
from local.emulator.resources.strict import known

_PASSWORD = frozenset(
    {
        "minimumLength", "requireLowercase", "requireNumbers", "requireSymbols", "requireUppercase",
        "temporaryPasswordValidityDays",
    }
)  # fmt: skip
_DEFAULT_PASSWORD = {
    "minimumLength": 8,
    "requireLowercase": True,
    "requireNumbers": True,
    "requireSymbols": True,
    "requireUppercase": True,
    "temporaryPasswordValidityDays": 7,
}


class UserPool(Kind):
    pulumi_type = "aws:cognito/userPool:UserPool"
    service = "cognito-idp"
    accepts = frozenset(
        {
            "name", "accountRecoverySetting", "adminCreateUserConfig", "aliasAttributes", "autoVerifiedAttributes",
            "deletionProtection", "mfaConfiguration", "passwordPolicy", "softwareTokenMfaConfiguration",
            "usernameConfiguration",
        }
    )  # fmt: skip
    replaces = frozenset({"name", "aliasAttributes", "usernameConfiguration"})
    auto_name = AutoName("name", 128)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        pool = aws.cognito.create_user_pool(
            PoolName=inputs["name"],
            **pascal(chosen(inputs, AliasAttributes="aliasAttributes", UsernameConfiguration="usernameConfiguration")),
            **_rules(inputs),
        )["UserPool"]
        _second_factor(aws, pool["Id"], inputs)
        endpoint = f"cognito-idp.{aws.region}.amazonaws.com/{pool['Id']}"
        return Made(pool["Id"], inputs, {"arn": pool["Arn"], "endpoint": endpoint})

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        aws.cognito.update_user_pool(UserPoolId=made.id, **_rules(inputs))
        _second_factor(aws, made.id, inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.cognito.delete_user_pool(UserPoolId=made.id)


# Property: (parameter, AWS's default).
_CLIENT: dict[str, tuple[str, Any]] = {
    "accessTokenValidity": ("AccessTokenValidity", 60),
    "allowedOauthFlows": ("AllowedOAuthFlows", []),
    "allowedOauthFlowsUserPoolClient": ("AllowedOAuthFlowsUserPoolClient", False),
    "allowedOauthScopes": ("AllowedOAuthScopes", []),
    "callbackUrls": ("CallbackURLs", []),
    "enableTokenRevocation": ("EnableTokenRevocation", True),
    "explicitAuthFlows": ("ExplicitAuthFlows", []),
    "idTokenValidity": ("IdTokenValidity", 60),
    "logoutUrls": ("LogoutURLs", []),
    "name": ("ClientName", None),
    "preventUserExistenceErrors": ("PreventUserExistenceErrors", "LEGACY"),
    "refreshTokenValidity": ("RefreshTokenValidity", 30),
    "supportedIdentityProviders": ("SupportedIdentityProviders", []),
    "tokenValidityUnits": (
        "TokenValidityUnits", {"accessToken": "minutes", "idToken": "minutes", "refreshToken": "days"},
    ),
}  # fmt: skip


class UserPoolClient(Kind):
    pulumi_type = "aws:cognito/userPoolClient:UserPoolClient"
    service = "cognito-idp"
    accepts = frozenset(_CLIENT) | {"generateSecret", "userPoolId"}
    replaces = frozenset({"generateSecret", "userPoolId"})
    auto_name = AutoName("name", 128)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        client = aws.cognito.create_user_pool_client(
            UserPoolId=inputs["userPoolId"], GenerateSecret=inputs.get("generateSecret", False), **_client(inputs)
        )["UserPoolClient"]
        return Made(client["ClientId"], inputs, {"clientSecret": client.get("ClientSecret", "")})

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        aws.cognito.update_user_pool_client(UserPoolId=inputs["userPoolId"], ClientId=made.id, **_client(inputs))

    def delete(self, aws: Aws, made: Made) -> None:
        aws.cognito.delete_user_pool_client(UserPoolId=made.inputs["userPoolId"], ClientId=made.id)


def _rules(inputs: Inputs) -> dict[str, Any]:
    """All that may change later. Complete, so that a property the program drops returns to its default."""
    password = known(inputs.get("passwordPolicy", {}), _PASSWORD, "passwordPolicy")
    users = known(inputs.get("adminCreateUserConfig", {}), {"allowAdminCreateUserOnly"}, "adminCreateUserConfig")
    recovery = inputs.get("accountRecoverySetting", {"recoveryMechanisms": [{"name": "admin_only", "priority": 1}]})
    return {
        "Policies": {"PasswordPolicy": pascal({**_DEFAULT_PASSWORD, **password})},
        "AdminCreateUserConfig": pascal({"allowAdminCreateUserOnly": False, **users}),
        "AccountRecoverySetting": pascal(recovery),
        "AutoVerifiedAttributes": inputs.get("autoVerifiedAttributes", []),
        "DeletionProtection": inputs.get("deletionProtection", "INACTIVE"),
    }


def _second_factor(aws: Aws, pool: str, inputs: Inputs) -> None:
    """A call of its own: a pool cannot be created with an optional second factor and nothing to use as one."""
    token = known(inputs.get("softwareTokenMfaConfiguration", {}), {"enabled"}, "softwareTokenMfaConfiguration")
    aws.cognito.set_user_pool_mfa_config(
        UserPoolId=pool,
        SoftwareTokenMfaConfiguration={"Enabled": token.get("enabled", False)},
        MfaConfiguration=inputs.get("mfaConfiguration", "OFF"),
    )


def _client(inputs: Inputs) -> dict[str, Any]:
    """All but the secret. Complete: an update returns what is left out to its default."""
    return {parameter: pascal(inputs.get(name, default)) for name, (parameter, default) in _CLIENT.items()}


_SERVER: dict[str, Value] = {
    "UserPoolId": "userPoolId",
    "Identifier": "identifier",
    "Name": "name",
    "Scopes": lambda made: pascal(made.inputs.get("scopes", [])),
}
_DOMAIN = Declared(
    pulumi_type="aws:cognito/userPoolDomain:UserPoolDomain",
    service="cognito-idp",
    creating=Call(
        "create_user_pool_domain", Domain="domain", UserPoolId="userPoolId", ManagedLoginVersion="managedLoginVersion"
    ),
    removing=Call("delete_user_pool_domain", Domain="domain", UserPoolId="userPoolId"),
    identity="domain",
)
_RESOURCE_SERVER = Declared(
    pulumi_type="aws:cognito/resourceServer:ResourceServer",
    service="cognito-idp",
    also=frozenset({"scopes"}),
    replaces=frozenset({"identifier", "userPoolId"}),
    creating=Call("create_resource_server", **_SERVER),
    changing=Call("update_resource_server", **_SERVER),
    removing=Call("delete_resource_server", UserPoolId="userPoolId", Identifier="identifier"),
    identity=lambda inputs, _: f"{inputs['userPoolId']}|{inputs['identifier']}",
    outputs=lambda _aws, inputs, _answer: {
        "scopeIdentifiers": [f"{inputs['identifier']}/{scope['scopeName']}" for scope in inputs.get("scopes", [])]
    },
)
_GROUP = Declared(
    pulumi_type="aws:cognito/userGroup:UserGroup",
    service="cognito-idp",
    creating=Call("create_group", UserPoolId="userPoolId", GroupName="name"),
    removing=Call("delete_group", UserPoolId="userPoolId", GroupName="name"),
    identity=lambda inputs, _: f"{inputs['userPoolId']}/{inputs['name']}",
)

KINDS = (UserPool(), _GROUP, _DOMAIN, _RESOURCE_SERVER, UserPoolClient())
