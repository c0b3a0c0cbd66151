"""Groups of users: the calls to Cognito, what is said of them, and what is refused."""

from __future__ import annotations

import re

import pytest

from tests.ops.parts import ADVANCED, a_stack, answering, document
from tests.ops.pool import is_in, listing, membership, pool_groups, user


def test_a_user_is_added_to_groups_and_what_they_may_do_is_said(on):
    stack = a_stack(ADVANCED)
    with answering(
        stack,
        "cognito-idp",
        listing(),
        ("admin_create_user", {}),
        membership("admin_add_user_to_group", "editors"),
        membership("admin_add_user_to_group", "readers"),
    ):
        answer = on(stack, "users", "add", "maria@example.com", "--group", "editors", "--group", "readers")

    assert "editors: may read, upload and reprocess files" in answer.stdout
    assert "everyone: may read files" in answer.stdout


def test_a_user_in_no_group_of_a_stack_that_grants_nothing_to_everyone_may_do_nothing(on):
    stack = a_stack({**ADVANCED, "access": {"team-a": "read files"}})
    with answering(stack, "cognito-idp", listing(), ("admin_create_user", {})):
        answer = on(stack, "users", "add", "maria@example.com")

    assert "may do nothing: the setting access grants nothing to who is in no group" in answer.stdout


def test_groups_of_a_user_are_changed_and_shown(on):
    stack = a_stack(ADVANCED)
    with answering(
        stack,
        "cognito-idp",
        listing(user("maria", "maria@example.com")),
        is_in("readers", "old"),
        membership("admin_add_user_to_group", "admins"),
        membership("admin_remove_user_from_group", "old"),
    ):
        answer = on(stack, "users", "groups", "maria@example.com", "--group", "admins", "--remove", "old")

    assert "maria is in admins, readers" in answer.stdout
    assert "within an hour" in answer.stdout


def test_groups_of_a_user_are_read_to_the_last_page(on):
    stack = a_stack(ADVANCED)
    name, first = is_in("admins")[0], {"Groups": [{"GroupName": "admins"}], "NextToken": "more"}
    with answering(stack, "cognito-idp", listing(user("maria", "m@example.com")), (name, first), is_in("readers")):
        answer = on(stack, "users", "groups", "maria")

    assert "maria is in admins, readers" in answer.stdout


def test_groups_of_a_user_are_shown_for_programs(on):
    stack = a_stack(ADVANCED)
    with answering(stack, "cognito-idp", listing(user("maria", "maria@example.com")), is_in("readers")):
        answer = on(stack, "users", "groups", "maria", "--json")

    assert (document(answer)["user"], document(answer)["groups"]) == ("maria", ["readers"])


def test_all_groups_are_shown_with_what_they_may_do_and_how_many_are_in_them(on):
    stack = a_stack(ADVANCED)
    with answering(stack, "cognito-idp", *pool_groups(admins=["maria"], old=["bob", "eve"])):
        answer = on(stack, "users", "groups")

    assert re.search(r"everyone +who signs in +may read files", answer.stdout)
    assert re.search(r"admins +1 user +may read, upload, delete and reprocess files", answer.stdout)
    assert re.search(r"old +2 users +grants nothing", answer.stdout)


@pytest.mark.parametrize(
    ("words", "answers", "message", "fix"),
    [
        (["--group", "admins"], [], "whose groups?", "users list --stack dev"),
        (["maria", "--group", "admin"], [], "'admin' is not a group", "users groups maria --group admins --stack dev"),
        (["nobody"], [listing()], "no user has the address or name 'nobody'", "users list --stack dev"),
        (
            ["maria", "--remove", "admins"],
            [listing(user("maria", "maria@example.com")), is_in("readers")],
            "maria is not in 'admins'",
            "users groups maria --stack dev",
        ),
    ],
)
def test_groups_that_cannot_be_changed_are_refused_with_a_fix(on, words, answers, message, fix):
    stack = a_stack(ADVANCED)
    with answering(stack, "cognito-idp", *answers):
        answer = on(stack, "users", "groups", *words)

    assert answer.exit_code == 2
    assert message in answer.stderr
    assert fix in answer.stderr


def test_a_stack_from_before_there_were_groups_is_to_be_deployed_again(on):
    stack = a_stack({**ADVANCED, "access": {}})

    answer = on(stack, "users", "groups", "maria", "--group", "admins")

    assert "stack dev has none yet; deploy it again:\n  pulumi up --stack dev" in answer.stderr
