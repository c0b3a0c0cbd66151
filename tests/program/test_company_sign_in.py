"""A company's sign-in: what each shape of the setting makes, and that nothing else changes."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from pulumi.runtime import rpc

from tests.program.conftest import ACCOUNT, CONFIGS, run_once, strings, zipped

ADVANCED = {"mode": "advanced", "emails": ["ann@example.com"]}
METADATA = "https://acme.okta.com/app/exk1/sso/saml/metadata"
SAML = {"saml": {"metadataUrl": METADATA}}
SECRET = "s3cr3t-of-the-client"
OIDC = {"oidc": {"issuer": "https://acme.okta.com/oauth2/default", "clientId": "0oa1", "clientSecret": SECRET}}
GROUPS = {"groups": {"File-Admins": "admins", "Sales (EU)": "editors"}}


def deploy(sign_in, **more):
    return run_once(**ADVANCED, signIn=sign_in, secrets=["signIn"], **more)


@pytest.fixture(scope="module")
def without():
    return run_once(**ADVANCED)


def differences(before, after):
    """The names of the resources that were there and are changed, and of those that are new."""
    assert before.names <= after.names
    return before.changed(after), {r.name for r in after.resources if r.urn not in before.names}


def test_without_the_setting_there_is_no_provider_and_the_pools_own_accounts_sign_in(without):
    assert without.of("IdentityProvider") == []
    assert without.the("UserPoolClient").inputs["supportedIdentityProviders"] == ["COGNITO"]
    assert not {"lambdaConfig", "userPoolTier"} & set(without.named("users-pool").inputs)
    assert [r.name for r in without.resources if r.name.startswith("file-notifications-groups")] == []


def test_an_empty_setting_is_none(without):
    assert differences(without, run_once(**ADVANCED, signIn={})) == (set(), set())


@pytest.mark.parametrize("shape", [SAML, OIDC], ids=["saml", "oidc"])
def test_a_provider_that_comes_changes_the_pages_client_alone(without, shape):
    changed, new = differences(without, deploy(shape))

    (kind,) = shape
    assert changed == {"file-notifications-web-client"}
    assert new == {"file-notifications-sign-in", f"file-notifications-sign-in-{kind}"}


def test_a_saml_provider_is_known_by_its_metadata_and_the_address_of_people_by_its_usual_claim():
    provider = deploy(SAML).the("IdentityProvider").inputs

    assert (provider["providerType"], provider["providerName"]) == ("SAML", "Company-SAML")
    assert provider["providerDetails"] == {"MetadataURL": METADATA}
    assert provider["attributeMapping"] == {
        "email": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
    }


def test_an_oidc_provider_is_known_by_its_issuer_and_asked_with_our_id_and_secret():
    provider = deploy(OIDC).the("IdentityProvider").inputs

    assert (provider["providerType"], provider["providerName"]) == ("OIDC", "Company-OIDC")
    assert rpc.unwrap_rpc_secret(provider["providerDetails"]) == {
        "oidc_issuer": "https://acme.okta.com/oauth2/default",
        "client_id": "0oa1",
        "client_secret": SECRET,
        "authorize_scopes": "openid email profile",
        "attributes_request_method": "GET",
    }
    assert provider["attributeMapping"] == {"email": "email", "username": "sub"}


def test_one_kind_of_provider_can_replace_the_other_under_another_name():
    """Otherwise the new one could not be made while the old one is there."""
    saml, oidc = (deploy(shape).the("IdentityProvider") for shape in (SAML, OIDC))

    assert saml.urn != oidc.urn
    assert saml.inputs["providerName"] != oidc.inputs["providerName"]


def test_an_address_of_the_company_takes_no_account_of_the_pool_over():
    """A verified one would be an alias, and there can be one account with it."""
    for shape in (SAML, OIDC):
        assert "email_verified" not in deploy(shape).the("IdentityProvider").inputs["attributeMapping"]


@pytest.mark.parametrize(
    ("own", "providers"),
    [
        ({}, ["COGNITO", "Company-SAML"]),
        ({"ownUsers": True}, ["COGNITO", "Company-SAML"]),
        ({"ownUsers": False}, ["Company-SAML"]),
    ],
    ids=str,
)
def test_accounts_of_the_pool_sign_in_beside_the_company_unless_they_may_not(own, providers):
    assert deploy({**SAML, **own}).the("UserPoolClient").inputs["supportedIdentityProviders"] == providers


def test_the_client_is_changed_after_the_provider_is_there():
    deployment = deploy(SAML)

    assert deployment.comes_before(deployment.the("IdentityProvider"), deployment.the("UserPoolClient"))


@pytest.mark.parametrize("shape", [SAML, OIDC], ids=["saml", "oidc"])
def test_groups_make_the_pool_ask_a_function_and_change_nothing_else_of_it(shape):
    before, after = deploy(shape), deploy({**shape, **GROUPS})

    changed, new = differences(before, after)
    assert {"file-notifications-users-pool", f"file-notifications-sign-in-{next(iter(shape))}"} <= changed
    assert all(
        name.startswith(("file-notifications-groups", "file-notifications-users-ask", "file-notifications-monitoring-"))
        for name in new
    )
    pool = {k: v for k, v in after.named("users-pool").inputs.items() if k not in {"lambdaConfig", "userPoolTier"}}
    assert pool == before.named("users-pool").inputs


def test_the_function_is_asked_with_the_event_that_reaches_access_tokens_in_a_plan_that_has_it():
    deployment = deploy({**SAML, **GROUPS})
    function, pool = deployment.named("groups-function"), deployment.named("users-pool").inputs

    (config,) = pool["lambdaConfig"].values()
    assert list(pool["lambdaConfig"]) == ["preTokenGenerationConfig"]
    assert config["lambdaVersion"] == "V2_0"
    assert config["lambdaArn"].endswith(f":{function.name}")
    assert pool["userPoolTier"] == "ESSENTIALS"


def test_the_function_may_log_and_nothing_else_and_the_pool_alone_may_invoke_it():
    deployment = deploy({**SAML, **GROUPS})

    (allowed,) = [s for s in deployment.statements() if s.resource.name == "file-notifications-groups-policy"]
    permission = deployment.named("users-ask").inputs
    assert set(allowed.actions) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert permission["principal"] == "cognito-idp.amazonaws.com"
    assert permission["sourceArn"] == f"arn:aws:cognito:eu-west-1:{ACCOUNT}:file-notifications-users-pool"


def test_the_function_answers_before_cognito_gives_up():
    assert deploy({**SAML, **GROUPS}).named("groups-function").inputs["timeout"] == 5


def test_the_function_knows_the_companys_groups_whatever_their_capitals():
    code = deploy({**SAML, **GROUPS}).named("groups-function").inputs["code"]

    with zipfile.ZipFile(io.BytesIO(zipped(code))) as archive:
        shipped = json.loads(archive.read("company_groups.json"))
    assert shipped == {"file-admins": "admins", "sales (eu)": "editors"}


@pytest.mark.parametrize("shape", [SAML, OIDC], ids=["saml", "oidc"])
@pytest.mark.parametrize(("claim", "mapped"), [({}, "groups"), ({"groupClaim": "urn:groups"}, "urn:groups")], ids=str)
def test_the_claim_with_the_groups_is_kept_where_the_function_looks(shape, claim, mapped):
    mapping = deploy({**shape, **GROUPS, **claim}).the("IdentityProvider").inputs["attributeMapping"]

    assert mapping["profile"] == mapped


def test_no_attribute_is_added_to_the_pool_since_it_could_never_be_removed():
    assert "schemas" not in deploy({**SAML, **GROUPS}).named("users-pool").inputs


def test_nobody_may_write_the_attribute_with_a_token_of_the_page():
    """People of the company get tokens from the sign-in page alone, whose scopes do not let them write attributes."""
    assert "aws.cognito.signin.user.admin" not in deploy(SAML).the("UserPoolClient").inputs["allowedOauthScopes"]


def test_an_alarm_is_on_when_nobody_can_sign_in():
    (alarm,) = [a for a in deploy({**SAML, **GROUPS}).of("MetricAlarm") if a.name.endswith("-sign-in-errors")]

    metrics = [query["metric"] for query in alarm.inputs["metricQueries"] if "metric" in query]
    assert {metric["metricName"] for metric in metrics} == {"Errors", "Throttles"}
    assert {metric["dimensions"]["FunctionName"] for metric in metrics} == {"file-notifications-groups-function"}
    assert (alarm.inputs["threshold"], alarm.inputs["evaluationPeriods"]) == (1, 1)


def test_in_several_regions_people_sign_in_at_one_place():
    deployment = run_once(**{**CONFIGS["regions"], "signIn": {**SAML, **GROUPS}})

    assert len(deployment.of("IdentityProvider")) == 1
    assert len([f for f in deployment.of("Function") if f.name.endswith("-groups-function")]) == 1


def test_the_secret_is_in_the_provider_alone_and_marked_as_a_secret():
    deployment = deploy(OIDC)

    with_secret = [r.kind for r in deployment.resources for text in strings(plain(r.inputs)) if SECRET in text]
    assert with_secret == ["IdentityProvider"]
    assert rpc.is_rpc_secret(deployment.the("IdentityProvider").inputs["providerDetails"])
    assert SECRET not in str(deployment.exports)


def plain(value):
    """An input without the marks of secrets."""
    if rpc.is_rpc_secret(value):
        return plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def test_a_client_secret_is_no_text_in_the_settings(read):
    settings = read(**ADVANCED, signIn=OIDC, secrets=["signIn"])

    assert SECRET not in repr(settings)
