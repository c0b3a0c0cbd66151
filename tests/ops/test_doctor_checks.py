"""What `doctor` makes of things that are hard to break on a real stack, and how it says it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.rules import Rule
from ops.doctor import advanced, functions, people, queues, uploads
from ops.doctor.checks import CHECKS
from ops.doctor.command import _look
from ops.reading.subscriptions import OWN_FILTERS, own_address
from tests.ops.parts import (
    ADVANCED,
    BASIC,
    EVERY_FILE,
    a_function,
    a_queue,
    a_stack,
    a_subscription,
    answering,
    deployed,
)

NOW = datetime.now(UTC)


def found(findings):
    return {one.id: one for one in findings}


def only(findings):
    (one,) = findings
    return one


def test_a_bucket_in_another_region_is_told_with_the_setting_that_moves_the_stack():
    stack = a_stack()
    with answering(stack, "s3", ("head_bucket", {"BucketRegion": "us-east-1"})):
        one = only(uploads.bucket(deployed(stack)))

    assert one.id == "bucket-region"
    assert "is in us-east-1, the stack is in eu-west-1" in one.what
    assert one.fix == "pulumi config set --stack dev aws:region us-east-1 && pulumi up --stack dev"


def test_a_bucket_that_s3_finds_elsewhere_is_in_another_region():
    stack = a_stack()
    with answering(stack, "s3") as stub:
        stub.add_client_error(
            "head_bucket",
            "301",
            http_status_code=301,
            response_meta={"HTTPHeaders": {"x-amz-bucket-region": "us-west-2"}},
        )
        assert only(uploads.bucket(deployed(stack))).what.count("us-west-2") == 1


def test_a_bucket_that_is_gone_is_missing():
    stack = a_stack()
    with answering(stack, "s3", ("head_bucket", "404")):
        assert only(uploads.bucket(deployed(stack))).id == "bucket-missing"


@pytest.mark.parametrize(
    ("configuration", "ids"),
    [
        ({"Events": ["s3:ObjectCreated:*"]}, set()),
        ({"Events": ["s3:ObjectCreated:Put"]}, {"notification-altered"}),
        (
            {
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a/"}]}},
            },
            {"notification-altered"},
        ),
    ],
)
def test_a_notification_that_leaves_files_out_is_told(configuration, ids):
    stack, notify = a_stack(), a_function()
    answer = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": notify.arn, **configuration}]}
    with answering(stack, "s3", ("get_bucket_notification_configuration", answer)):
        assert set(found(uploads.notification(deployed(stack, notify=notify, rules=(EVERY_FILE,))))) == ids


def test_a_notification_that_others_use_as_well_is_a_risk():
    stack, notify = a_stack(), a_function()
    answer = {
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": notify.arn, "Events": ["s3:ObjectCreated:*"]}],
        "QueueConfigurations": [{"Id": "theirs", "QueueArn": a_queue("theirs").arn, "Events": ["s3:ObjectRemoved:*"]}],
    }
    with answering(stack, "s3", ("get_bucket_notification_configuration", answer)):
        one = only(uploads.notification(deployed(stack, notify=notify, rules=(EVERY_FILE,))))

    assert (one.id, one.level) == ("notification-shared", "attention")
    assert "QueueConfiguration theirs" in one.what


@pytest.mark.parametrize(("limit", "ids"), [(10, {"concurrency-quota"}), (11, set()), (1000, set())])
def test_the_quota_of_a_new_account_is_too_small(limit, ids):
    stack = a_stack()
    answer = {"AccountLimit": {"ConcurrentExecutions": limit}}
    with answering(stack, "lambda", ("get_account_settings", answer)):
        assert set(found(functions.quota(deployed(stack)))) == ids


def test_a_raised_quota_is_asked_for_with_the_command_given():
    stack = a_stack()
    with answering(stack, "lambda", ("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}})):
        assert "--quota-code L-B99A9384 --desired-value 1000" in only(functions.quota(deployed(stack))).fix


def test_a_function_that_is_gone_or_not_ready_is_told():
    stack = a_stack(ADVANCED)
    broken = a_function(state="Failed", state_reason="The role is gone.")

    ids = set(found(functions.existing(deployed(stack, notify=broken, digest=None, **no_process()))))

    assert ids == {"function-state-notify", "function-missing-digest"}


def no_process(*mappings):
    return {"process": None, "work_mappings": list(mappings)}


def test_a_process_function_that_is_gone_is_told_by_what_still_invokes_it():
    gone = no_process({"FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:process"})
    read = deployed(a_stack(ADVANCED), notify=a_function(), digest=a_function(), **gone)

    assert set(found(functions.existing(read))) == {"function-missing-process"}


def test_a_function_that_failed_and_then_worked_is_not_failing():
    stack, notify = a_stack(), a_function()
    lines = [(9, '{"level":"ERROR","message":"failed","exception":"a\\nTopicNotFound: gone"}'), (1, '{"level":"INFO"}')]
    with answering(stack, "logs", ("filter_log_events", logged(*lines))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None))) == []


def test_what_counts_is_when_something_was_logged_not_the_order_in_which_it_is_read():
    stack, notify = a_stack(), a_function()
    lines = [(1, '{"level":"INFO"}'), (9, '{"level":"ERROR","message":"failed"}'), (20, '{"level":"INFO"}')]
    with answering(stack, "logs", ("filter_log_events", logged(*lines))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None))) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"level":"ERROR","message":"failed","exception":"a\\nTopicNotFound: gone"}', "TopicNotFound: gone"),
        ("2026-11-23T12:00:00Z 1 Task timed out after 30.00 seconds", "Task timed out after 30.00 seconds"),
        ("[ERROR] Runtime.ImportModuleError: no module named 'x'", "no module named 'x'"),
    ],
)
def test_a_function_that_fails_is_told_with_what_it_says(line, said):
    stack, notify = a_stack(), a_function()
    with answering(stack, "logs", ("filter_log_events", logged((20, '{"level":"INFO"}'), (9, line)))):
        one = only(functions.failing(deployed(stack, notify=notify, process=None, digest=None)))

    assert said in one.what
    assert one.fix == "aws logs tail notify-logs --since 1h --region eu-west-1"


def test_receiving_events_is_no_sign_of_work():
    received = '{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"Received"}]}]},"Received":[1]}'
    stack, notify = a_stack(), a_function()
    with answering(stack, "logs", ("filter_log_events", logged((9, "[ERROR] x"), (8, received)))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None)))


def test_work_in_the_moment_of_a_failure_is_no_sign_that_it_is_over():
    worked = '{"level":"INFO","message":"published"}'
    stack, notify = a_stack(), a_function()
    with answering(stack, "logs", ("filter_log_events", logged((9, worked), (9, "[ERROR] x")))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None)))


def test_nothing_published_is_no_sign_of_work():
    nothing = '{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"Published"}]}]},"Published":[0]}'
    stack, notify = a_stack(), a_function()
    with answering(stack, "logs", ("filter_log_events", logged((9, "[ERROR] x"), (8, nothing)))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None)))


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, set()),
        ({"filter_policy": {"kind": ["upload"]}}, {"subscription-changed-work"}),
        ({"attributes": {"RawMessageDelivery": "false"}}, {"subscription-changed-work"}),
    ],
)
def test_a_queue_of_ours_that_gets_something_else_is_told(changes, ids):
    queue = a_queue("work")
    made = {"filter_policy": OWN_FILTERS["work"], "attributes": {"RawMessageDelivery": "true"}}
    subscription = a_subscription(queue.arn, "sqs", **{**made, **changes})
    known = {"workQueueUrl": queue, "digestQueueUrl": None, "undeliveredQueueUrl": None}
    read = deployed(a_stack(ADVANCED), subscriptions=[subscription], _queues=known)

    assert set(found(people.own_queues(read))) == ids


def test_a_filter_policy_that_knows_its_own_address_is_as_it_should_be():
    policy = {"deliver": [own_address("ann@example.com"), "every file"]}
    read = deployed(notify=a_function(), rules=(EVERY_FILE,), subscriptions=[a_subscription(filter_policy=policy)])

    assert list(people.subscribed(read)) == []


def test_a_filter_policy_of_other_rules_is_told():
    read = deployed(
        notify=a_function(),
        rules=(EVERY_FILE,),
        subscriptions=[a_subscription(filter_policy={"deliver": ["another"]})],
    )

    assert "not that of its rules (every file)" in only(people.subscribed(read)).what


def test_a_pending_subscription_is_told_with_both_ways_to_the_link():
    pending = a_subscription(is_pending=True, arn="PendingConfirmation", attributes={})
    one = only(people.subscribed(deployed(notify=a_function(), rules=(EVERY_FILE,), subscriptions=[pending])))

    assert one.id == "subscription-pending"
    assert one.fix == "python -m ops confirm LINK --stack dev"
    assert "aws sns subscribe --topic-arn" in one.means


def test_a_subscription_that_every_link_ends_is_worth_a_note():
    loose = a_subscription(attributes={"ConfirmationWasAuthenticated": "false"})
    one = only(people.subscribed(deployed(notify=a_function(), rules=(EVERY_FILE,), subscriptions=[loose])))

    assert (one.id, one.level) == ("subscription-unguarded", "note")


def test_a_subscription_made_by_hand_is_worth_a_note():
    read = deployed(
        notify=a_function(), rules=(EVERY_FILE,), subscriptions=[a_subscription(), a_subscription("bob@example.com")]
    )

    assert (only(people.subscribed(read)).id, only(people.subscribed(read)).level) == ("subscription-unknown", "note")


def test_a_lost_dead_letter_queue_of_a_subscription_is_a_risk():
    loose = a_subscription(attributes={"RedrivePolicy": ""})
    read = deployed(subscriptions=[loose], _queues={"undeliveredQueueUrl": a_queue("undelivered")})

    assert "ann@example.com is not kept" in only(people.own_queues(read)).what


@pytest.mark.parametrize(
    ("found_there", "ids"),
    [
        (None, {"alarm-topic-missing"}),
        ([], {"alarm-nobody"}),
        ([a_subscription(is_pending=True)], {"alarm-nobody", "subscription-pending"}),
        ([a_subscription()], set()),
    ],
)
def test_alarms_that_nobody_hears_are_told(found_there, ids):
    assert set(found(people.alarms(deployed(alarm_subscriptions=found_there)))) == ids


def test_a_missing_table_is_told_before_it_is_made_again_empty():
    one = only(advanced.table(deployed(a_stack(ADVANCED), table=None)))

    assert one.id == "table-missing"
    assert "restore it from a point in time" in one.means


@pytest.mark.parametrize(
    ("table", "ids"),
    [
        (
            {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": [{"IndexName": "by-month", "IndexStatus": "ACTIVE"}]},
            set(),
        ),
        ({"TableStatus": "ACTIVE"}, {"table-not-ready"}),
        ({"TableStatus": "ARCHIVED"}, {"table-not-ready"}),
    ],
)
def test_a_table_without_its_index_is_told(table, ids):
    assert set(found(advanced.table(deployed(a_stack(ADVANCED), table=table)))) == ids


@pytest.mark.parametrize(("age", "lines", "ids"), [(60, 0, {"schedule-stale"}), (60, 1, set()), (1, 0, set())])
def test_a_schedule_that_no_longer_reaches_its_function_is_stale(age, lines, ids):
    stack = a_stack(ADVANCED)
    schedule = {
        "Name": "digests",
        "State": "ENABLED",
        "ScheduleExpression": "rate(5 minutes)",
        "LastModificationDate": NOW - timedelta(minutes=age),
    }
    read = deployed(stack, digest=a_function(log_group="digest-logs"), schedules=[schedule])
    answers = [("filter_log_events", logged(*[(1, "START")] * lines))] if age == 60 else []
    with answering(stack, "logs", *answers):
        assert set(found(advanced.schedule(read))) == ids


def test_a_reader_that_is_gone_is_told():
    read = deployed(a_stack(ADVANCED), work_mappings=[], _queues={"workQueueUrl": a_queue("work")})

    assert only(advanced.mapping(read)).id == "mapping-missing"


def test_messages_that_are_kept_are_told_with_the_command_that_replays_them():
    names = ("failedEventsQueueUrl", "undeliveredQueueUrl")
    read = deployed(a_stack(BASIC), _queues={name: a_queue(name, waiting=2, in_flight=1) for name in names})

    first, second = queues.dead_letters(read)

    assert first.what == "3 messages are kept in failed-events."
    assert first.fix == "python -m ops replay --queue failed-events --stack dev"
    assert "docs/runbook.md#failed-events" in first.means
    assert second.id == "kept-undelivered"


def test_queues_that_are_gone_are_told():
    read = deployed(a_stack(BASIC), _queues={"failedEventsQueueUrl": None, "undeliveredQueueUrl": a_queue("u")})

    assert "failed-events does not exist" in only(queues.existing(read)).what


def test_a_check_that_one_may_not_make_is_itself_told():
    stack = a_stack()
    (quota,) = [check for check in CHECKS if check.id == "quota"]
    with answering(stack, "lambda", ("get_account_settings", "AccessDeniedException")):
        one = only(_look(quota, deployed(stack)))

    assert (one.id, one.level) == ("not-allowed-quota", "attention")
    assert "GetAccountSettings is not allowed to you" in one.what


def test_a_check_that_cannot_be_made_is_a_finding_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr("ops.reading.activity._MOST_LOG_PAGES", 0)
    (failing,) = [check for check in CHECKS if check.id == "failing"]
    stack = a_stack()
    with answering(stack, "logs", ("filter_log_events", logged((1, "x")))):
        one = only(_look(failing, deployed(stack, notify=a_function(), process=None, digest=None)))

    assert (one.id, one.level) == ("not-told-failing", "attention")
    assert one.fix.startswith("aws logs tail notify-logs")


def test_what_rules_cannot_be_read_is_told():
    read = deployed(notify=a_function(code_url="http://127.0.0.1:9/code"))

    assert only(people.rules(read)).id == "rules-unreadable"


def test_removals_are_asked_for_where_a_rule_wants_them_or_the_catalogue_follows():
    rules = (Rule(name="gone", to=("ann@example.com",), events=("removed",)),)

    assert uploads._wanted(deployed(a_stack(), rules=rules)) == {"s3:ObjectRemoved:*"}
    assert uploads._wanted(deployed(a_stack(ADVANCED), rules=())) == {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}


def test_every_check_has_its_own_name():
    assert len({check.id for check in CHECKS}) == len(CHECKS)


def logged(*lines):
    return {
        "events": [
            {"timestamp": int((NOW - timedelta(minutes=ago)).timestamp() * 1000), "message": line}
            for ago, line in lines
        ]
    }
