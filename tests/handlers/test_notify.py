"""The notify function in basic mode: every event is published once, unmatched, or raised for Lambda to retry."""

from __future__ import annotations

import json
import time

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from domain.events import UnreadableEventError
from domain.rules import InvalidRulesError
from domain.s3_events import file_event
from tests import emf
from tests.examples import EVENTS, TOPIC, a_rule, golden

EVERYTHING = a_rule(name="everything", events=("created", "removed", "restored"))

OUTCOMES = {"Published", "Unmatched", "Duplicate", "Failed"}


def with_keys(*keys):
    """One event of several uploads."""
    (record,) = golden("s3_put")["Records"]
    records = []
    for number, key in enumerate(keys):
        one = json.loads(json.dumps(record))
        one["s3"]["object"].update(key=key, sequencer=f"0055AED6DCD90282{number:02X}")
        records.append(one)
    return {"Records": records}


def sums_up(counted):
    """Whether every received event has an outcome."""
    return counted["Received"] == sum(count for name, count in counted.items() if name in OUTCOMES)


def test_an_upload_is_published_once(notify):
    notify.accepts()

    notify.invoke(golden("s3_put"))

    assert len(notify.published) == 1
    assert notify.published[0]["TopicArn"] == TOPIC
    assert notify.published[0]["Subject"] == "summary.pdf arrived in reports (182 KB)"


def test_an_upload_needs_no_answer(notify):
    notify.accepts()

    assert notify.invoke(golden("s3_put")) is None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("s3_put_plus_and_space", "red flower+1.jpg"),
        ("s3_put_unicode", "résumé/日本語 🚀.pdf"),
        ("eventbridge_created", "a+b.txt"),
        ("sns_s3_put", "red flower+1.jpg"),
        ("sqs_s3_put", "red flower+1.jpg"),
        ("sqs_sns_s3_put", "red flower+1.jpg"),
        ("sqs_sns_raw_s3_put", "red flower+1.jpg"),
        ("sqs_eventbridge_created", "a+b.txt"),
    ],
)
def test_an_upload_is_published_with_its_real_key_in_every_envelope(notify, name, key):
    notify.accepts()

    notify.invoke(golden(name))

    assert notify.keys_published == [key]


def test_every_record_of_an_event_is_published(notify):
    notify.follows(EVERYTHING)
    notify.accepts(3)

    notify.invoke(golden("s3_three_records"))

    assert notify.keys_published == ["a.txt", "b b.txt", "c+c.txt"]


@pytest.mark.parametrize(("name", "event"), [("s3_delete", "removed"), ("s3_restore_completed", "restored")])
def test_removed_and_restored_files_notify_the_rules_that_name_them(notify, name, event):
    notify.follows(EVERYTHING)
    notify.accepts()

    notify.invoke(golden(name))

    assert notify.published[0]["MessageAttributes"]["event"]["StringValue"] == event


def test_several_rules_are_one_publish(notify):
    notify.follows(a_rule(name="a"), a_rule(name="b", to=("https://hooks.example.com/",)))
    notify.accepts()

    notify.invoke(golden("s3_put"))

    attributes = notify.published[0]["MessageAttributes"]
    assert attributes["rules"]["StringValue"] == '["a", "b"]'
    assert attributes["deliver"]["StringValue"] == '["a"]'


@pytest.mark.parametrize("name", ["s3_folder_marker", "s3_delete", "s3_restore_completed"])
def test_an_event_without_a_rule_is_not_published(notify, name):
    notify.invoke(golden(name))

    assert notify.published == []
    assert notify.counted == {"Received": 1, "Unmatched": 1}


@pytest.mark.parametrize(
    "name",
    [
        "s3_test_event",
        "s3_tagging",
        "s3_unknown_event",
        "s3_restore_requested",
        "sns_s3_test_event",
        "eventbridge_tags_added",
    ],
)
def test_events_that_do_not_concern_a_file_are_acknowledged_and_counted(notify, name):
    notify.follows(EVERYTHING)

    assert notify.invoke(golden(name)) is None
    assert notify.counted == {"Received": 1, "Unmatched": 1}


def test_a_test_event_in_a_queue_is_acknowledged(notify):
    assert notify.invoke(golden("sqs_s3_test_event")) == {"batchItemFailures": []}
    assert notify.published == []


def test_the_same_record_twice_in_one_event_is_published_once(notify):
    event = golden("s3_put")
    notify.accepts()

    notify.invoke({"Records": event["Records"] * 2})

    assert len(notify.published) == 1
    assert notify.counted == {"Received": 2, "Published": 1, "MailsAtOnce": 1, "Duplicate": 1}


def test_two_uploads_of_one_key_are_published_twice(notify):
    notify.accepts(2)

    notify.invoke(with_keys("same.txt", "same.txt"))

    assert notify.keys_published == ["same.txt", "same.txt"]


def test_a_record_that_failed_is_retried_if_the_event_has_it_twice(notify):
    event = golden("s3_put")
    notify.refuses("Throttling")
    notify.accepts()

    with pytest.raises(ExceptionGroup):
        notify.invoke({"Records": event["Records"] * 2})

    assert len(notify.published) == 2


def test_a_record_that_cannot_be_published_does_not_stop_the_next_one(notify):
    notify.refuses("InternalError", 500)
    notify.accepts()

    with pytest.raises(ExceptionGroup, match="1 of 2 records failed"):
        notify.invoke(with_keys("first.txt", "second.txt"))

    assert notify.keys_published == ["first.txt", "second.txt"]
    assert notify.counted == {"Received": 2, "Published": 1, "MailsAtOnce": 1, "Failed": 1}


def test_a_record_that_cannot_be_read_does_not_stop_the_next_one(notify):
    event = with_keys("first.txt", "second.txt")
    del event["Records"][0]["s3"]
    notify.accepts()

    with pytest.raises(ExceptionGroup, match="1 of 2 records failed"):
        notify.invoke(event)

    assert notify.keys_published == ["second.txt"]


def test_all_failures_are_raised_together(notify):
    notify.refuses("Throttling")
    notify.refuses("InvalidParameter")

    with pytest.raises(ExceptionGroup) as caught:
        notify.invoke(with_keys("first.txt", "second.txt"))

    assert [failure.response["Error"]["Code"] for failure in caught.value.exceptions] == [
        "Throttling",
        "InvalidParameter",
    ]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("Throttling", 400),
        ("InternalError", 500),
        ("AuthorizationError", 403),
        ("InvalidParameter", 400),
        ("NotFound", 404),
        ("KMSDisabled", 400),
        ("KMSAccessDenied", 400),
    ],
)
def test_every_error_of_sns_is_raised_so_that_lambda_retries(notify, code, status):
    notify.refuses(code, status)

    with pytest.raises(ExceptionGroup):
        notify.invoke(golden("s3_put"))

    assert notify.counted == {"Received": 1, "Failed": 1}


@pytest.mark.parametrize(
    "error", [EndpointConnectionError(endpoint_url="https://sns"), ConnectTimeoutError(endpoint_url="https://sns")]
)
def test_a_failed_connection_to_sns_is_raised_so_that_lambda_retries(notify, error):
    def unreachable(_notification):
        raise error

    notifier = notify.module.Notifier(rules=[a_rule()], partition="aws", publish=unreachable)

    with pytest.raises(ExceptionGroup):
        notify.module.notify(golden("s3_put"), notifier, lambda: 30.0)


def test_a_retry_publishes_what_the_first_attempt_could_not(notify):
    notify.refuses("Throttling")
    notify.accepts()

    with pytest.raises(ExceptionGroup):
        notify.invoke(golden("s3_put"))
    notify.invoke(golden("s3_put"))

    assert notify.counted == {"Received": 2, "Failed": 1, "Published": 1, "MailsAtOnce": 1}


@pytest.mark.parametrize(
    "event",
    [{}, {"Records": None}, {"Records": "text"}, {"detail": {}}, {"Type": "Notification", "Message": "{"}],
    ids=str,
)
def test_an_unreadable_event_is_raised_so_that_lambda_dead_letters_it(notify, event):
    with pytest.raises(UnreadableEventError):
        notify.invoke(event)


@pytest.mark.parametrize("event", [[], None, "text", {"Records": [None]}, {"Records": ["text"]}], ids=str)
def test_an_event_of_an_unknown_shape_is_raised_too(notify, event):
    with pytest.raises((UnreadableEventError, AttributeError)):
        notify.invoke(event)


def test_an_event_without_records_is_done_at_once(notify):
    notify.invoke({"Records": []})

    assert notify.published == []


@pytest.mark.parametrize("name", sorted(path.stem for path in EVENTS.glob("*.json")))
def test_received_events_equal_the_sum_of_their_outcomes(notify, name):
    notify.follows(EVERYTHING)
    notify.accepts(3)

    notify.invoke(golden(name))

    assert sums_up(notify.counted)


def test_received_events_equal_the_sum_of_their_outcomes_also_when_many_fail(notify):
    notify.follows(a_rule(suffix=".txt"))
    notify.accepts()
    notify.refuses("Throttling")
    event = with_keys("published.txt", "refused.txt", "unmatched.pdf", "unreadable.txt", "marker/")
    event["Records"].append(event["Records"][0])
    del event["Records"][3]["s3"]

    with pytest.raises(ExceptionGroup):
        notify.invoke(event)

    assert notify.counted == {
        "Received": 6,
        "Published": 1,
        "MailsAtOnce": 1,
        "Failed": 2,
        "Unmatched": 2,
        "Duplicate": 1,
    }


def test_events_are_counted_before_they_are_worked_on_so_that_a_crash_shows_as_a_gap(notify):
    counted_before = []
    notifier = notify.module.Notifier(
        rules=[a_rule()], partition="aws", publish=lambda _notification: counted_before.append(notify.counted)
    )

    notify.module.notify(golden("s3_put"), notifier, lambda: 30.0)

    assert counted_before == [{"Received": 1}]


def test_received_events_and_their_outcomes_have_one_timestamp(notify, monkeypatch):
    now = int(time.time())  # Powertools warns of times that CloudWatch would not take: two weeks ago, in two hours
    minutes = iter([float(now), now + 60.0])
    monkeypatch.setattr(notify.module.time, "time", lambda: next(minutes))
    notify.accepts()

    notify.invoke(golden("s3_put"))

    counted = [entry["_aws"]["Timestamp"] for entry in emf.metrics(notify.log)]
    assert counted == [now * 1000] * 2


def test_mails_are_counted_by_address_and_only_those_that_sns_took(notify):
    both = ("ann@example.com", "bob@example.com", "+84901234567", "https://hooks.example.com/x")
    notify.follows(a_rule(name="a", to=both), a_rule(name="b", to=("ann@example.com",)))
    notify.accepts()
    notify.refuses("Throttling")

    with pytest.raises(ExceptionGroup):
        notify.invoke(with_keys("published.txt", "refused.txt"))

    assert notify.counted["MailsAtOnce"] == 2


def test_metrics_have_few_series(notify):
    notify.accepts()

    notify.invoke(golden("s3_put"))

    (group,) = {
        (group["Namespace"], str(group["Dimensions"]))
        for entry in emf.metrics(notify.log)
        for group in entry["_aws"]["CloudWatchMetrics"]
    }
    assert group == ("file-notifications/test", "[['service']]")


def test_every_decision_is_one_line_that_names_the_file(notify):
    notify.accepts()

    notify.invoke(golden("s3_put"))

    (line,) = notify.logged
    assert line["message"] == "published"
    assert line["level"] == "INFO"
    assert len(line["file_id"]) == 32
    assert line["event_name"] == "ObjectCreated:Put"
    assert line["request_id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


def test_each_record_gets_its_own_line(notify):
    notify.accepts()
    notify.refuses("Throttling")

    with pytest.raises(ExceptionGroup):
        notify.invoke(
            {"Records": [*with_keys("published.txt", "refused.txt")["Records"], *golden("s3_delete")["Records"]]}
        )

    assert [line["message"] for line in notify.logged] == ["published", "failed", "unmatched"]


@pytest.mark.parametrize("name", ["s3_put", "s3_delete", "s3_tagging"])
def test_a_log_line_about_a_success_names_no_people_and_no_content(notify, name):
    notify.accepts()

    notify.invoke(golden(name))

    logged = json.dumps(notify.logged)
    assert not [word for word in ("maria", "203.0.113.7", "summary", "userIdentity", "Records") if word in logged]


def test_a_log_line_about_a_failure_has_the_error_and_the_record(notify):
    notify.refuses("AuthorizationError", 403)

    with pytest.raises(ExceptionGroup):
        notify.invoke(golden("s3_put"))

    (line,) = notify.logged
    assert line["level"] == "ERROR"
    assert "AuthorizationError" in line["exception"]
    assert line["record"] == golden("s3_put")["Records"][0]
    assert line["file_id"] == file_event(line["record"]).file_id


def test_the_client_is_made_once_for_many_invocations(notify):
    made = []
    client = notify.module.boto3.client
    notify.module.boto3.client = lambda *args, **kwargs: made.append(args) or client(*args, **kwargs)
    notify.accepts(2)

    notify.invoke(golden("s3_put"))
    notify.invoke(golden("s3_put_versioned"))

    assert made == [("sns",)]


def test_a_function_without_its_rules_fails(notify):
    notify.rules_file.unlink()

    with pytest.raises(FileNotFoundError):
        notify.invoke(golden("s3_put"))


def test_a_function_with_malformed_rules_fails(notify):
    notify.rules_file.write_text('[{"name": "r"}]')

    with pytest.raises(InvalidRulesError):
        notify.invoke(golden("s3_put"))


def test_a_function_without_its_topic_fails(notify, monkeypatch):
    monkeypatch.delenv("TOPIC_ARN")

    with pytest.raises(KeyError, match="TOPIC_ARN"):
        notify.invoke(golden("s3_put"))


def test_links_lead_to_the_partition_of_the_topic(notify, monkeypatch):
    monkeypatch.setenv("TOPIC_ARN", TOPIC.replace("arn:aws:", "arn:aws-cn:"))
    notify.accepts()

    notify.invoke(golden("s3_put_china"))

    assert "https://cn-north-1.console.amazonaws.cn/" in json.loads(notify.published[0]["Message"])["email"]


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("eventbridge_expired_unversioned", ["logs/2024.txt"]),
        ("eventbridge_expired_current_version", ["logs/2024.txt"]),
        ("eventbridge_expired_old_version", []),
    ],
)
def test_of_what_lifecycle_deletes_only_files_are_published_and_no_old_versions(notify, name, published):
    notify.follows(EVERYTHING)
    if published:
        notify.accepts()

    notify.invoke(golden(name))

    assert notify.keys_published == published
