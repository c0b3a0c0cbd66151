"""Nothing is lost silently: every failure has a queue that keeps it, and an alarm that says so."""

from __future__ import annotations

import json

import pytest

from components.rule_settings import MAX_RULES
from components.settings import MAX_MAILS_PER_MINUTE
from domain.topology import FAILURE_QUEUES
from tests.program.conftest import CONFIGS, PROJECT, REGION, strings

SNS_SUSPENDS_ABOVE_PER_SECOND = 10


def dead_letter_queues(deployed):
    """Queues that something is sent to because it failed: by a redrive or by an on-failure destination."""
    targets = {
        text.rsplit(":", 1)[-1]
        for r in deployed.resources
        for key in ("redrivePolicy", "destinationConfig")
        for text in strings(json.loads(r.inputs[key]) if isinstance(r.inputs.get(key), str) else r.inputs.get(key))
        if text.startswith("arn:")
    }
    return [queue for queue in deployed.of("Queue") if queue.name in targets]


def watched(alarm):
    """The metrics that an alarm looks at, alone or in an expression: (namespace, name, dimensions)."""
    queries = [query["metric"] for query in alarm.inputs.get("metricQueries", ()) if "metric" in query]
    return [(one["namespace"], one["metricName"], one["dimensions"]) for one in queries or [alarm.inputs]]


def alarms_on(deployed, name, **dimensions):
    return [
        alarm
        for alarm in deployed.of("MetricAlarm")
        if any((metric, found) == (name, dimensions) for _, metric, found in watched(alarm))
    ]


def test_the_first_message_in_a_dead_letter_queue_sets_its_alarm_off(deployed):
    for queue in dead_letter_queues(deployed):
        (alarm,) = alarms_on(deployed, "ApproximateNumberOfMessagesVisible", QueueName=queue.name)

        assert alarm.inputs["threshold"] == 1
        assert alarm.inputs["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm.inputs["datapointsToAlarm"] == 1
        expressions = [query["expression"] for query in alarm.inputs.get("metricQueries", ()) if "expression" in query]
        assert expressions in ([], ["MAX([FILL(work_dead_letters, 0), FILL(digest_dead_letters, 0)])"])


def test_a_failure_sets_its_alarm_off_within_five_minutes(deployed):
    failures = {"ApproximateNumberOfMessagesVisible", "Errors"}
    alarms = [a for a in deployed.of("MetricAlarm") if {name for _, name, _ in watched(a)} & failures]

    assert alarms
    for alarm in alarms:
        periods = [query["metric"]["period"] for query in alarm.inputs.get("metricQueries", ()) if "metric" in query]

        assert alarm.inputs["datapointsToAlarm"] * max([*periods, alarm.inputs.get("period", 0)]) <= 300


def test_an_alarm_on_several_queues_is_on_also_if_one_of_them_reports_minutes_late(advanced):
    """In an expression a value that has not come counts as zero: the minute may be looked at too early."""
    several = [a for a in alarms_on_messages(advanced) if len(watched(a)) > 1]

    assert several
    assert all(alarm.inputs["evaluationPeriods"] >= 5 for alarm in several)


def alarms_on_messages(deployed):
    return [
        alarm
        for alarm in deployed.of("MetricAlarm")
        if any(metric == "ApproximateNumberOfMessagesVisible" for _, metric, _ in watched(alarm))
    ]


@pytest.fixture
def with_chat(deploy):
    """Mode advanced with a chat channel, in the primary region: it has every queue."""
    return deploy(**CONFIGS["regions"]).regions[REGION]


def test_every_failure_queue_has_an_output_and_an_alarm_of_its_heading(with_chat):
    advanced = with_chat
    for failed in FAILURE_QUEUES:
        queue = advanced.exports[failed.output].rsplit("/", 1)[-1]
        alarms = alarms_on(advanced, "ApproximateNumberOfMessagesVisible", QueueName=queue)

        assert [alarm.name for alarm in alarms] == [f"{PROJECT}-alarms-{failed.heading}"]
        assert failed.meaning in alarms[0].inputs["alarmDescription"]
        assert f"--queue {failed.name} " in alarms[0].inputs["alarmDescription"]


def test_every_queue_that_keeps_failures_is_known_to_the_operators_commands(with_chat):
    advanced = with_chat
    known = {advanced.exports[failed.output].rsplit("/", 1)[-1] for failed in FAILURE_QUEUES}

    assert {queue.name for queue in dead_letter_queues(advanced)} == known


def test_an_alarm_watches_the_errors_of_notify(deployed):
    (alarm,) = alarms_on(deployed, "Errors", FunctionName="file-notifications-notify-function")

    assert alarm.inputs["namespace"] == "AWS/Lambda"
    assert alarm.inputs["threshold"] == 1


def test_an_alarm_goes_on_before_sns_suspends_an_address(deployed):
    for part in deployed.regions.values():
        (alarm,) = alarms_on(part, "MailsAtOnce", service="notify")

        # A notification to people is one sample, whether it reaches one of them or a hundred: SNS counts by address.
        assert alarm.inputs["statistic"] == "SampleCount"
        assert alarm.inputs["threshold"] / alarm.inputs["period"] < SNS_SUSPENDS_ABOVE_PER_SECOND


def test_no_alarm_goes_on_at_as_many_mails_as_the_settings_permit(deployed):
    for part in deployed.regions.values():
        (alarm,) = alarms_on(part, "MailsAtOnce", service="notify")

        assert alarm.inputs["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm.inputs["threshold"] > MAX_MAILS_PER_MINUTE


def test_an_alarm_is_quiet_while_there_is_nothing_to_measure(deployed):
    alarms = [alarm for alarm in deployed.of("MetricAlarm") if not alarm.name.endswith("-watcher")]

    assert {alarm.inputs["treatMissingData"] for alarm in alarms} == {"notBreaching"}


def test_every_alarm_says_in_words_what_happened(deployed):
    assert all(20 < len(alarm.inputs["alarmDescription"]) <= 1024 for alarm in deployed.of("MetricAlarm"))


def test_a_region_has_no_more_alarms_than_an_account_has_free_of_charge(deployed):
    # Each existing bucket has one more, chat has two, the mapping of a company's groups, and the watcher: `ops cost`
    # counts them.
    def by_default(part):
        alarms = [alarm for alarm in part.of("MetricAlarm") if not alarm.name.endswith(("-sign-in-errors", "-watcher"))]
        return len(alarms) - len(part.of("EventRule")) - (2 if part.of("Parameter") else 0)

    assert max(map(by_default, deployed.regions.values())) <= 10


def test_cloudwatch_can_publish_to_the_alarm_topic(deployed):
    assert "kmsMasterKeyId" not in deployed.named("alarms-topic").inputs


@pytest.mark.parametrize(
    ("alarm_emails", "notified"),
    [
        (["ops@example.com", "on-call@example.com"], {"ops@example.com", "on-call@example.com"}),
        ([], {"ann@example.com", "bob@example.com"}),
    ],
    ids=["the alarm addresses", "without any, all of emails"],
)
def test_alarms_go_to(deploy, alarm_emails, notified):
    deployment = deploy(emails=["ann@example.com", "bob@example.com"], alarmEmails=alarm_emails)
    subscriptions = [s for s in deployment.of("TopicSubscription") if "alarms-topic" in s.inputs["topic"]]

    assert {s.inputs["endpoint"] for s in subscriptions} == notified


def test_a_recipient_of_every_rule_still_fits_into_one_filter_policy(deploy):
    to = ["ann@example.com", "https://hooks.example.com/files"]
    rules = [{"name": f"rule {number}", "to": to} for number in range(MAX_RULES)]
    deployment = deploy(emails=["ann@example.com"], rules=rules)

    for subscription in deployment.of("TopicSubscription"):
        values = 1
        for accepted in json.loads(subscription.inputs.get("filterPolicy", "{}")).values():
            values *= len(accepted)
        assert values <= 150
