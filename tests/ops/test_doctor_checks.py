"""What `doctor` finds in stacks that are hard to break for real."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from domain.rules import Rule
from ops.doctor import advanced, functions, queues, uploads
from ops.doctor.checks import CHECKS
from ops.doctor.command import _findings
from tests.ops.parts import (
    ADVANCED,
    BASIC,
    EVERY_FILE,
    NOW,
    a_function,
    a_queue,
    a_stack,
    answering,
    by_id,
    clock_of,
    deployed,
    only,
)


@pytest.fixture(autouse=True)
def _clock():
    with clock_of("ops.doctor.advanced", "ops.doctor.functions"):
        yield


def test_a_bucket_in_another_region_is_reported_with_the_setting_that_moves_the_stack():
    stack = a_stack()
    with answering(stack, "s3", ("head_bucket", {"BucketRegion": "us-east-1"})):
        finding = only(uploads.bucket(deployed(stack)))

    assert finding.id == "bucket-region"
    assert "is in us-east-1, the stack is in eu-west-1" in finding.what
    assert finding.fix == "pulumi config set --stack dev aws:region us-east-1 && pulumi up --stack dev"


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


def test_a_deleted_bucket_is_missing():
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
def test_a_notification_configuration_that_leaves_files_out_is_reported(configuration, ids):
    stack, notify = a_stack(), a_function()
    answer = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": notify.arn, **configuration}]}
    with answering(stack, "s3", ("get_bucket_notification_configuration", answer)):
        assert set(by_id(uploads.notification(deployed(stack, notify=notify, rules=(EVERY_FILE,))))) == ids


def test_a_notification_configuration_shared_with_others_needs_attention():
    stack, notify = a_stack(), a_function()
    answer = {
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": notify.arn, "Events": ["s3:ObjectCreated:*"]}],
        "QueueConfigurations": [{"Id": "theirs", "QueueArn": a_queue("theirs").arn, "Events": ["s3:ObjectRemoved:*"]}],
    }
    with answering(stack, "s3", ("get_bucket_notification_configuration", answer)):
        finding = only(uploads.notification(deployed(stack, notify=notify, rules=(EVERY_FILE,))))

    assert (finding.id, finding.level) == ("notification-shared", "attention")
    assert "QueueConfiguration theirs" in finding.what


@pytest.mark.parametrize(("limit", "ids"), [(10, {"concurrency-quota"}), (11, set()), (1000, set())])
def test_the_quota_of_a_new_account_is_too_small(limit, ids):
    stack = a_stack()
    answer = {"AccountLimit": {"ConcurrentExecutions": limit}}
    with answering(stack, "lambda", ("get_account_settings", answer)):
        assert set(by_id(functions.quota(deployed(stack)))) == ids


def test_the_fix_of_a_small_quota_requests_a_higher_one():
    stack = a_stack()
    with answering(stack, "lambda", ("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}})):
        assert "--quota-code L-B99A9384 --desired-value 1000" in only(functions.quota(deployed(stack))).fix


def test_a_missing_function_and_one_that_is_not_ready_are_reported():
    stack = a_stack(ADVANCED)
    broken = a_function(state="Failed", state_reason="The role is gone.")

    ids = set(by_id(functions.existing(deployed(stack, notify=broken, digest=None, **no_process()))))

    assert ids == {"function-state-notify", "function-missing-digest"}


def no_process(*mappings):
    return {"process": None, "work_mappings": list(mappings)}


def test_a_missing_process_function_is_found_by_its_event_source_mapping():
    gone = no_process({"FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:process"})
    read = deployed(a_stack(ADVANCED), notify=a_function(), digest=a_function(), **gone)

    assert set(by_id(functions.existing(read))) == {"function-missing-process"}


@pytest.mark.parametrize(("queue", "ids"), [("failed-events", []), ("other", ["on-failure-missing"])])
def test_an_on_failure_destination_other_than_the_failed_events_queue_is_reported(queue, ids):
    stack, destination = a_stack(), {"OnFailure": {"Destination": a_queue(queue).arn}}
    read = deployed(stack, notify=a_function(), _queues={"failedEventsQueueUrl": a_queue("failed-events")})
    with answering(stack, "lambda", ("get_function_event_invoke_config", {"DestinationConfig": destination})):
        assert [finding.id for finding in functions.on_failure(read)] == ids


def test_a_function_without_an_on_failure_destination_is_reported():
    read = deployed(a_stack(), notify=a_function(), _queues={"failedEventsQueueUrl": a_queue("failed-events")})
    with answering(read.stack, "lambda", ("get_function_event_invoke_config", "ResourceNotFoundException")):
        assert only(functions.on_failure(read)).id == "on-failure-missing"


def test_an_on_failure_destination_that_may_not_be_read_is_not_taken_to_be_there():
    read = deployed(a_stack(), notify=a_function(), _queues={"failedEventsQueueUrl": a_queue("failed-events")})
    with (
        answering(read.stack, "lambda", ("get_function_event_invoke_config", "AccessDeniedException")),
        pytest.raises(ClientError, match="AccessDenied"),
    ):
        list(functions.on_failure(read))


def test_a_function_that_failed_and_then_succeeded_is_not_failing():
    stack, notify = a_stack(), a_function()
    lines = [(9, '{"level":"ERROR","message":"failed","exception":"a\\nTopicNotFound: gone"}'), (1, '{"level":"INFO"}')]
    with answering(stack, "logs", ("filter_log_events", logged(*lines))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None))) == []


def test_the_time_of_log_lines_counts_and_not_their_order():
    stack, notify = a_stack(), a_function()
    lines = [(1, '{"level":"INFO"}'), (9, '{"level":"ERROR","message":"failed"}'), (20, '{"level":"INFO"}')]
    with answering(stack, "logs", ("filter_log_events", logged(*lines))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None))) == []


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"level":"ERROR","message":"failed","exception":"a\\nTopicNotFound: gone"}', "TopicNotFound: gone"),
        ("2026-11-23T12:00:00Z 1 Task timed out after 30.00 seconds", "Task timed out after 30.00 seconds"),
        ("[ERROR] Runtime.ImportModuleError: no module named 'x'", "no module named 'x'"),
    ],
)
def test_a_failing_function_is_reported_with_its_error(line, error):
    stack, notify = a_stack(), a_function()
    with answering(stack, "logs", ("filter_log_events", logged((20, '{"level":"INFO"}'), (9, line)))):
        finding = only(functions.failing(deployed(stack, notify=notify, process=None, digest=None)))

    assert error in finding.what
    assert finding.fix == "aws logs tail notify-logs --since 1h --region eu-west-1"


def test_receiving_events_is_no_success():
    received = '{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"Received"}]}]},"Received":[1]}'
    stack, notify = a_stack(), a_function()
    with answering(stack, "logs", ("filter_log_events", logged((9, "[ERROR] x"), (8, received)))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None)))


def test_a_success_in_the_moment_of_a_failure_does_not_end_it():
    worked = '{"level":"INFO","message":"published"}'
    stack, notify = a_stack(), a_function()
    with answering(stack, "logs", ("filter_log_events", logged((9, worked), (9, "[ERROR] x")))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None)))


def test_a_zero_counter_is_no_success():
    nothing = '{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"Published"}]}]},"Published":[0]}'
    stack, notify = a_stack(), a_function()
    with answering(stack, "logs", ("filter_log_events", logged((9, "[ERROR] x"), (8, nothing)))):
        assert list(functions.failing(deployed(stack, notify=notify, process=None, digest=None)))


def test_a_missing_table_is_reported_with_the_restore_before_the_deployment():
    finding = only(advanced.table(deployed(a_stack(ADVANCED), table=None)))

    assert finding.id == "table-missing"
    assert "restore it from a point in time" in finding.means


@pytest.mark.parametrize(
    ("there", "ids"), [(["audit-log"], set()), (["audit-log-2"], {"audit-log-missing"}), ([], {"audit-log-missing"})]
)
def test_an_audit_log_that_is_gone_is_reported(there, ids):
    stack = a_stack(ADVANCED)
    listed = {"logGroups": [{"logGroupName": name} for name in there]}
    with answering(stack, "logs", ("describe_log_groups", listed, {"logGroupNamePrefix": "audit-log"})):
        findings = by_id(advanced.audit_log(deployed(stack)))

    assert set(findings) == ids


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
def test_a_table_without_its_index_is_reported(table, ids):
    assert set(by_id(advanced.table(deployed(a_stack(ADVANCED), table=table)))) == ids


@pytest.mark.parametrize(("age", "lines", "ids"), [(60, 0, {"schedule-stale"}), (60, 1, set()), (1, 0, set())])
def test_a_schedule_that_no_longer_invokes_its_function_is_stale(age, lines, ids):
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
        assert set(by_id(advanced.schedule(read))) == ids


def test_a_missing_event_source_mapping_is_reported():
    read = deployed(a_stack(ADVANCED), work_mappings=[], _queues={"workQueueUrl": a_queue("work")})

    assert only(advanced.mapping(read)).id == "mapping-missing"


@pytest.mark.parametrize(
    ("state", "ids"),
    [("Enabled", set()), ("Updating", set()), ("Disabling", {"mapping-disabled"}), ("Disabled", {"mapping-disabled"})],
)
def test_an_event_source_mapping_that_reads_nothing_is_reported(state, ids):
    source = {"UUID": "1", "State": state, "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    read = deployed(a_stack(ADVANCED), work_mappings=[source], _queues={"workQueueUrl": a_queue("work")})

    assert set(by_id(advanced.mapping(read))) == ids


def test_failed_messages_are_reported_with_the_command_that_replays_them():
    names = ("failedEventsQueueUrl", "undeliveredQueueUrl")
    read = deployed(a_stack(BASIC), _queues={name: a_queue(name, waiting=2, in_flight=1) for name in names})

    first, second = queues.failed_messages(read)

    assert first.what == "3 messages are in failed-events."
    assert first.fix == "python -m ops replay --queue failed-events --stack dev"
    assert "docs/runbook.md#failed-events" in first.means
    assert second.id == "failed-messages-undelivered"


@pytest.mark.parametrize("name", ["work", "digest"])
def test_a_queue_that_lost_its_dead_letter_queue_is_reported(name):
    dead_letters = {"workDeadLettersUrl": a_queue("work-dead"), "digestDeadLettersUrl": a_queue("digest-dead")}
    redrive = {
        source: {"deadLetterTargetArn": dead_letters[f"{source}DeadLettersUrl"].arn} for source in ("work", "digest")
    }
    known = {f"{source}QueueUrl": a_queue(source, redrive=redrive[source]) for source in redrive} | dead_letters
    healthy = deployed(a_stack(ADVANCED), _queues=known)
    broken = deployed(a_stack(ADVANCED), _queues={**known, f"{name}QueueUrl": a_queue(name)})

    assert list(queues.redrive(healthy)) == []
    assert only(queues.redrive(broken)).id == f"redrive-{name}"


def test_missing_queues_are_reported():
    read = deployed(a_stack(BASIC), _queues={"failedEventsQueueUrl": None, "undeliveredQueueUrl": a_queue("u")})

    assert "The failed-events queue failed-events does not exist" in only(queues.existing(read)).what


def test_a_check_that_is_not_allowed_is_a_finding():
    stack = a_stack()
    (quota,) = [check for check in CHECKS if check.id == "quota"]
    with answering(stack, "lambda", ("get_account_settings", "AccessDeniedException")):
        finding = only(_findings(quota, deployed(stack)))

    assert (finding.id, finding.level) == ("not-allowed-quota", "attention")
    assert "you are not allowed to call GetAccountSettings" in finding.what


def test_a_check_that_cannot_run_is_a_finding(monkeypatch):
    monkeypatch.setattr("ops.reading.activity._MOST_LOG_PAGES", 0)
    (failing,) = [check for check in CHECKS if check.id == "failing"]
    stack = a_stack()
    with answering(stack, "logs", ("filter_log_events", logged((1, "x")))):
        finding = only(_findings(failing, deployed(stack, notify=a_function(), process=None, digest=None)))

    assert (finding.id, finding.level) == ("not-checked-failing", "attention")
    assert finding.fix.startswith("aws logs tail notify-logs")


def test_removal_events_are_configured_for_a_rule_or_the_catalogue():
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
