"""Cognito user pools on the emulator, each through a small program."""

import pulumi
import pulumi_aws
import pytest
from botocore.exceptions import ClientError

from tests.local.world import actions


def users(*, minimum: int | None = None, callback: str = "https://a.example.com/", logout: list[str] | None = None):
    def program():
        policy = {"minimum_length": minimum} if minimum else None
        pool = pulumi_aws.cognito.UserPool("pool", password_policy=policy, mfa_configuration="OFF")
        pulumi_aws.cognito.UserPoolDomain(
            "domain", user_pool_id=pool.id, domain=pool.id.apply(lambda name: name[-9:].lower())
        )
        server = pulumi_aws.cognito.ResourceServer(
            "scopes",
            user_pool_id=pool.id,
            identifier="files",
            name="Files",
            scopes=[{"scope_name": "read", "scope_description": "Read"}],
        )
        client = pulumi_aws.cognito.UserPoolClient(
            "client",
            user_pool_id=pool.id,
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=server.scope_identifiers,
            callback_urls=[callback],
            logout_urls=logout,
        )
        pulumi.export("pool", pool.id)
        pulumi.export("client", client.id)

    return program


def test_rules_of_a_pool_that_the_program_drops_return_to_the_default(world):
    world.apply(users(minimum=14))

    deployment = world.apply(users())
    outputs = deployment.outputs

    pool = world.aws.cognito.describe_user_pool(UserPoolId=outputs["pool"])["UserPool"]
    assert actions(deployment) == {"pool": "updated"}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 8


def test_a_clients_addresses_change_in_place(world):
    before = world.apply(users(logout=["https://a.example.com/"])).outputs

    deployment = world.apply(users(callback="https://b.example.com/"))
    after = deployment.outputs

    client = world.aws.cognito.describe_user_pool_client(UserPoolId=after["pool"], ClientId=after["client"])
    assert actions(deployment) == {"client": "updated"}
    assert after == before
    assert client["UserPoolClient"]["CallbackURLs"] == ["https://b.example.com/"]
    assert client["UserPoolClient"]["AllowedOAuthScopes"] == ["files/read"]
    assert not client["UserPoolClient"].get("LogoutURLs")


def test_a_pool_is_deleted_with_its_domain(world):
    outputs = world.apply(users()).outputs

    world.apply(lambda: None)

    with pytest.raises(ClientError, match="ResourceNotFound"):
        world.aws.cognito.describe_user_pool(UserPoolId=outputs["pool"])
