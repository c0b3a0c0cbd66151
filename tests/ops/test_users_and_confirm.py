"""Users and confirmations: the calls to AWS, and what is refused before one."""

from __future__ import annotations

import json
import re

import pytest

from tests.ops.parts import ADVANCED, BASIC, TOPIC, a_stack, answering, document
from tests.ops.pool import POOL, listing, pool_groups, user

TOKEN = "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92"


def created(name, email, **more):
    return {
        "UserPoolId": POOL,
        "Username": name,
        "DesiredDeliveryMediums": ["EMAIL"],
        "UserAttributes": [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        **more,
    }


def test_a_new_user_gets_a_temporary_password_by_mail(on):
    stack = a_stack(ADVANCED)
    asked = created("maria", "maria@example.com")
    with answering(stack, "cognito-idp", listing(), ("admin_create_user", {}, asked)):
        answer = on(stack, "users", "add", "maria@example.com")

    assert answer.exit_code == 0
    assert "maria may sign in with the temporary password mailed to maria@example.com" in answer.stdout


def test_a_script_gives_the_password_and_no_mail_is_sent(on):
    stack = a_stack(ADVANCED)
    with answering(
        stack,
        "cognito-idp",
        listing(),
        ("admin_create_user", {}, created("maria", "maria@example.com", MessageAction="SUPPRESS")),
        (
            "admin_set_user_password",
            {},
            {"UserPoolId": POOL, "Username": "maria", "Password": "pass word", "Permanent": True},
        ),
    ):
        words = ("users", "add", "maria@example.com", "--permanent-password-stdin", "--json")
        answer = on(stack, *words, input="pass word\n")

    assert document(answer)["mailed"] is False
    assert "pass word" not in answer.output


def test_a_refused_password_leaves_no_user(on):
    stack = a_stack(ADVANCED)
    with answering(
        stack,
        "cognito-idp",
        listing(),
        ("admin_create_user", {}),
        ("admin_set_user_password", "InvalidPasswordException"),
        ("admin_delete_user", {}),
    ):
        answer = on(stack, "users", "add", "maria@example.com", "--permanent-password-stdin", input="x\n")

    assert answer.exit_code == 2
    assert "the password was refused, and no user was added" in answer.stderr


@pytest.mark.parametrize(
    ("words", "known", "message", "fix"),
    [
        (["maria"], None, "'maria' is not an email address", "users add maria@example.com"),
        (["+84901234567"], None, "is not an email address", "users add"),
        (["maria@example.com", "--name", "a b"], None, "'a b' is not a user name", "--name maria"),
        (["maria@example.com"], "maria", "maria already has the address", "--resend"),
        (["maria@example.com", "--resend"], "", "no user has the address maria@example.com", "users add"),
        (["maria@example.com", "--resend", "--name", "m"], None, "leave out --name", "--resend"),
        (["maria@example.com", "--resend", "--permanent-password-stdin"], None, "leave out --name", "--resend"),
        (["maria@example.com", "--resend", "--group", "editors"], None, "leave out --name, --group", "--resend"),
        (
            ["maria@example.com", "--group", "edtors"],
            None,
            "'edtors' is not a group of stack dev; use one of readers, editors, admins",
            "users add maria@example.com --group editors --stack dev",
        ),
        (["maria@example.com", "--group", "everyone"], None, "'everyone' is not a group", "--group readers"),
    ],
)
def test_a_user_that_cannot_be_added_is_refused_with_a_fix(on, words, known, message, fix):
    stack = a_stack(ADVANCED)
    answers = [] if known is None else [listing(*([user(known, "Maria@example.com")] if known else []))]
    with answering(stack, "cognito-idp", *answers):
        answer = on(stack, "users", "add", *words)

    assert answer.exit_code == 2
    assert message in answer.stderr
    assert fix in answer.stderr


def test_a_user_name_that_is_taken_is_refused_with_another(on):
    stack = a_stack(ADVANCED)
    with answering(stack, "cognito-idp", listing(), ("admin_create_user", "UsernameExistsException")):
        answer = on(stack, "users", "add", "maria@example.com")

    assert "python -m ops users add maria@example.com --name maria-2 --stack dev" in answer.stderr


def test_no_password_on_standard_input_is_refused(on):
    answer = on(a_stack(ADVANCED), "users", "add", "maria@example.com", "--permanent-password-stdin", input="")

    assert answer.exit_code == 2
    assert "standard input has no password" in answer.stderr


def test_users_are_listed_with_what_they_can_do(on):
    stack = a_stack(ADVANCED)
    waiting = user("bob", "bob@example.com", "FORCE_CHANGE_PASSWORD")
    with answering(stack, "cognito-idp", listing(user("maria", "maria@example.com"), waiting), *pool_groups(a=["bob"])):
        answer = on(stack, "users", "list")

    assert "may sign in" in answer.stdout
    assert "has not signed in yet" in answer.stdout
    assert "2 users" in answer.stdout
    maria, bob = answer.stdout.splitlines()[:2]
    assert "no group" in maria
    assert re.search(r"bob +a +since", bob)


def test_a_removal_requires_confirmation(on):
    stack = a_stack(ADVANCED)
    with answering(stack, "cognito-idp", listing(user("maria", "maria@example.com"))):
        answer = on(stack, "users", "remove", "maria@example.com")

    assert answer.exit_code == 2
    assert "was not removed: confirmation required (use --yes)" in answer.stderr
    assert "python -m ops users remove maria@example.com --yes --stack dev" in answer.stderr


def test_a_user_is_removed_by_address_or_name(on):
    stack = a_stack(ADVANCED)
    gone = ("admin_delete_user", {}, {"UserPoolId": POOL, "Username": "maria"})
    with answering(stack, "cognito-idp", listing(user("maria", "maria@example.com")), gone):
        answer = on(stack, "users", "remove", "MARIA@example.com", "--yes")

    assert answer.exit_code == 0


def test_a_part_of_a_name_removes_nobody(on):
    stack = a_stack(ADVANCED)
    with answering(stack, "cognito-idp", listing(user("maria", "maria@example.com"))):
        answer = on(stack, "users", "remove", "mari", "--yes")

    assert answer.exit_code == 2
    assert "no user has the address or name 'mari'" in answer.stderr


def test_basic_mode_has_no_users(on):
    answer = on(a_stack(), "users", "list")

    assert answer.exit_code == 2
    assert "is in mode basic, which has no web interface" in answer.stderr
    assert "pulumi config set --stack dev mode advanced && pulumi up --stack dev" in answer.stderr


def link(topic=TOPIC):
    return (
        f"https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn={topic}&Token={TOKEN}&Endpoint=ann@example.com"
    )


def confirmed(topic=TOPIC):
    asked = {"TopicArn": topic, "Token": TOKEN, "AuthenticateOnUnsubscribe": "true"}
    return ("confirm_subscription", {"SubscriptionArn": f"{topic}:1"}, asked)


WHO = ("get_subscription_attributes", {"Attributes": {"Endpoint": "ann@example.com"}})


def test_a_link_confirms_so_that_only_the_owner_can_end_it(on):
    stack = a_stack()
    with answering(stack, "sns", confirmed(), WHO):
        answer = on(stack, "confirm", link())

    assert answer.exit_code == 0
    assert answer.stdout == "✔ ann@example.com is subscribed; only its owner can end the subscription\n"


def test_a_bare_token_is_tried_on_the_notification_topic_then_on_the_alarm_topic(on):
    stack = a_stack()
    alarms = BASIC["alarmTopicArn"]
    with answering(stack, "sns", ("confirm_subscription", "InvalidParameter"), confirmed(alarms), WHO):
        answer = on(stack, "confirm", TOKEN, "--json")

    assert document(answer)["topicArn"] == alarms


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("nonsense", "neither a link nor a token"),
        ("https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn=x", "an unquoted & ends a shell command"),
        (link("arn:aws:sns:eu-west-1:111122223333:theirs"), "the link is for the topic theirs"),
    ],
)
def test_a_link_of_another_stack_is_refused(on, what, message):
    answer = on(a_stack(), "confirm", what)

    assert answer.exit_code == 2
    assert message in answer.stderr


def test_a_token_that_sns_refuses_is_reported_with_how_to_get_another(on):
    stack = a_stack()
    with answering(stack, "sns", ("confirm_subscription", "InvalidParameter")):
        answer = on(stack, "confirm", link())

    assert answer.exit_code == 2
    assert "older than 48 hours" in answer.stderr
    assert f"aws sns subscribe --topic-arn {TOPIC} --protocol email" in answer.stderr
    assert json.dumps(TOKEN) not in answer.stderr
