"""A basic stack that becomes an advanced one while it runs: what is stored stays, and a storm is survived."""

from __future__ import annotations

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from domain.events import file_id_of
from handlers.data.catalogue import Catalogue
from handlers.data.listing import Listing
from tests.e2e.stack import EVERYONE, Stack, running, wait_until
from tests.examples import as_config

pytestmark = pytest.mark.xdist_group("switched")  # they share a stack

AT_ONCE = "at-once@example.com"
RULES = [
    {"name": "storms", "prefix": "storm/", "to": [EVERYONE]},
    {"name": "at once", "prefix": "now/", "to": [AT_ONCE], "delivery": "immediate"},
]
BASIC_RULES = [{name: value for name, value in rule.items() if name != "delivery"} for rule in RULES]
CLIENTS = 16
MAILS_PER_MINUTE = 4


@pytest.fixture(scope="module")
def basic(tmp_path_factory):
    """Data are protected, as they are by default."""
    with running(Stack(tmp_path_factory.mktemp("switched"), emails=[EVERYONE])) as started:
        yield started


@pytest.fixture(scope="module")
def before(basic):
    """What there was before: a file, and what the stack was made of."""
    basic.upload("before/report.pdf", b"kept")
    basic.wait_for_mails("before/report.pdf")
    return basic.outputs


@pytest.fixture(scope="module")
def stack(basic, before):
    basic.set(mode="advanced", rules=RULES, emails=[], alarmEmails=[EVERYONE], mailsPerMinute=str(MAILS_PER_MINUTE))
    return basic


@pytest.fixture
def unique() -> str:
    """In a key, it makes the test's own mails and messages known."""
    return uuid4().hex[:12]


@pytest.fixture
def catalogue(stack):
    return Catalogue(stack.aws.dynamodb, stack.outputs["tableName"])


def subjects(stack: Stack, key: str, *, deliveries: int) -> list[str]:
    """Of the mails about one file, once none of so many deliveries of its events is under way.

    On a slow machine a delivery may find its event leased in all three attempts: it is in the failed-events queue then.
    """

    def ended() -> bool:
        given_up = stack.waiting_in(stack.outputs["failedEventsQueueUrl"])
        return len(stack.decisions(key)) + given_up >= deliveries

    wait_until(ended, f"{deliveries} deliveries of {key} have not ended")
    return [mail.subject for mail in stack.mails(key, to=AT_ONCE)]


def test_nothing_that_was_there_is_replaced_and_what_is_stored_stays(stack, before):
    now = stack.outputs

    assert {name: now[name] for name in before if name != "mode"} == {k: v for k, v in before.items() if k != "mode"}
    assert stack.aws.s3.get_object(Bucket=stack.bucket, Key="before/report.pdf")["Body"].read() == b"kept"


def test_it_refuses_to_become_basic_again_while_its_data_are_protected(stack):
    answer = stack.local("set", "mode", "basic", "rules", as_config(BASIC_RULES))

    assert answer.returncode != 0
    assert "protect" in answer.stderr
    assert stack.outputs["mode"] == "advanced"


def test_the_same_event_eight_times_at_once_is_one_mail_and_one_item(stack, unique, catalogue):
    key = f"now/{unique}"
    event = {"Records": [stack.record(key, sequencer="0055AED6DCD90281E5")]}
    with ThreadPoolExecutor(8) as deliveries:
        list(deliveries.map(lambda _: stack.invoke(event, asynchronously=True), range(8)))
    stack.wait_for_mails(key, to=AT_ONCE)

    assert subjects(stack, key, deliveries=8) == [f"{unique} arrived in now (7 bytes)"]
    assert catalogue.read(file_id_of(stack.bucket, key)).notified == "immediate"


def test_an_older_event_after_a_newer_leaves_the_item_and_says_that_it_is_late(stack, unique, catalogue):
    key = f"now/{unique}"
    stack.invoke({"Records": [stack.record(key, sequencer="0055AED6DCD90281E6")]})
    item = catalogue.read(file_id_of(stack.bucket, key))
    stack.invoke({"Records": [stack.record(key, sequencer="0055AED6DCD90281E5")]})
    stack.wait_for_mails(key, to=AT_ONCE, count=2)

    assert catalogue.read(item.id).order == item.order
    assert sorted(subjects(stack, key, deliveries=2)) == [
        f"{unique} arrived in now (7 bytes)",
        f"{unique} arrived in now (7 bytes), late",
    ]


def test_a_removal_that_comes_before_its_upload_stays(stack, unique, catalogue):
    key = f"now/{unique}"
    stack.invoke({"Records": [stack.record(key, sequencer="0055AED6DCD90281E6", name="ObjectRemoved:Delete")]})
    stack.invoke({"Records": [stack.record(key, sequencer="0055AED6DCD90281E5")]})
    stack.wait_for_mails(key, to=AT_ONCE)

    assert catalogue.read(file_id_of(stack.bucket, key)).status == "removed"
    assert subjects(stack, key, deliveries=2) == [f"{unique} arrived in now (7 bytes), late"]


def test_a_storm_of_sixteen_clients_is_processed_whole_and_mailed_in_few(stack, unique, size):
    """500 files at full size; and a poison message, which moves to the dead-letter queue and delays no other."""
    queue, dead_letters = stack.outputs["workQueueUrl"], stack.outputs["workDeadLettersUrl"]
    fewer_receives(stack, queue, 1)  # of five: the fifth is a quarter of an hour after the first
    stack.aws.sqs.send_message(QueueUrl=queue, MessageBody=f"poison {unique}")
    files = {f"storm/{unique}/{number:03}.txt": f"file {number}\n".encode() * number for number in range(size(500))}
    already = len(stack.mails(to=EVERYONE))
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda key: stack.upload(key, files[key]), files))

    def processed() -> dict[str, str]:
        items = Listing(
            dynamodb=stack.aws.dynamodb, table=stack.outputs["tableName"], buckets={stack.bucket: stack.aws.s3}
        ).items([file_id_of(stack.bucket, key) for key in files])
        return {item.key: item.sha256 for item in items if item.status == "processed"}

    wait_until(
        lambda: stack.waiting_in(queue) <= 1, "the work is not done", seconds=400
    )  # the poison message is retried
    wait_until(lambda: len(processed()) == len(files), f"{len(files)} files are not processed", seconds=400)
    assert processed() == {key: hashlib.sha256(content).hexdigest() for key, content in files.items()}

    # A file may be processed before the copy for the next digest is in that queue.
    digest = stack.outputs["digestQueueUrl"]
    wait_until(
        lambda: notified(stack, already)[1] + stack.waiting_in(digest) >= len(files), "not all files are in a queue"
    )
    stack.aws.lambda_.invoke(FunctionName=stack.outputs["digestFunctionName"])
    wait_until(
        lambda: notified(stack, already)[1] >= len(files), f"fewer than {len(files)} files in mails", seconds=400
    )  # the files of a digest that was on its way are in the one after it
    at_once, files_mailed = notified(stack, already)
    assert files_mailed == len(files)
    assert at_once <= 10
    assert stack.messages(dead_letters, unique) == [f"poison {unique}"]


def fewer_receives(stack: Stack, queue: str, count: int) -> None:
    names: Any = ["RedrivePolicy"]
    redrive = json.loads(
        stack.aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"][names[0]]
    )
    stack.aws.sqs.set_queue_attributes(
        QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps({**redrive, "maxReceiveCount": count})}
    )


def notified(stack: Stack, already: int) -> tuple[int, int]:
    """How many mails were about one file, and how many files all mails are about."""
    subjects = [mail.subject for mail in stack.mails(to=EVERYONE)[already:]]
    counts = [int(found[1]) for subject in subjects if (found := re.match(r"(\d+) files arrived", subject))]
    single = len(subjects) - len(counts)
    return single, single + sum(counts)


def test_without_a_topic_an_event_moves_to_the_failed_events_queue_whole(stack, unique):
    key = f"now/{unique}"
    name = stack.outputs["notifyFunctionName"]
    environment = stack.aws.lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    broken = {**environment, "TOPIC_ARN": f"{environment['TOPIC_ARN']}-gone"}
    stack.aws.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": broken})
    try:
        event = {"Records": [stack.record(key, sequencer="0055AED6DCD90281E5")]}
        stack.invoke(event, asynchronously=True)
        (kept,) = stack.messages(stack.outputs["failedEventsQueueUrl"], unique)
    finally:
        stack.aws.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": environment})

    assert json.loads(kept)["requestPayload"] == event
