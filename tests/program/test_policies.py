"""Who may do what: least privilege, nobody else's service, nothing in plain http."""

from __future__ import annotations

import json

from tests.program.conftest import ACCOUNT, CONFIGS, as_list


def conditions(statement):
    return {key: value for test in statement.content.get("Condition", {}).values() for key, value in test.items()}


def test_no_statement_allows_every_action(deployed):
    wide = [s.content for s in deployed.statements() if s.allows and any("*" in action for action in s.actions)]

    assert wide == []


def test_every_allow_names_its_resource(deployed):
    resources = [r for s in deployed.statements() if s.allows for r in as_list(s.content["Resource"])]

    assert [r for r in resources if not r.startswith("arn:")] == []


def test_no_allow_says_what_it_does_not_cover(deployed):
    keys = {key for s in deployed.statements() if s.allows for key in s.content}

    assert keys.isdisjoint({"NotAction", "NotResource", "NotPrincipal"})


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


def test_no_role_gets_more_than_its_one_written_policy(deployed):
    assert deployed.of("RolePolicyAttachment") == []
    assert not any({"managedPolicyArns", "inlinePolicies"} & set(role.inputs) for role in deployed.of("Role"))
    assert len(deployed.of("RolePolicy")) == len(deployed.of("Role"))


def test_nobody_is_let_in_anonymously(deployed):
    principals = [s.content.get("Principal") for s in deployed.statements() if s.allows and not s.identity]

    assert [p for p in principals if not isinstance(p, dict) or "*" in p.values()] == []


def test_every_lambda_permission_is_for_one_source_of_this_account(deployed):
    for permission in deployed.of("Permission"):
        assert permission.inputs["sourceArn"].startswith("arn:")
        assert permission.inputs["sourceAccount"] == ACCOUNT


def test_every_service_let_in_by_a_resource_policy_acts_for_one_source_of_this_account(deployed):
    let_in = [s for s in deployed.statements() if s.allows and s.services]

    assert let_in
    for statement in let_in:
        assert conditions(statement)["aws:SourceArn"].startswith("arn:")
        assert conditions(statement)["aws:SourceAccount"] == ACCOUNT


def test_a_dead_letter_queue_takes_messages_from_the_topic_it_serves(deployed):
    topic = deployed.named("notices-topic").name
    (accept,) = [
        s for s in deployed.statements() if s.allows and s.resource.name.endswith("notices-undelivered-policy")
    ]

    assert accept.services == ["sns.amazonaws.com"]
    assert accept.actions == ["sqs:SendMessage"]
    assert conditions(accept)["aws:SourceArn"].endswith(f":{topic}")


def test_only_this_accounts_alarms_of_this_region_speak_through_the_alarm_topic(deployed):
    (speak,) = [s for s in deployed.statements() if s.allows and s.resource.name.endswith("alarms-policy")]

    assert speak.services == ["cloudwatch.amazonaws.com"]
    assert conditions(speak)["aws:SourceArn"].split(":", 2)[2] == f"cloudwatch:eu-west-1:{ACCOUNT}:alarm:*"


def test_every_bucket_queue_and_topic_refuses_plain_http(deployed):
    kinds = {"Bucket": "s3:*", "Queue": "sqs:*", "Topic": "sns:Publish"}
    refused = {}
    for statement in deployed.statements():
        if not statement.allows and conditions(statement) == {"aws:SecureTransport": "false"}:
            assert statement.content["Principal"] == "*"
            for resource in as_list(statement.content["Resource"]):
                refused[resource.split(":")[-1]] = statement.actions

    assert {name: actions for name, actions in refused.items() if "/" not in name} == {
        r.name: [kinds[r.kind]] for r in deployed.resources if r.kind in kinds
    }


def test_plain_http_is_refused_for_the_objects_of_a_bucket_too(deployed):
    refusals = [s.content for s in deployed.statements() if s.resource.kind == "BucketPolicy" and not s.allows]

    for bucket, objects in (refusal["Resource"] for refusal in refusals):
        assert objects == f"{bucket}/*"
