"""A bucket that the program did not make: its files are notified about, and nothing of it is changed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.events import file_id_of
from handlers.data.catalogue import Catalogue
from local.foreign_bucket import make_foreign_bucket
from tests.e2e.stack import EVERYONE, ROOT, Stack, running, wait_until

THEIRS, BESIDE = "bucket-of-another-team", "bucket-that-nobody-watches"
EXISTING = [{"name": THEIRS, "prefix": "incoming/"}]
CLIENTS = 8
# The storm's files are mailed to nobody: its digest would hold back the mails that the other tests wait for.
MAILED = {"name": "everyone", "suffix": ".pdf", "to": [EVERYONE]}


@pytest.fixture(
    scope="module",
    params=[pytest.param(mode, marks=pytest.mark.xdist_group(f"existing-{mode}")) for mode in ("basic", "advanced")],
)
def mode(request):
    return request.param


@pytest.fixture(scope="module")
def stack(tmp_path_factory, mode):
    settings = {"rules": [MAILED], "alarmEmails": ["operator@example.com"], "mailsPerMinute": 300}
    arguments = ("--bucket", THEIRS, "--bucket", BESIDE, "--mode", mode)
    with running(Stack(tmp_path_factory.mktemp(f"existing-{mode}"), *arguments, **settings)) as started:
        add_to(started, THEIRS)
        started.before = everything_set_on(started, THEIRS)
        started.rules = [
            MAILED,
            {"name": "changes", "events": ["removed"], "to": ["changes@example.com"], "bucket": THEIRS},
            {"name": "systems", "bucket": THEIRS, "to": [started.aws.arn("sqs", "systems")]},
        ]
        started.systems = started.aws.sqs.create_queue(QueueName="systems")["QueueUrl"]
        started.set(existingBuckets=EXISTING, rules=started.rules)
        yield started


def add_to(stack, bucket):
    """Another team's second notification, and files that were there before."""
    s3 = stack.aws.s3
    topic = stack.aws.sns.create_topic(Name="their-topic")["TopicArn"]
    configuration = s3.get_bucket_notification_configuration(Bucket=bucket)
    del configuration["ResponseMetadata"]
    configuration["TopicConfigurations"] = [
        {"Id": "their-topic", "TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]},
    ]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    s3.put_object(Bucket=bucket, Key="incoming/before.txt", Body=b"before")


def everything_set_on(stack, bucket):
    """The notification configuration byte for byte as S3 answers it, and whether anything else is set."""
    raw = []
    s3 = stack.aws.at("us-east-1").s3
    event = "before-parse.s3.GetBucketNotificationConfiguration"
    s3.meta.events.register(event, lambda response_dict, **_: raw.append(response_dict["body"]), unique_id=__name__)
    s3.get_bucket_notification_configuration(Bucket=bucket)
    s3.meta.events.unregister(event, unique_id=__name__)
    others = ("policy", "lifecycle_configuration", "cors", "tagging", "encryption")
    return raw[0], s3.get_bucket_versioning(Bucket=bucket)["Status"], [is_set(s3, bucket, name) for name in others]


def is_set(s3, bucket, name):
    try:
        getattr(s3, f"get_bucket_{name}")(Bucket=bucket)
    except s3.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return True


def upload(stack, key, body=b"hello", bucket=THEIRS):
    return stack.aws.s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]


def item(stack, key):
    return Catalogue(stack.aws.dynamodb, stack.outputs["tableName"]).read(file_id_of(THEIRS, key))


def test_a_file_is_mailed_with_its_bucket_and_without_a_person(stack, unique):
    upload(stack, f"incoming/{unique}.pdf")

    (mail,) = wait_until(lambda: stack.mails(unique, to=EVERYONE), "no mail")

    assert THEIRS in mail.body
    assert " by " not in mail.body.split("You get this")[0]


def test_a_removed_file_is_mailed_as_removed(stack, unique):
    upload(stack, f"incoming/{unique}.pdf")
    wait_until(lambda: stack.mails(unique, to=EVERYONE), "no mail")

    stack.aws.s3.delete_object(Bucket=THEIRS, Key=f"incoming/{unique}.pdf")

    (mail,) = wait_until(lambda: stack.mails(unique, to="changes@example.com"), "no mail about the removal")
    assert "was removed" in mail.subject


def test_files_outside_the_prefix_and_in_other_buckets_are_nobodys(stack, unique):
    upload(stack, f"elsewhere/{unique}.pdf")
    upload(stack, f"incoming/{unique}.pdf", bucket=BESIDE)
    upload(stack, f"incoming/{unique}-seen.pdf")

    wait_until(lambda: stack.mails(f"{unique}-seen", to=EVERYONE), "no mail")

    assert len(stack.mails(unique, to=EVERYONE)) == 1


def test_a_key_that_eventbridge_does_not_encode_arrives_as_it_is(stack, unique):
    key = f"incoming/{unique} a+b 100%25 é.pdf"
    upload(stack, key)

    (mail,) = wait_until(lambda: stack.mails(unique, to=EVERYONE), "no mail")

    assert key.split("/")[1] in mail.body


def test_in_mode_advanced_a_file_has_an_item_that_is_processed(stack, mode, unique):
    if mode == "basic":
        pytest.skip("basic mode has no catalogue")
    key = f"incoming/{unique}.txt"
    upload(stack, key, b"some text")

    shown = wait_until(lambda: (found := item(stack, key)) and found.status == "processed" and found, "not processed")
    assert (shown.bucket, shown.by, shown.content_type) == (THEIRS, "", "text/plain")

    stack.aws.s3.delete_object(Bucket=THEIRS, Key=key)
    wait_until(lambda: item(stack, key).status == "removed", "not removed")


def test_what_is_set_on_the_bucket_stays_as_it_is(stack, unique):
    upload(stack, f"incoming/{unique}.pdf")
    wait_until(lambda: stack.mails(unique, to=EVERYONE), "no mail")
    assert everything_set_on(stack, THEIRS) == stack.before

    stack.set(existingBuckets=[{"name": THEIRS}])
    assert everything_set_on(stack, THEIRS) == stack.before

    stack.set(existingBuckets=EXISTING)
    assert everything_set_on(stack, THEIRS) == stack.before


def test_what_the_rule_could_not_deliver_is_replayed_once(stack, unique):
    outputs = stack.outputs
    function = outputs["notifyFunctionName"]
    policy = json.loads(stack.aws.lambda_.get_policy(FunctionName=function)["Policy"])
    (permission,) = [s for s in policy["Statement"] if s["Principal"] == {"Service": "events.amazonaws.com"}]
    stack.aws.lambda_.remove_permission(FunctionName=function, StatementId=permission["Sid"])
    upload(stack, f"incoming/{unique}.pdf")
    wait_until(lambda: waiting(stack, outputs["failedEventsQueueUrl"]), "nothing in failed-events")

    stack.aws.lambda_.add_permission(
        FunctionName=function,
        StatementId=permission["Sid"],
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=permission["Condition"]["ArnLike"]["AWS:SourceArn"],
    )
    answer = operate(stack, "replay", "--queue", "failed-events")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    wait_until(lambda: stack.mails(unique, to=EVERYONE), "no mail")
    assert waiting(stack, outputs["failedEventsQueueUrl"]) == 0
    assert len(stack.mails(unique, to=EVERYONE)) == 1


def test_a_bucket_that_is_no_longer_watched_keeps_what_is_set_on_it(stack, unique):
    stack.set(rules=[MAILED], existingBuckets=[])
    upload(stack, f"incoming/{unique}.pdf")
    upload(stack, f"{unique}-own.pdf", bucket=stack.bucket)
    wait_until(lambda: stack.mails(f"{unique}-own", to=EVERYONE), "no mail")

    assert everything_set_on(stack, THEIRS) == stack.before
    assert len(stack.mails(unique, to=EVERYONE)) == 1
    assert stack.aws.client("events").list_rules()["Rules"] == []
    stack.set(rules=stack.rules, existingBuckets=EXISTING)


def test_no_upload_of_a_storm_is_lost_or_notified_twice(stack, unique, size):
    keys = [f"incoming/{unique}/{number}.txt" for number in range(size(300))]
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda key: upload(stack, key), keys))
    received: Counter[str] = Counter()

    def drain():
        answer = stack.aws.sqs.receive_message(QueueUrl=stack.systems, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            received.update([payload_in(message["Body"])["file"]["key"]])
            stack.aws.sqs.delete_message(QueueUrl=stack.systems, ReceiptHandle=message["ReceiptHandle"])
        return set(keys) <= set(received)

    wait_until(drain, f"{len(keys)} notifications", seconds=180)
    drain()
    assert {received[key] for key in keys} == {1}


def payload_in(body):
    """The JSON payload of a message, with SNS's envelope or without."""
    message = json.loads(body)
    return json.loads(message["Message"]) if "Message" in message else message


def operate(stack, *words):
    """`python -m ops …` on this stack."""
    command = [sys.executable, "-m", "ops", *words, "--ready-file", str(stack._ready_file)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def waiting(stack, queue_url):
    answer = stack.aws.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def test_watch_turns_the_switch_on_and_keeps_every_other_byte(stack, unique):
    bucket = f"switched-off-{unique}"
    make_foreign_bucket(stack.aws, bucket)
    add_to(stack, bucket)
    s3 = stack.aws.s3
    entries = s3.get_bucket_notification_configuration(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            name: entries[name] for name in ("QueueConfigurations", "TopicConfigurations") if name in entries
        },
    )
    (before, *others) = everything_set_on(stack, bucket)

    shown = operate(stack, "watch", bucket)
    assert (shown.returncode, everything_set_on(stack, bucket)) == (1, (before, *others)), shown.stderr
    assert "another-program" in shown.stdout
    assert "their-topic" in shown.stdout

    written = operate(stack, "watch", bucket, "--yes")
    (after, *others_after) = everything_set_on(stack, bucket)
    assert written.returncode == 0, written.stderr
    assert re.sub(rb"<EventBridgeConfiguration\s*/>", b"", after) == before
    assert (after != before, others_after) == (True, others)


def test_doctor_reports_what_keeps_events_away_and_nothing_once_it_is_repaired(stack):
    events = stack.aws.client("events")
    (rule,) = [watched["ruleName"] for watched in stack.outputs["existingBuckets"]]
    s3 = stack.aws.s3
    configuration = s3.get_bucket_notification_configuration(Bucket=THEIRS)
    del configuration["ResponseMetadata"], configuration["EventBridgeConfiguration"]
    events.disable_rule(Name=rule)
    s3.put_bucket_notification_configuration(Bucket=THEIRS, NotificationConfiguration=configuration)

    assert found_by_doctor(stack) == {"existing-rule-disabled", "existing-switched-off"}

    events.enable_rule(Name=rule)
    assert operate(stack, "watch", THEIRS, "--yes").returncode == 0
    assert found_by_doctor(stack) == set()


def found_by_doctor(stack):
    """The findings about existing buckets."""
    answer = json.loads(operate(stack, "doctor", "--json").stdout)
    return {finding["id"] for finding in answer["findings"] if finding["id"].startswith("existing-")}
