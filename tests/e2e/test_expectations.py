"""Files that are expected: reported once if they do not come, and said to be late if they come after all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.stack import Stack, logged, running, wait_until
from tests.ops.parts import document, ops

# Half an hour off, so that nothing that is read in UTC is right by chance; where no midnight is near, and no clock is
# ever changed: the same time of the day before is a day ago.
ZONE = "Asia/Kolkata" if 0 <= datetime.now(UTC).hour < 15 else "Pacific/Marquesas"


class Expecting(Stack):
    """A stack on which `python -m ops` works."""

    soon: datetime
    over: datetime
    rules: list[dict]
    served = False

    def ops(self, *words):
        return ops(*words, "--ready-file", str(self._ready_file))

    def document(self, *words):
        return document(self.ops(*words, "--json"))

    def findings(self):
        return {finding["id"] for finding in self.document("doctor")["findings"]}

    def schedule(self, rule):
        """The schedule of a rule, as update_schedule takes it."""
        names = ("Name", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target", "State")
        schedule = self._schedule(rule)
        return {name: schedule[name] for name in names}

    def deployed(self, rule):
        """Since when a rule has its schedule."""
        return self._schedule(rule)["CreationDate"]

    def _schedule(self, rule):
        for listed in self.aws.scheduler.list_schedules()["Schedules"]:
            schedule = self.aws.scheduler.get_schedule(Name=listed["Name"])
            if f'"rule": "{rule}"' in schedule["Target"].get("Input", ""):
                return schedule
        raise AssertionError(f"no schedule of {rule}")


def a_rule(name, by, **expect):
    return {
        "name": name,
        "prefix": f"{name}/",
        "to": [f"{name}@example.com"],
        "expect": {"by": by, "timeZone": ZONE, **expect},
    }


# On a worker each: both wait for a minute of the clock.
@pytest.fixture(
    scope="module",
    params=[pytest.param(mode, marks=pytest.mark.xdist_group(f"expecting-{mode}")) for mode in ("basic", "advanced")],
)
def stack(tmp_path_factory, request):
    """Its rule `soon` expects a file by a minute that is near, `over` by one of an hour ago, `midnight` still today."""
    settings = {"emails": ["nobody-in-particular@example.com"], "mailsPerMinute": 300}
    folder = tmp_path_factory.mktemp(f"expecting-{request.param}")
    with running(Expecting(folder, "--mode", request.param, **settings)) as started:
        started.over = (datetime.now(UTC) - timedelta(hours=1)).replace(second=0, microsecond=0)
        systems = started.aws.sqs.create_queue(QueueName="systems")["QueueUrl"]
        begun = {"from": local(started.over - timedelta(hours=1))}
        past = [a_rule(name, local(started.over), **begun) for name in ("over", "late")]
        for rule in past:
            rule["to"].append(started.aws.arn("sqs", "systems"))
        started.systems = systems
        deploy_in_time(started, past)
        yield started


def deploy_in_time(stack, past):
    """Deploy the rules with a minute that is near: on a slow machine one that comes only when all is there."""
    for ahead in (90, 180, 360):
        stack.soon = (datetime.now(UTC) + timedelta(seconds=ahead)).replace(second=0, microsecond=0)
        near = [a_rule(name, local(stack.soon)) for name in ("soon", "there")]
        stack.rules = [*past, *near, a_rule("midnight", "23:59")]
        stack.set(rules=stack.rules)
        stack.upload("there/in-time.txt")
        if datetime.now(UTC) < stack.soon:
            return
    pytest.fail("the rules take more than five minutes to deploy")


def local(moment):
    return f"{moment.astimezone(ZoneInfo(ZONE)):%H:%M}"


def check(stack, rule, scheduled):
    answer = stack.aws.lambda_.invoke(
        FunctionName=stack.outputs["expectFunctionName"],
        Payload=json.dumps({"rule": rule, "scheduledTime": f"{scheduled:%Y-%m-%dT%H:%M:%SZ}"}),
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    return json.load(answer["Payload"])["outcomes"]


def test_a_missing_file_is_reported_once_to_people_and_systems(stack):
    # In mode basic a process remembers what it has reported: none beside it may be at work for a schedule.
    reported_by_schedule(stack)

    # Another test may have looked before.
    assert [check(stack, "over", stack.over) for _ in range(2)][1] == ["duplicate"]

    (mail,) = stack.wait_for_mails("Missing", to="over@example.com")
    assert mail.subject == f'Missing: expected 1 file by {local(stack.over)}, 0 arrived (rule "over")'
    (message,) = stack.messages(stack.systems, '"rule":"over"')
    assert json.loads(message)["by"] == f"{stack.over:%Y-%m-%dT%H:%M:%SZ}"


def test_a_file_that_comes_after_all_says_when_it_was_expected(stack, unique):
    check(stack, "late", stack.over)

    stack.upload(f"late/{unique}.txt")

    (mail,) = stack.wait_for_mails(unique, to="late@example.com")
    assert mail.subject.endswith(f", expected by {local(stack.over)}")
    (message,) = stack.messages(stack.systems, unique)
    assert json.loads(message)["expected"][0]["files"] == 1


def test_the_schedule_invokes_at_the_time_of_the_zone_and_only_what_is_missing_is_reported(stack):
    (mail,) = reported_by_schedule(stack)

    assert f"by {local(stack.soon)}" in mail.subject
    assert stack.mails("Missing", to="there@example.com") == []


def reported_by_schedule(stack):
    """The mails about the rule `soon`, once the schedules of that minute have been served."""

    def served():
        said = {(entry["message"], entry.get("rule")) for entry in logged(stack.aws, "expect", local(stack.soon))}
        return {rule for message, rule in said if message in ("met", "missing")} >= {"soon", "there"}

    if not stack.served:  # the log goes with the expectations that a test takes away
        wait_until(served, "no schedule was served", seconds=480)
        stack.served = True

    def reported():
        mails = stack.mails("Missing", to="soon@example.com")
        return [mail for mail in mails if f"by {local(stack.soon)}" in mail.subject]

    return wait_until(reported, "no report")


def test_in_advanced_mode_the_verdicts_are_in_the_table(stack):
    if "tableName" not in stack.outputs:
        pytest.skip("mode basic has no table")
    check(stack, "over", stack.over)

    item = stack.aws.dynamodb.get_item(
        TableName=stack.outputs["tableName"], Key={"id": {"S": f"expected#over#{stack.over:%Y-%m-%dT%H:%MZ}"}}
    )["Item"]

    assert item["outcome"] == {"S": "missing"}


def test_the_operator_sees_what_was_expected_and_what_is_next(stack):
    found = {one["rule"]: one for one in stack.document("expect")["expectations"]}

    assert found["over"]["last"]["by"] == f"{stack.over:%Y-%m-%dT%H:%M:%SZ}"
    assert found["over"]["last"]["arrived"] == 0
    assert found["there"]["next"]["files"] == 1
    assert not found["over"]["last"]["isExpected"]  # its window ended before it was deployed
    assert "before the rule was deployed" in stack.ops("expect").stdout


def test_the_operator_sees_what_is_missing_since_the_rule_was_deployed(stack):
    reported_by_schedule(stack)

    (soon,) = [one["last"] for one in stack.document("expect")["expectations"] if one["rule"] == "soon"]
    is_expected = stack.soon > stack.deployed("soon")  # another test may have deployed the rule again since
    assert (soon["by"], soon["isExpected"]) == (f"{stack.soon:%Y-%m-%dT%H:%M:%SZ}", is_expected)
    assert ("missing: expected 1 file by" in stack.ops("expect").stdout) == is_expected


def test_the_operator_may_ask_about_another_time(stack):
    answer = stack.document("expect", "--at", f"{stack.over - timedelta(days=1, minutes=1):%Y-%m-%dT%H:%M}")

    (over,) = [one for one in answer["expectations"] if one["rule"] == "over"]
    assert over["next"]["by"] == f"{stack.over - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"


def test_status_counts_the_windows_of_today(stack):
    assert "expected today" in stack.ops("status").stdout
    assert stack.document("status")["expected"]["today"] >= 1


@pytest.mark.parametrize("change", ["disabled", "missing", "changed"])
def test_doctor_reports_a_schedule_that_does_not_invoke(stack, change):
    before = stack.schedule("over")
    if change == "missing":
        stack.aws.scheduler.delete_schedule(Name=before["Name"])
    else:
        wrong = {"State": "DISABLED"} if change == "disabled" else {"ScheduleExpression": "cron(0 0 ? * * *)"}
        stack.aws.scheduler.update_schedule(**{**before, **wrong})
    try:
        findings = stack.findings()
    finally:
        again = stack.aws.scheduler.create_schedule if change == "missing" else stack.aws.scheduler.update_schedule
        again(**before)

    assert f"expect-schedule-{change}" in findings
    assert f"expect-schedule-{change}" not in stack.findings()


def test_doctor_reports_a_role_that_may_invoke_nothing(stack):
    role = stack.schedule("over")["Target"]["RoleArn"].rpartition("/")[2]
    iam = stack.aws.client("iam")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        findings = stack.findings()
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))

    assert "expect-role-empty" in findings


def test_a_failed_invocation_is_kept_and_replayed(stack):
    """What EventBridge Scheduler gives up on is what it was to send."""
    message = {"rule": "late", "scheduledTime": f"{stack.over - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"}
    stack.aws.sqs.send_message(QueueUrl=stack.outputs["failedEventsQueueUrl"], MessageBody=json.dumps(message))

    answer = stack.ops("replay", "--queue", "failed-events")

    assert answer.exit_code == 0, answer.stdout
    yesterday = f"{(stack.over - timedelta(days=1)).astimezone(ZoneInfo(ZONE)):%Y-%m-%d}"
    stack.wait_for_mails(f"1 by {yesterday}", to="late@example.com")


def test_an_expectation_that_goes_takes_its_schedule_with_it(stack):
    reported_by_schedule(stack)

    try:
        said = stack.set(rules=[{"name": "over", "to": ["over@example.com"]}])
        left = stack.outputs
    finally:
        stack.set(rules=stack.rules)

    assert "expectFunctionName" not in left
    assert "Schedule" in said
