"""Events that arrive through an SQS queue: only the messages that failed are reported as failed."""

from __future__ import annotations

import json

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from tests.examples import golden


def batch(*bodies):
    """SQS messages with these bodies, called message-1, message-2 and so on."""
    (message,) = golden("sqs_s3_put")["Records"]
    return {"Records": [{**message, "messageId": f"message-{n}", "body": body} for n, body in enumerate(bodies, 1)]}


def upload(key):
    event = golden("s3_put")
    event["Records"][0]["s3"]["object"].update(key=key, sequencer=key.encode().hex().upper())
    return json.dumps(event)


def failed(answer):
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def test_every_message_is_published_and_none_is_reported_as_failed(notify):
    notify.accepts(2)

    answer = notify.invoke(batch(upload("a.txt"), upload("b.txt")))

    assert notify.keys_published == ["a.txt", "b.txt"]
    assert failed(answer) == []


def test_only_the_message_that_could_not_be_published_is_reported_as_failed(notify):
    notify.accepts()
    notify.refuses("Throttling")
    notify.accepts()

    answer = notify.invoke(batch(upload("a.txt"), upload("b.txt"), upload("c.txt")))

    assert failed(answer) == ["message-2"]
    assert notify.keys_published == ["a.txt", "b.txt", "c.txt"]


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '"text"', "null", '{"hello": "world"}', '{"Records": [{}]}', "9" * 5000]
)
def test_a_message_that_is_no_event_is_reported_as_failed_alone(notify, body):
    notify.accepts(2)

    answer = notify.invoke(batch(upload("a.txt"), body, upload("c.txt")))

    assert failed(answer) == ["message-2"]
    assert notify.keys_published == ["a.txt", "c.txt"]


def test_one_poison_message_among_ten_delays_no_other(notify):
    notify.accepts(9)

    answer = notify.invoke(batch(*(upload(f"{n}.txt") if n != 4 else "poison" for n in range(10))))

    assert failed(answer) == ["message-5"]
    assert len(notify.published) == 9


def test_a_batch_that_fails_as_a_whole_is_a_failed_invocation(notify):
    notify.refuses("Throttling")
    notify.refuses("Throttling")

    with pytest.raises(BatchProcessingError):
        notify.invoke(batch(upload("a.txt"), upload("b.txt")))


def test_a_test_event_among_others_is_done(notify):
    notify.accepts()

    answer = notify.invoke(batch(json.dumps(golden("s3_test_event")), upload("a.txt")))

    assert failed(answer) == []
    assert notify.counted == {"Received": 2, "Unmatched": 1, "Published": 1, "MailsAtOnce": 1}


def test_a_message_with_several_uploads_is_reported_as_failed_when_one_of_them_fails(notify):
    both = {"Records": [*json.loads(upload("a.txt"))["Records"], *json.loads(upload("b.txt"))["Records"]]}
    notify.accepts()
    notify.refuses("Throttling")
    notify.accepts()

    answer = notify.invoke(batch(json.dumps(both), upload("c.txt")))

    assert failed(answer) == ["message-1"]


def test_the_same_upload_in_two_messages_of_a_batch_is_published_once(notify):
    notify.accepts(2)

    answer = notify.invoke(batch(upload("a.txt"), upload("a.txt")))

    assert failed(answer) == []
    assert notify.keys_published == ["a.txt"]


def test_events_received_through_a_queue_equal_the_sum_of_their_outcomes(notify):
    notify.accepts()
    notify.refuses("Throttling")

    notify.invoke(batch(upload("a.txt"), upload("b.txt"), upload("folder/").replace("186368", "0")))

    assert notify.counted == {"Received": 3, "Published": 1, "MailsAtOnce": 1, "Failed": 1, "Unmatched": 1}
