"""People of the web interface, and subscriptions: what is asked of AWS, and what is refused before."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ops import command
from tests.ops.parts import ADVANCED, BASIC, TOPIC, a_stack, answering, ops, told

POOL = ADVANCED["userPoolId"]
SINCE = datetime(2026, 11, 23, tzinfo=UTC)
TOKEN = "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92"


@pytest.fixture
def on(monkeypatch):
    """on(stack, …) runs a command on this stack instead of one that would have to be looked for."""

    def run(stack, *words, **options):
        monkeypatch.setattr(command, "choose", lambda **_: stack)
        return ops(*words, "--stack", "dev", **options)

    return run


def user(name, email, status="CONFIRMED"):
    return {
        "Username": name,
        "Attributes": [{"Name": "email", "Value": email}],
        "UserStatus": status,
        "Enabled": True,
        "UserCreateDate": SINCE,
    }


def everybody(*users):
    return ("list_users", {"Users": list(users)})


def created(name, email, **more):
    return {
        "UserPoolId": POOL,
        "Username": name,
        "DesiredDeliveryMediums": ["EMAIL"],
        "UserAttributes": [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        **more,
    }


def test_a_new_person_gets_a_temporary_password_by_mail(on):
    stack = a_stack(ADVANCED)
    asked = created("maria", "maria@example.com")
    with answering(stack, "cognito-idp", everybody(), ("admin_create_user", {}, asked)):
        answer = on(stack, "users", "add", "maria@example.com")

    assert answer.exit_code == 0
    assert "maria may sign in with the temporary password that is mailed to maria@example.com" in answer.stdout


def test_a_script_gives_the_password_and_no_mail_is_sent(on):
    stack = a_stack(ADVANCED)
    with answering(
        stack,
        "cognito-idp",
        everybody(),
        ("admin_create_user", {}, created("maria", "maria@example.com", MessageAction="SUPPRESS")),
        (
            "admin_set_user_password",
            {},
            {"UserPoolId": POOL, "Username": "maria", "Password": "pass word", "Permanent": True},
        ),
    ):
        words = ("users", "add", "maria@example.com", "--permanent-password-stdin", "--json")
        answer = on(stack, *words, input="pass word\n")

    assert told(answer)["mailed"] is False
    assert "pass word" not in answer.output


def test_a_password_that_is_refused_leaves_nobody_behind(on):
    stack = a_stack(ADVANCED)
    with answering(
        stack,
        "cognito-idp",
        everybody(),
        ("admin_create_user", {}),
        ("admin_set_user_password", "InvalidPasswordException"),
        ("admin_delete_user", {}),
    ):
        answer = on(stack, "users", "add", "maria@example.com", "--permanent-password-stdin", input="x\n")

    assert answer.exit_code == 2
    assert "the password is refused, and nobody was added" in answer.stderr


@pytest.mark.parametrize(
    ("words", "known", "message", "fix"),
    [
        (["maria"], None, "'maria' is no email address", "users add maria@example.com"),
        (["+84901234567"], None, "is no email address", "users add"),
        (["maria@example.com", "--name", "a b"], None, "'a b' cannot be a user name", "--name maria"),
        (["maria@example.com"], "maria", "is the address of maria already", "--resend"),
        (["maria@example.com", "--resend"], "", "nobody has the address maria@example.com", "users add"),
        (["maria@example.com", "--resend", "--name", "m"], None, "leave out --name", "--resend"),
        (["maria@example.com", "--resend", "--permanent-password-stdin"], None, "leave out --name", "--resend"),
    ],
)
def test_what_cannot_be_added_is_refused_with_what_can(on, words, known, message, fix):
    stack = a_stack(ADVANCED)
    answers = [] if known is None else [everybody(*([user(known, "Maria@example.com")] if known else []))]
    with answering(stack, "cognito-idp", *answers):
        answer = on(stack, "users", "add", *words)

    assert answer.exit_code == 2
    assert message in answer.stderr
    assert fix in answer.stderr


def test_a_name_that_is_taken_is_refused_with_another(on):
    stack = a_stack(ADVANCED)
    with answering(stack, "cognito-idp", everybody(), ("admin_create_user", "UsernameExistsException")):
        answer = on(stack, "users", "add", "maria@example.com")

    assert "python -m ops users add maria@example.com --name maria-2 --stack dev" in answer.stderr


def test_no_password_on_standard_input_is_refused(on):
    answer = on(a_stack(ADVANCED), "users", "add", "maria@example.com", "--permanent-password-stdin", input="")

    assert answer.exit_code == 2
    assert "no password came on standard input" in answer.stderr


def test_everybody_is_listed_with_what_they_can_do(on):
    stack = a_stack(ADVANCED)
    waiting = user("bob", "bob@example.com", "FORCE_CHANGE_PASSWORD")
    with answering(stack, "cognito-idp", everybody(user("maria", "maria@example.com"), waiting)):
        answer = on(stack, "users", "list")

    assert "may sign in" in answer.stdout
    assert "has not signed in yet" in answer.stdout
    assert "2 users" in answer.stdout


def test_a_removal_is_asked_about_unless_somebody_said_yes(on):
    stack = a_stack(ADVANCED)
    with answering(stack, "cognito-idp", everybody(user("maria", "maria@example.com"))):
        answer = on(stack, "users", "remove", "maria@example.com")

    assert answer.exit_code == 2
    assert "python -m ops users remove maria@example.com --yes --stack dev" in answer.stderr


def test_a_person_is_removed_by_address_or_name(on):
    stack = a_stack(ADVANCED)
    gone = ("admin_delete_user", {}, {"UserPoolId": POOL, "Username": "maria"})
    with answering(stack, "cognito-idp", everybody(user("maria", "maria@example.com")), gone):
        answer = on(stack, "users", "remove", "MARIA@example.com", "--yes")

    assert answer.exit_code == 0


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
    assert answer.stdout == "✔ ann@example.com is subscribed, and only its owner can end that\n"


def test_a_token_alone_is_tried_on_the_notifications_and_then_on_the_alarms(on):
    stack = a_stack()
    alarms = BASIC["alarmTopicArn"]
    with answering(stack, "sns", ("confirm_subscription", "InvalidParameter"), confirmed(alarms), WHO):
        answer = on(stack, "confirm", TOKEN, "--json")

    assert told(answer)["topicArn"] == alarms


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("nonsense", "neither a link nor a token"),
        ("https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn=x", "a shell takes an & for its own"),
        (link("arn:aws:sns:eu-west-1:111122223333:theirs"), "the link is for the topic theirs"),
    ],
)
def test_what_is_no_link_of_this_stack_is_refused(on, what, message):
    answer = on(a_stack(), "confirm", what)

    assert answer.exit_code == 2
    assert message in answer.stderr


def test_a_token_that_sns_no_longer_takes_is_told_with_how_to_get_another(on):
    stack = a_stack()
    with answering(stack, "sns", ("confirm_subscription", "InvalidParameter")):
        answer = on(stack, "confirm", link())

    assert answer.exit_code == 2
    assert "older than 48 hours" in answer.stderr
    assert f"aws sns subscribe --topic-arn {TOPIC} --protocol email" in answer.stderr
    assert json.dumps(TOKEN) not in answer.stderr
