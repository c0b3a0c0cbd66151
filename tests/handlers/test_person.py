"""The person of a request: who they are, and from where they call."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.logic.person import Person, person_of


def event(*, headers: Any = None, **claims: str) -> dict[str, Any]:
    return {
        "headers": headers,
        "requestContext": {
            "authorizer": {"claims": {"username": "maria", **claims}},
            "identity": {"sourceIp": "198.51.100.4"},
            "requestId": "r-1",
        },
    }


def test_a_person_is_known_by_the_claims_of_the_token_and_what_the_gateway_saw():
    assert person_of(event(sub="5c0e")) == Person(name="maria", sub="5c0e", address="198.51.100.4", request="r-1")


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        ({}, set()),
        ({"cognito:groups": ""}, set()),
        ({"cognito:groups": "[]"}, set()),
        ({"cognito:groups": "admins"}, {"admins"}),
        ({"cognito:groups": "super-admins,editors"}, {"super-admins", "editors"}),
        ({"cognito:groups": "[super-admins editors]"}, {"super-admins", "editors"}),
        ({"cognito:groups": "eu-west-1_abc_Okta,büro"}, {"eu-west-1_abc_Okta", "büro"}),
    ],
)
def test_groups_are_whole_names_in_whichever_form_the_gateway_joins_them(claim, groups):
    assert person_of(event(**claim)).groups == groups


@pytest.mark.parametrize("name", ["X-Forwarded-For", "x-forwarded-for"])
def test_who_called_cloudfront_is_kept_beside_who_called_the_gateway(name):
    person = person_of(event(headers={"Host": "h", name: "203.0.113.7, 198.51.100.4"}))

    assert (person.address, person.forwarded_for) == ("198.51.100.4", "203.0.113.7, 198.51.100.4")


@pytest.mark.parametrize("headers", [None, {}, {"Host": "h"}])
def test_a_request_that_nobody_forwarded_has_no_other_address(headers):
    assert person_of(event(headers=headers)).forwarded_for == ""
