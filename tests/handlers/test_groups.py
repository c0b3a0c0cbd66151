"""The function that Cognito asks before it issues tokens: who gets which groups."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest

from handlers import groups
from handlers.logic.uploads import person_prefix, upload_session

OURS = {"file-admins": "admins", "sales (eu)": "editors"}
CONTEXT = SimpleNamespace(aws_request_id="r-1", function_name="groups")
OF_ITS_OWN = "eu-west-1_AbC_Company-SAML"  # Cognito puts everyone of a provider into a group of this name


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    """The map beside the code; gives its path."""
    path = tmp_path / "company_groups.json"
    path.write_text(json.dumps(OURS))
    monkeypatch.setattr(groups, "GROUPS", path)
    groups._ours.cache_clear()
    yield path
    groups._ours.cache_clear()


def event(*, status="EXTERNAL_PROVIDER", theirs="[File-Admins, Everyone]", have=(OF_ITS_OWN,), **attributes):
    """Version 2 of the event, as AWS documents it."""
    return {
        "version": "2",
        "triggerSource": "TokenGeneration_HostedAuth",
        "region": "eu-west-1",
        "userPoolId": "eu-west-1_AbC",
        "userName": "company-saml_ann@example.com",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "1example23456789"},
        "request": {
            "userAttributes": {
                "sub": "abc",
                "cognito:user_status": status,
                "email": "ann@example.com",
                **({"profile": theirs} if theirs is not None else {}),
                **attributes,
            },
            "groupConfiguration": {
                "groupsToOverride": list(have),
                "iamRolesToOverride": ["arn:aws:iam::111122223333:role/x"],
                "preferredRole": None,
            },
            "scopes": ["openid", "files/read"],
        },
        "response": {"claimsAndScopeOverrideDetails": None},
    }


def given(**changed):
    answer = groups.handler(event(**changed), CONTEXT)
    return answer["response"]["claimsAndScopeOverrideDetails"]["groupOverrideDetails"]


def test_a_person_of_the_company_gets_our_groups_beside_those_of_the_pool():
    assert given()["groupsToOverride"] == ["admins", OF_ITS_OWN]
    assert given(have=["editors"])["groupsToOverride"] == ["admins", "editors"]


@pytest.mark.parametrize("theirs", [None, "", "[Everyone]", "[admins]"])
def test_without_a_group_that_is_mapped_a_person_keeps_those_of_the_pool(theirs):
    assert given(theirs=theirs)["groupsToOverride"] == [OF_ITS_OWN]


@pytest.mark.parametrize("status", ["CONFIRMED", "FORCE_CHANGE_PASSWORD", None])
def test_who_has_an_account_of_the_pool_cannot_give_themselves_groups(status):
    """They may write their own attributes, also the one that holds the company's groups."""
    assert given(status=status, have=["readers"])["groupsToOverride"] == ["readers"]


def test_what_else_the_pool_says_of_groups_stays_as_it_is():
    """Cognito takes away what an answer leaves out."""
    answer = given()

    assert answer["iamRolesToOverride"] == ["arn:aws:iam::111122223333:role/x"]
    assert set(answer) == {"groupsToOverride", "iamRolesToOverride", "preferredRole"}


def test_a_person_without_any_group_is_answered():
    asked = event(have=())
    asked["request"]["groupConfiguration"] = {"groupsToOverride": None}

    answer = groups.handler(asked, CONTEXT)["response"]["claimsAndScopeOverrideDetails"]
    assert answer["groupOverrideDetails"] == {"groupsToOverride": ["admins"]}


def test_the_rest_of_the_event_is_handed_back():
    asked = event()
    kept = {key: value for key, value in asked.items() if key != "response"}

    assert {key: value for key, value in groups.handler(asked, CONTEXT).items() if key != "response"} == kept


def test_a_map_that_cannot_be_read_lets_nobody_in(shipped):
    shipped.write_text("{")

    with pytest.raises(json.JSONDecodeError):
        groups.handler(event(), CONTEXT)


def logged(monkeypatch, **changed):
    log = io.StringIO()
    for console in groups.logger.handlers:
        monkeypatch.setattr(console, "stream", log)
    groups.handler(event(**changed), CONTEXT)
    return [json.loads(text) for text in log.getvalue().splitlines()]


def test_the_log_says_how_many_groups_the_company_sent_and_which_of_ours_they_gave(monkeypatch):
    (line,) = logged(monkeypatch)

    assert (line["message"], line["sub"]) == ("groups", "abc")
    assert (line["company_groups"], line["groups"]) == (2, ["admins"])


def test_the_log_names_no_person_and_no_group_of_the_company(monkeypatch):
    said = json.dumps(logged(monkeypatch))

    assert [word for word in ("ann", "example.com", "File-Admins", "Everyone") if word in said] == []


@pytest.mark.parametrize(
    ("person", "folder"),
    [
        ("company-saml_ann@example.com", "people/company-saml_ann@example.com"),
        ("Company-OIDC_00u1a2b3C4", "people/Company-OIDC_00u1a2b3C4"),
        ("company-saml_ACME\\ann", "people/company-saml_ACME%5Cann"),
        ("company-oidc_auth0|5f7c8ec7", "people/company-oidc_auth0%7C5f7c8ec7"),
    ],
)
def test_a_person_of_the_company_has_a_folder_and_a_session_of_their_own(person, folder):
    session = upload_session("arn:aws:iam::111122223333:role/uploader", "uploads", person)

    (statement,) = json.loads(session["Policy"])["Statement"]
    assert person_prefix(person) == folder
    assert statement["Resource"] == f"arn:aws:s3:::uploads/{folder}/*"
    assert session["RoleSessionName"] == person.replace("\\", "-").replace("|", "-")
