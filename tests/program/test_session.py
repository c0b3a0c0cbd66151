"""How long a session of the page lasts, and who may have one."""

from __future__ import annotations

import re

import pytest

from tests.program.conftest import FakeAws, run


@pytest.fixture
def client(advanced):
    return advanced.the("UserPoolClient").inputs


def test_an_access_token_ends_after_an_hour_and_a_session_after_twelve(client):
    assert client["tokenValidityUnits"] == {
        "accessToken": "minutes",
        "idToken": "minutes",
        "refreshToken": "hours",
    }
    assert (client["accessTokenValidity"], client["idTokenValidity"], client["refreshTokenValidity"]) == (60, 60, 12)


def test_a_session_can_be_revoked(client):
    assert client["enableTokenRevocation"] is True


def test_the_page_signs_in_by_a_code_without_a_secret_and_returns_to_itself(client, advanced):
    assert client["allowedOauthFlows"] == ["code"]
    assert client["generateSecret"] is False
    assert client["callbackUrls"] == [f"{advanced.exports['webUrl']}/signed-in"]
    assert client["logoutUrls"] == [f"{advanced.exports['webUrl']}/"]


def test_nobody_learns_which_names_exist_and_no_password_goes_to_the_pool_directly(client):
    assert client["preventUserExistenceErrors"] == "ENABLED"
    assert client["explicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_only_administrators_add_users_whose_passwords_are_long(advanced):
    pool = advanced.named("users-pool").inputs

    assert pool["adminCreateUserConfig"] == {"allowAdminCreateUserOnly": True}
    assert pool["passwordPolicy"]["minimumLength"] >= 12
    assert pool["mfaConfiguration"] == "OPTIONAL"


def test_the_sign_in_domain_has_no_word_that_cognito_reserves_whatever_the_pools_id(monkeypatch):
    answer = FakeAws.new_resource

    def with_reserved_word(fake, args):
        made, outputs = answer(fake, args)
        return ("eu-west-1_XaWs8EgOr" if args.typ == "aws:cognito/userPool:UserPool" else made), outputs

    monkeypatch.setattr(FakeAws, "new_resource", with_reserved_word)
    domain = run(emails=["ann@example.com"], mode="advanced").the("UserPoolDomain").inputs["domain"]

    assert re.fullmatch("files-[0-9a-f]{12}", domain)
