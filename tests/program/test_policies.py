"""Who may do what in this program. What holds for any program is in policy/rules, and checked by test_rules.py."""

from __future__ import annotations

import json

import pytest

from tests.program.conftest import ACCOUNT


def conditions(statement):
    return {key: value for test in statement.content.get("Condition", {}).values() for key, value in test.items()}


@pytest.mark.parametrize("part", ["uploader", "remover"])
def test_what_is_done_in_a_persons_name_is_done_by_a_role_that_only_the_api_function_can_assume(advanced, part):
    role, assuming = advanced.named(f"api-{part}"), advanced.named("api-role")

    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]

    assert statement["Principal"] == {"AWS": ACCOUNT}
    assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"].endswith(f":{assuming.name}")
    assert advanced.named("api-function").inputs["role"] == statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]


def test_the_role_that_uploads_for_people_writes_below_their_folders_alone(advanced):
    (write,) = [s for s in advanced.statements() if s.resource == advanced.named("api-uploader-policy")]

    assert write.content["Resource"] == [f"arn:aws:s3:::{advanced.exports['bucketName']}/people/*"]


def test_every_role_has_one_policy(deployed):
    assert len(deployed.of("RolePolicy")) == len(deployed.of("Role"))


def test_a_dead_letter_queue_takes_messages_from_the_topic_it_serves(deployed):
    for part in deployed.regions.values():
        (accept,) = [
            s for s in part.statements() if s.allows and s.resource.name.endswith("notifications-undelivered-policy")
        ]

        assert accept.services == ["sns.amazonaws.com"]
        assert accept.actions == ["sqs:SendMessage"]
        assert conditions(accept)["aws:SourceArn"] == part.exports["topicArn"]


def test_only_this_accounts_alarms_of_this_region_may_use_the_alarm_topic(deployed):
    for region, part in deployed.regions.items():
        (speak,) = [s for s in part.statements() if s.allows and s.resource.name.endswith("alarms-policy")]

        assert speak.services == ["cloudwatch.amazonaws.com"]
        assert conditions(speak)["aws:SourceArn"].split(":", 2)[2] == f"cloudwatch:{region}:{ACCOUNT}:alarm:*"
