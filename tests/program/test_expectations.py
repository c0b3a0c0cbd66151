"""What a stack has whose rules expect files, and what the others have not."""

from __future__ import annotations

import json

import pytest

from tests.program.conftest import ACCOUNT, CONFIGS, EXISTING, EXPECTING, REGION, Deployment


@pytest.fixture(params=["expecting", "expecting advanced"])
def expecting(request, deploy) -> Deployment:
    return deploy(**CONFIGS[request.param])


def schedules(deployment):
    return {
        json.loads(schedule.inputs["target"]["input"])["rule"]: schedule
        for schedule in deployment.of("Schedule")
        if "input" in schedule.inputs["target"]
    }


@pytest.mark.parametrize("mode", ["basic", "advanced"])
def test_a_stack_whose_rules_expect_nothing_has_nothing_of_it(request, mode):
    deployment = request.getfixturevalue(mode)

    assert [r.name for r in deployment.resources if "expect" in r.name] == []
    assert "SOURCES" not in deployment.variables(deployment.named("notify-function"))


def test_each_expectation_has_a_schedule_in_its_time_zone_and_all_have_a_sweep(expecting):
    found = {
        rule: (schedule.inputs["scheduleExpression"], schedule.inputs["scheduleExpressionTimezone"])
        for rule, schedule in schedules(expecting).items()
    }

    assert found == {
        "invoices": ("cron(0 6 ? * MON,FRI *)", "Europe/Berlin"),
        EXPECTING[1]["name"]: ("cron(0 * * * ? *)", "UTC"),
        None: ("cron(0 * * * ? *)", "UTC"),
    }


def test_a_changed_time_is_another_schedule_so_that_its_age_says_since_when_it_is_looked_at(deploy):
    def named(**expect):
        rule = {"name": "invoices", "to": ["a@b.co"], "expect": {"by": "06:00", "timeZone": "Europe/Berlin", **expect}}
        return schedules(deploy(emails=["a@b.co"], rules=[rule]))["invoices"].name

    assert len({named(), named(by="07:00"), named(timeZone="UTC"), named(days=["mon"])}) == 4
    assert named() == named(files=2)


def test_a_schedule_says_the_time_that_was_meant_and_leaves_none_to_chance(expecting):
    for schedule in schedules(expecting).values():
        assert json.loads(schedule.inputs["target"]["input"])["scheduledTime"] == "<aws.scheduler.scheduled-time>"
        assert schedule.inputs["flexibleTimeWindow"] == {"mode": "OFF"}


def test_an_invocation_that_cannot_be_made_is_kept_after_six_hours(expecting):
    queue = expecting.named("failed-events-queue")

    for schedule in schedules(expecting).values():
        target = schedule.inputs["target"]
        assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 21_600, "maximumRetryAttempts": 185}
        assert target["deadLetterConfig"]["arn"].endswith(queue.name)


def test_the_schedules_role_may_invoke_the_function_and_keep_what_failed_and_nothing_else(expecting):
    (policy,) = [
        json.loads(r.inputs["policy"]) for r in expecting.of("RolePolicy") if r.name.endswith("expect-schedule-policy")
    ]

    allowed = {(s["Action"][0], s["Resource"][0].split(":")[-1]) for s in policy["Statement"]}
    assert allowed == {
        ("lambda:InvokeFunction", expecting.named("expect-function").name),
        ("sqs:SendMessage", expecting.named("failed-events-queue").name),
    }


def test_nothing_is_invoked_before_its_failure_could_be_kept(expecting):
    for schedule in schedules(expecting).values():
        for earlier in ("expect-schedule-policy", "failed-events-policy", "expect-on-failure", "expect-policy"):
            assert expecting.comes_before(expecting.named(earlier), schedule)


def test_the_function_looks_into_every_bucket_and_may_list_each_and_read_none(expecting):
    function = expecting.named("expect-function")
    (policy,) = [r for r in expecting.of("RolePolicy") if r.name.endswith("expect-policy")]

    sources = json.loads(expecting.variables(function)["SOURCES"])
    statements = json.loads(policy.inputs["policy"])["Statement"]

    listed = [r.split(":")[-1] for s in statements if s["Action"] == ["s3:ListBucketVersions"] for r in s["Resource"]]
    assert sorted(source["bucket"] for source in sources) == sorted(listed)
    assert not any(action.startswith("s3:Get") for s in statements for action in s["Action"])


def test_existing_buckets_are_looked_into_below_what_is_watched(deploy):
    deployment = deploy(**CONFIGS["expecting"])

    sources = json.loads(deployment.variables(deployment.named("expect-function"))["SOURCES"])

    assert {source["bucket"]: source["prefixes"] for source in sources[1:]} == {
        EXISTING[0]: [""],
        "scans": ["archive/", "incoming/"],
    }
    assert {source["region"] for source in sources} == {REGION}


def test_one_function_looks_into_the_buckets_of_all_regions(deploy):
    deployment = deploy(**CONFIGS["expecting advanced"])

    sources = json.loads(deployment.variables(deployment.named("expect-function"))["SOURCES"])

    assert [source["region"] for source in sources] == [REGION, "us-east-1"]


def test_basic_mode_asks_s3_whether_a_file_was_expected_and_advanced_its_table(deploy):
    basic, advanced = (deploy(**CONFIGS[name]) for name in ("expecting", "expecting advanced"))

    assert "SOURCES" in basic.variables(basic.named("notify-function"))
    assert "SOURCES" not in advanced.variables(advanced.named("notify-function"))
    assert "TABLE_NAME" not in basic.variables(basic.named("expect-function"))
    assert "TABLE_NAME" in advanced.variables(advanced.named("expect-function"))


def test_switching_to_advanced_only_adds_where_files_are_expected(deploy):
    config = {"emails": ["ann@example.com"], "rules": EXPECTING}

    basic, advanced = deploy(mode="basic", **config), deploy(mode="advanced", **config)

    assert basic.names < advanced.names


def test_the_watchers_alarm_also_notifies_when_nothing_invokes_the_function(expecting):
    alarm = expecting.named("alarms-watcher").inputs

    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/Lambda", "Errors")
    assert alarm["dimensions"] == {"FunctionName": expecting.named("expect-function").name}
    assert alarm["treatMissingData"] == "missing"
    assert alarm["insufficientDataActions"] == alarm["alarmActions"] == alarm["okActions"]
    assert alarm["evaluationPeriods"] > 120


def test_the_layer_has_the_time_zones_only_where_they_are_needed(deploy, basic):
    assert "python/tzdata/zones" in deploy(**CONFIGS["expecting"]).named("layer-packages").inputs["code"].assets
    assert "python/tzdata/zones" not in basic.named("layer-packages").inputs["code"].assets


def test_removing_the_last_expectation_removes_all_of_it_and_changes_no_subscription(deploy):
    config = {"emails": ["ann@example.com"], "rules": [{**rule} for rule in EXPECTING]}
    without = {
        **config,
        "rules": [{key: value for key, value in rule.items() if key != "expect"} for rule in EXPECTING],
    }

    before, after = deploy(**config), deploy(**without)

    gone = {r.name for r in before.resources} - {r.name for r in after.resources}
    assert all("expect" in name or name.endswith("alarms-watcher") for name in gone)
    assert [r.inputs for r in before.of("TopicSubscription")] == [r.inputs for r in after.of("TopicSubscription")]


def test_the_account_is_the_only_one_on_whose_behalf_schedules_invoke(expecting):
    (role,) = [r for r in expecting.of("Role") if r.name.endswith("expect-schedule-role")]

    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]

    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
