"""Nothing is lost in silence: every queue has a queue behind it or is the last one, and the last ones are watched."""

from __future__ import annotations

import json

from components.rule_settings import MAX_RULES
from components.settings import MAX_MAILS_PER_MINUTE
from tests.program.conftest import strings

FOURTEEN_DAYS = 14 * 86_400
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


def test_no_queue_keeps_longer_than_the_one_behind_it(deployed):
    assert max(q.inputs.get("messageRetentionSeconds", 0) for q in deployed.of("Queue")) <= FOURTEEN_DAYS


def test_every_queue_is_encrypted_with_the_key_that_costs_nothing(deployed):
    assert all(q.inputs["sqsManagedSseEnabled"] is True for q in deployed.of("Queue"))
    assert not any("kmsMasterKeyId" in q.inputs for q in deployed.of("Queue"))


def test_an_alarm_watches_every_dead_letter_queue(deployed):
    for queue in dead_letter_queues(deployed):
        (alarm,) = alarms_on(deployed, "ApproximateNumberOfMessagesVisible", QueueName=queue.name)

        assert {namespace for namespace, _, _ in watched(alarm)} == {"AWS/SQS"}


def test_the_first_message_in_a_dead_letter_queue_sets_its_alarm_off(deployed):
    for queue in dead_letter_queues(deployed):
        (alarm,) = alarms_on(deployed, "ApproximateNumberOfMessagesVisible", QueueName=queue.name)

        assert alarm.inputs["threshold"] == 1
        assert alarm.inputs["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm.inputs["datapointsToAlarm"] == 1
        expressions = [query["expression"] for query in alarm.inputs.get("metricQueries", ()) if "expression" in query]
        assert expressions in ([], ["MAX([FILL(work, 0), FILL(digest, 0)])"])


def test_an_alarm_watches_the_errors_of_notify(deployed):
    (alarm,) = alarms_on(deployed, "Errors", FunctionName="file-notifications-notify-function")

    assert alarm.inputs["namespace"] == "AWS/Lambda"
    assert alarm.inputs["threshold"] == 1


def test_an_alarm_speaks_before_sns_suspends_an_address(deployed):
    for part in deployed.regions.values():
        (alarm,) = alarms_on(part, "MailsAtOnce", service="notify")

        # A notification to people is one sample, whether it tells one of them or a hundred: SNS counts by address.
        assert alarm.inputs["statistic"] == "SampleCount"
        assert alarm.inputs["threshold"] / alarm.inputs["period"] < SNS_SUSPENDS_ABOVE_PER_SECOND


def test_no_alarm_speaks_of_as_many_mails_as_the_settings_permit(deployed):
    for part in deployed.regions.values():
        (alarm,) = alarms_on(part, "MailsAtOnce", service="notify")

        assert alarm.inputs["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm.inputs["threshold"] > MAX_MAILS_PER_MINUTE


def test_every_alarm_tells_of_the_failure_and_of_its_end(deployed):
    for part in deployed.regions.values():
        for alarm in part.of("MetricAlarm"):
            assert alarm.inputs["alarmActions"] == [part.exports["alarmTopicArn"]]
            assert alarm.inputs["okActions"] == [part.exports["alarmTopicArn"]]


def test_an_alarm_is_quiet_while_there_is_nothing_to_measure(deployed):
    assert {alarm.inputs["treatMissingData"] for alarm in deployed.of("MetricAlarm")} == {"notBreaching"}


def test_every_alarm_says_in_words_what_happened(deployed):
    assert all(20 < len(alarm.inputs["alarmDescription"]) <= 1024 for alarm in deployed.of("MetricAlarm"))


def test_a_region_has_no_more_alarms_than_an_account_has_free_of_charge(deployed):
    assert max(len(part.of("MetricAlarm")) for part in deployed.regions.values()) <= 10


def test_cloudwatch_can_publish_to_the_alarm_topic(deployed):
    assert "kmsMasterKeyId" not in deployed.named("alarms-topic").inputs


def test_notifications_are_encrypted_at_rest(deployed):
    assert deployed.named("notifications-topic").inputs["kmsMasterKeyId"] == "alias/aws/sns"


def test_failures_are_told_to_the_alarm_addresses(deploy):
    deployment = deploy(emails=["ann@example.com"], alarmEmails=["ops@example.com", "on-call@example.com"])

    told = {s.inputs["endpoint"] for s in deployment.of("TopicSubscription") if "alarms-topic" in s.inputs["topic"]}

    assert told == {"ops@example.com", "on-call@example.com"}


def test_failures_are_told_to_everybody_in_emails_without_alarm_addresses(deploy):
    deployment = deploy(emails=["ann@example.com", "bob@example.com"])

    told = {s.inputs["endpoint"] for s in deployment.of("TopicSubscription") if "alarms-topic" in s.inputs["topic"]}

    assert told == {"ann@example.com", "bob@example.com"}


def test_a_recipient_of_every_rule_still_fits_into_one_filter_policy(deploy):
    to = ["ann@example.com", "https://hooks.example.com/files"]
    rules = [{"name": f"rule {number}", "to": to} for number in range(MAX_RULES)]
    deployment = deploy(emails=["ann@example.com"], rules=rules)

    for subscription in deployment.of("TopicSubscription"):
        values = 1
        for accepted in json.loads(subscription.inputs.get("filterPolicy", "{}")).values():
            values *= len(accepted)
        assert values <= 150
