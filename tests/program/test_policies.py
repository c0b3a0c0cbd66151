"""Who may do what in this program. What holds for any program is in policy/rules, and checked by test_rules.py."""

from __future__ import annotations

import json
import re

import pytest

from domain.topology import INDEX
from tests.program.conftest import ACCOUNT, as_list


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


def test_the_api_function_may_assume_the_roles_that_act_for_people_and_no_others(advanced):
    (assume,) = [s for s in advanced.statements() if s.identity and "sts:AssumeRole" in s.actions]
    names = {advanced.named(f"api-{part}").name for part in ("uploader", "remover")}

    assert {arn.rpartition(":")[2] for arn in assume.content["Resource"]} == names


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


def test_a_wildcard_in_what_a_role_may_do_is_within_one_thing_that_the_stack_has(deployed):
    buckets = "|".join(re.escape(bucket.name) for bucket in deployed.of("Bucket"))
    groups = "|".join(re.escape(group.name) for group in deployed.of("LogGroup"))
    within = re.compile(
        rf"arn:[\w-]+:s3:::({buckets})/(people/)?\*"
        r"|arn:[\w-]+:s3:::(invoices-of-another-team/|scans/(incoming|archive)/)\*"
        rf"|arn:[\w-]+:\w+:[\w-]+:{ACCOUNT}:({groups}):\*"
        rf"|arn:[\w-]+:events:[\w-]+:{ACCOUNT}:rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3\*"
    )
    wild = {arn for s in deployed.statements() if s.identity for arn in s.content["Resource"] if "*" in arn}

    assert {arn for arn in wild if not within.fullmatch(arn)} == set()


def test_what_may_use_something_of_the_stack_is_named_whole_but_for_alarms_and_the_methods_of_the_api(deployed):
    sources = {str(one) for s in deployed.statements() for one in as_list(conditions(s).get("aws:SourceArn"))}
    sources |= {one.inputs["sourceArn"] for one in deployed.of("Permission")}
    apis = [api.name for api in deployed.of("RestApi")]

    wild = {source for source in sources if "*" in source}

    assert not [
        source
        for source in wild
        if not source.endswith(f":{ACCOUNT}:alarm:*") and not any(source.endswith(f"{api}/*/*/*") for api in apis)
    ]


def test_the_api_function_may_query_the_index_of_the_catalogue(advanced):
    (listing,) = [s for s in advanced.statements() if s.identity and "dynamodb:Query" in s.actions]

    assert [arn.rpartition(f"{advanced.the('Table').name}")[2] for arn in listing.content["Resource"]] == [
        "",
        f"/index/{INDEX}",
    ]
