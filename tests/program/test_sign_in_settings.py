"""A wrong sign-in of a company gets one message: what is wrong, and the command that fixes it. No secret is shown."""

from __future__ import annotations

import json

import pytest

from components.sign_in_settings import ISSUER_EXAMPLE, METADATA_EXAMPLE, SET_SECRET, Oidc, Saml
from tests.program.problems import one_problem, problems_of, repaired

SECRET = "s3cr3t-of-the-client"
SAML = {"metadataUrl": "https://acme.okta.com/app/exk1/sso/saml/metadata"}
OIDC = {"issuer": "https://acme.okta.com/oauth2/default", "clientId": "0oa1", "clientSecret": SECRET}
GROUPS = {"File-Admins": "admins"}
ISSUER_RULE = (
    "use the issuer, which is followed by /.well-known/openid-configuration: https://, no slash or query at its end"
)
OTHER_TENANTS = "which lets in the people of any company; name your tenant"
LOST = "Cognito writes groups as a list, in which commas, brackets and quotes of a name are lost"


def issuer(url):
    return {"oidc": {**OIDC, "issuer": url}}


def wrong_issuer(url, meant, rule=ISSUER_RULE):
    return issuer(url), f"signIn.oidc.issuer is '{url}'; {rule}", f"set --path signIn.oidc.issuer {meant}"


WRONG = [
    (
        {"saml": SAML, "oidc": OIDC},
        "signIn has saml and oidc; a stack has one identity provider",
        "rm --path signIn.saml",
    ),
    (
        {"groups": GROUPS},
        "signIn names no identity provider; use saml or oidc",
        f"set --path signIn.saml.metadataUrl {METADATA_EXAMPLE}",
    ),
    (
        {"ownUsers": False},
        "signIn.ownUsers is false and signIn names no identity provider: nobody could sign in",
        f"set --path signIn.saml.metadataUrl {METADATA_EXAMPLE}",
    ),
    (
        {"saml": {}},
        "signIn.saml.metadataUrl is missing; use the https:// address of its metadata",
        f"set --path signIn.saml.metadataUrl {METADATA_EXAMPLE}",
    ),
    (
        {"saml": {"metadataUrl": "http://acme.okta.com/metadata"}},
        "signIn.saml.metadataUrl is 'http://acme.okta.com/metadata'; use the https:// address of its metadata",
        "set --path signIn.saml.metadataUrl https://acme.okta.com/metadata",
    ),
    (
        {"saml": {"metadataUrl": "<EntityDescriptor/>"}},
        "signIn.saml.metadataUrl is '<EntityDescriptor/>'; use the https:// address of its metadata",
        f"set --path signIn.saml.metadataUrl {METADATA_EXAMPLE}",
    ),
    (
        {"saml": "https://acme.okta.com/metadata"},
        "signIn.saml is no object; it takes names with values, such as signIn.saml.metadataUrl",
        f"rm --path signIn.saml && pulumi config set --path signIn.saml.metadataUrl {METADATA_EXAMPLE}",
    ),
    wrong_issuer("http://acme.okta.com", "https://acme.okta.com"),
    wrong_issuer("https://acme.okta.com/oauth2/default/", "https://acme.okta.com/oauth2/default"),
    wrong_issuer(
        "https://acme.okta.com/oauth2/default/.well-known/openid-configuration", "https://acme.okta.com/oauth2/default"
    ),
    wrong_issuer("https://acme.okta.com/oauth2/default?client_id=1", "https://acme.okta.com/oauth2/default"),
    wrong_issuer("acme.okta.com", ISSUER_EXAMPLE),
    *(
        wrong_issuer(f"https://login.microsoftonline.com/{tenant}/v2.0", ISSUER_EXAMPLE, OTHER_TENANTS)
        for tenant in ("common", "organizations", "consumers")
    ),
    (
        {"oidc": {**OIDC, "clientId": ""}},
        "signIn.oidc.clientId is ''; use the id that it knows us by",
        "set --path signIn.oidc.clientId 0oa1a2b3c4d5",
    ),
    (
        {"saml": SAML, "groupClaim": "groups"},
        "signIn.groupClaim is set, but signIn.groups names none: nobody would get a group",
        "set --path signIn.groups.File-Admins admins",
    ),
    (
        {"saml": SAML, "groups": ["File-Admins"]},
        "signIn.groups is no object; it takes names with values, such as signIn.groups.File-Admins",
        "rm --path signIn.groups && pulumi config set --path signIn.groups.File-Admins admins",
    ),
    (
        {"saml": SAML, "groups": {"File-Admins": True}},
        "signIn.groups.File-Admins is True; use the name of one of our groups",
        "set --path signIn.groups.File-Admins admins",
    ),
    (
        {"saml": SAML, "groups": {"File-Admins": "admin"}},
        "signIn.groups.File-Admins is 'admin', which access does not name; use one of admins, editors, readers",
        "set --path signIn.groups.File-Admins admins",
    ),
    (
        {"saml": SAML, "groups": {"File-Admins": "Editors"}},
        "signIn.groups.File-Admins is 'Editors', which access does not name; use one of admins, editors, readers",
        "set --path signIn.groups.File-Admins editors",
    ),
    (
        {"saml": SAML, "groups": {"Sales, EU": "editors"}},
        f'signIn.groups["Sales, EU"]: {LOST}',
        """rm --path 'signIn.groups["Sales, EU"]'""",
    ),
    (
        {"saml": SAML, "groups": {"Sales": "editors", "SALES": "admins"}},
        "signIn.groups.SALES differs from another name in signIn.groups by capitals only, which Cognito does not keep",
        "rm --path signIn.groups.SALES",
    ),
    (
        {"saml": SAML, "ownUsers": "no"},
        "signIn.ownUsers is 'no'; use true or false",
        "set --path signIn.ownUsers true",
    ),
    (
        {"saml": SAML, "ownUser": False},
        "signIn.ownUser is not a setting of signIn; did you mean ownUsers?",
        "rm --path signIn.ownUser",
    ),
    (
        {"saml": {**SAML, "entityId": "x"}},
        "signIn.saml.entityId is not a setting of signIn.saml; use metadataUrl",
        "rm --path signIn.saml.entityId",
    ),
    (
        "saml",
        "signIn is no object; it takes names with values, such as signIn.saml.metadataUrl",
        f"rm signIn && pulumi config set --path signIn.saml.metadataUrl {METADATA_EXAMPLE}",
    ),
]


def refused(read, sign_in, *, encrypted=True, mode="advanced", **more):
    secrets = ["signIn"] if encrypted else []
    return problems_of(read, emails=["a@b.co"], mode=mode, signIn=sign_in, secrets=secrets, **more)


@pytest.mark.parametrize(("sign_in", "what", "fix"), WRONG, ids=[what for _, what, _ in WRONG])
def test_a_wrong_sign_in_gets_one_message_whose_command_fixes_it(read, sign_in, what, fix):
    assert refused(read, sign_in) == one_problem(what, fix)
    assert what not in refused(read, repaired({"signIn": sign_in}, fix)["signIn"])


def test_a_secret_in_plain_text_is_refused_and_not_shown(read):
    reported = refused(read, {"oidc": OIDC}, encrypted=False)

    assert reported == (
        "the configuration has a problem:\n"
        "  signIn.oidc.clientSecret is stored in plain text, which everyone can read who reads the stack's file; "
        f"have a new one made, and store it encrypted\n    {SET_SECRET}"
    )


@pytest.mark.parametrize("secret", [None, "", 7])
def test_a_missing_secret_is_asked_for_by_a_command_that_keeps_it_out_of_the_history(read, secret):
    reported = refused(read, {"oidc": {**OIDC, "clientSecret": secret}})

    assert reported == f"the configuration has a problem:\n  signIn.oidc.clientSecret is missing\n    {SET_SECRET}"
    assert SET_SECRET == "pulumi config set --secret --path signIn.oidc.clientSecret"


@pytest.mark.parametrize(
    "sign_in",
    [
        json.dumps({"oidc": OIDC})[:-1],
        [OIDC],
        {"oidc": SECRET},
        {"clientSecret": SECRET, "saml": SAML},
        {"oidc": {**OIDC, "clientSecrett": SECRET}},
        {"oidc": {**OIDC, "issuer": "http://x.co"}},
        {"oidc": {**OIDC, "clientSecret": [SECRET]}},
        {"saml": SAML, "groups": SECRET},
    ],
    ids=str,
)
def test_no_message_shows_a_secret_wherever_it_was_put(read, sign_in):
    reported = refused(read, sign_in)

    assert reported
    assert SECRET not in reported


def test_all_problems_of_a_sign_in_are_reported_together(read):
    reported = refused(read, {"oidc": {"issuer": "http://x.co"}, "groupClaim": "g", "ownUsers": 1})

    problems = [line.split()[0] for line in reported.splitlines()[1::2]]
    assert problems == [
        "signIn.ownUsers", "signIn.oidc.issuer", "signIn.oidc.clientId", "signIn.oidc.clientSecret",
        "signIn.groupClaim",
    ]  # fmt: skip


def test_a_sign_in_needs_mode_advanced(read):
    assert refused(read, {"saml": SAML}, mode="basic") == (
        "the configuration has a problem:\n"
        "  signIn is set, which needs mode advanced\n"
        "    pulumi config set mode advanced"
    )


def test_groups_are_those_that_access_names(read):
    access = [{"group": "Auditors", "can": ["read"]}]

    assert refused(read, {"saml": SAML, "groups": {"Audit": "Auditors"}}, access=access) == ""
    assert "which access does not name; use one of Auditors" in refused(
        read, {"saml": SAML, "groups": GROUPS}, access=access
    )


def test_everything_arrives(read):
    given = {"oidc": OIDC, "groupClaim": "roles", "groups": GROUPS, "ownUsers": False}
    sign_in = read(emails=["a@b.co"], mode="advanced", signIn=given, secrets=["signIn"]).sign_in

    assert isinstance(sign_in.provider, Oidc)
    assert (sign_in.provider.issuer, sign_in.provider.client_id) == (OIDC["issuer"], OIDC["clientId"])
    assert (sign_in.group_claim, sign_in.groups, sign_in.own_users) == ("roles", GROUPS, False)


def test_a_metadata_address_is_all_that_has_to_be_set(read):
    sign_in = read(emails=["a@b.co"], mode="advanced", signIn={"saml": SAML}).sign_in

    assert sign_in.provider == Saml(metadata_url=SAML["metadataUrl"])
    assert (sign_in.group_claim, sign_in.groups, sign_in.own_users) == ("groups", {}, True)


@pytest.mark.parametrize(
    "url",
    [
        "https://accounts.google.com",
        "https://acme.okta.com/oauth2/default",
        "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
        "https://sso.acme.example:8443/realms/staff",
    ],
)
def test_issuers_of_known_providers_are_accepted(read, url):
    assert refused(read, issuer(url)) == ""
