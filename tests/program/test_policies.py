"""Who may do what in this program. What holds for any program is in policy/rules, and checked by test_rules.py."""

from __future__ import annotations

import json

from tests.program.conftest import ACCOUNT, CONFIGS, as_list


def conditions(statement):
    return {key: value for test in statement.content.get("Condition", {}).values() for key, value in test.items()}


def test_every_role_can_be_assumed_by_one_service_alone(deployed):
    services = {"lambda.amazonaws.com", "scheduler.amazonaws.com", "apigateway.amazonaws.com"}

    for role in deployed.of("Role"):
        (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]

        assert statement["Action"] == "sts:AssumeRole"
        if not role.name.endswith("-uploader"):
            assert statement["Principal"]["Service"] in services


def test_uploads_are_signed_by_a_role_that_only_the_api_function_can_assume(deploy):
    role = deploy(**CONFIGS["advanced"]).named("api-uploader")

    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]

    assert statement["Principal"] == {"AWS": ACCOUNT}
    assert statement["Condition"]["ArnLike"]["aws:PrincipalArn"].endswith(":role/file-notifications-api-handler-role-*")


def test_a_service_of_another_account_cannot_assume_a_role(deployed):
    for role in deployed.of("Role"):
        (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]

        if statement["Principal"].get("Service", "lambda.amazonaws.com") != "lambda.amazonaws.com":
            assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_every_role_has_one_policy(deployed):
    assert len(deployed.of("RolePolicy")) == len(deployed.of("Role"))


def test_every_lambda_permission_is_for_one_source_of_this_account(deployed):
    for permission in deployed.of("Permission"):
        assert permission.inputs["sourceArn"].startswith("arn:")
        assert permission.inputs["sourceAccount"] == ACCOUNT


def test_every_service_let_in_by_a_resource_policy_acts_for_one_source_of_this_account(deployed):
    let_in = [s for s in deployed.statements() if s.allows and s.services]

    assert let_in
    for statement in let_in:
        assert all(source.startswith("arn:") for source in as_list(conditions(statement)["aws:SourceArn"]))
        if statement.services == ["cloudfront.amazonaws.com"]:  # not documented to send the account by itself
            assert conditions(statement)["aws:SourceArn"].split(":")[4] == ACCOUNT
        else:
            assert conditions(statement)["aws:SourceAccount"] == ACCOUNT


def test_a_dead_letter_queue_takes_messages_from_the_topic_it_serves(deployed):
    for part in deployed.regions.values():
        (accept,) = [
            s for s in part.statements() if s.allows and s.resource.name.endswith("notifications-undelivered-policy")
        ]

        assert accept.services == ["sns.amazonaws.com"]
        assert accept.actions == ["sqs:SendMessage"]
        assert conditions(accept)["aws:SourceArn"] == part.exports["topicArn"]


def test_only_this_accounts_alarms_of_this_region_speak_through_the_alarm_topic(deployed):
    for region, part in deployed.regions.items():
        (speak,) = [s for s in part.statements() if s.allows and s.resource.name.endswith("alarms-policy")]

        assert speak.services == ["cloudwatch.amazonaws.com"]
        assert conditions(speak)["aws:SourceArn"].split(":", 2)[2] == f"cloudwatch:{region}:{ACCOUNT}:alarm:*"
