"""Events that cannot be published go to the failed-events queue, whole; events of no file are acknowledged."""

import json
from base64 import b64decode

import pytest

from tests import emf
from tests.e2e.stack import EVERYONE

TEST_EVENT = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b", "Time": "2026-11-23T08:41:07.000Z"}


@pytest.fixture
def broken_topic(stack):
    """The function publishes to a topic that does not exist, until the test is over."""
    name = stack.outputs["notifyFunctionName"]
    environment = stack.aws.lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    broken = {**environment, "TOPIC_ARN": f"{environment['TOPIC_ARN']}-gone"}
    stack.aws.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": broken})
    yield
    stack.aws.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": environment})


def test_an_event_that_cannot_be_published_is_in_the_failed_events_queue_whole(stack, unique, broken_topic):
    version = stack.upload(f"lost+found/{unique}", b"hello")

    (message,) = stack.messages(stack.outputs["failedEventsQueueUrl"], unique)
    failed = json.loads(message)
    (event,) = failed["requestPayload"]["Records"]
    assert event["eventName"] == "ObjectCreated:Put"
    assert event["s3"]["bucket"]["name"] == stack.bucket
    assert event["s3"]["object"]["key"] == f"lost%2Bfound/{unique}"
    assert (event["s3"]["object"]["versionId"], event["s3"]["object"]["size"]) == (version, 5)
    assert failed["requestContext"]["condition"] == "RetriesExhausted"
    assert stack.mails(unique) == []


def test_an_event_that_cannot_be_read_is_in_the_failed_events_queue_and_its_neighbours_are_published(stack, unique):
    event = {"Records": [stack.record(f"{unique}-good"), {"eventName": "ObjectCreated:Put", "note": unique}]}

    stack.invoke(event, asynchronously=True)

    (message,) = stack.messages(stack.outputs["failedEventsQueueUrl"], unique)
    assert json.loads(message)["requestPayload"] == event
    stack.wait_for_mails(f"{unique}-good")


def test_several_records_in_one_event_are_published_one_by_one(stack, unique):
    stack.invoke({"Records": [stack.record(f"{unique}-{number}") for number in range(3)]}, asynchronously=True)

    mails = stack.wait_for_mails(unique, count=3)
    assert sorted(mail.subject for mail in mails) == [f"{unique}-{number} arrived (7 bytes)" for number in range(3)]
    assert "by maria" in mails[0].body


def test_one_record_twice_in_one_event_is_published_once(stack, unique):
    stack.invoke({"Records": [stack.record(unique)] * 2}, asynchronously=True)

    stack.wait_for_mails(unique)
    stack.settle(unique)
    assert len(stack.mails(unique, to=EVERYONE)) == 1


@pytest.mark.parametrize("in_a_list", [False, True], ids=["as S3 sends it", "in a list"])
def test_the_test_event_of_s3_is_acknowledged(stack, in_a_list):
    event = {"Records": [TEST_EVENT]} if in_a_list else TEST_EVENT

    # Its own log: other tests' events may be under way.
    answer = stack.aws.lambda_.invoke(
        FunctionName=stack.outputs["notifyFunctionName"], Payload=json.dumps(event), LogType="Tail"
    )

    assert "FunctionError" not in answer
    assert emf.counted(b64decode(answer["LogResult"]).decode()) == {"Received": 1, "Unmatched": 1}
