"""A file is inspected again through the work queue, without a function of ours in between."""

import json

import pytest

from domain.events import file_id_of
from tests.api.people import refusal
from tests.e2e.stack import wait_until


@pytest.fixture
def processed(stack, maria, unique) -> str:
    """The id of a file that has been inspected."""
    stack.upload(f"{unique}/note.txt", b"one line\n")
    file_id = file_id_of(stack.bucket, f"{unique}/note.txt")
    maria.wait_for(file_id)
    return file_id


@pytest.fixture
def empty_work(stack) -> str:
    """The work queue, without what other tests have put into it."""
    queue = stack.outputs["workQueueUrl"]
    stack.aws.sqs.purge_queue(QueueUrl=queue)
    return queue


@pytest.fixture
def work(stack, empty_work):
    """The same, while nobody takes anything out of it but the test."""
    queue = empty_work
    arn = stack.aws.arn("sqs", queue.rpartition("/")[2])
    (mapping,) = stack.aws.lambda_.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]
    stack.aws.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield queue
    stack.aws.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def forget_what_was_found(stack, file_id: str) -> None:
    stack.aws.dynamodb.update_item(
        TableName=stack.outputs["tableName"],
        Key={"id": {"S": file_id}},
        UpdateExpression="SET #status = :received REMOVE sha256, facts, processedAt",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":received": {"S": "received"}},
    )


def test_a_file_is_inspected_again(stack, maria, processed):
    before = maria.found(f"/files/{processed}")
    forget_what_was_found(stack, processed)

    answer = maria.call("POST", f"/files/{processed}/reprocess")

    assert (answer.status_code, answer.json()) == (202, {"id": processed})
    assert maria.wait_for(processed)["sha256"] == before["sha256"]


def test_a_message_in_the_work_queue_says_which_file_and_who_asked(stack, maria, work):
    maria.call("POST", f"/files/{'c' * 32}/reprocess")

    found = stack.messages(work, "c" * 32)

    assert json.loads(found[0]) == {
        "schema": "file-notifications/reprocess/1",
        "id": "c" * 32,
        "requestedBy": "maria",
    }


@pytest.mark.parametrize("id_", ['"},"id":"x', "%22%7D", "a%26Action%3DPurgeQueue", "$util", "%23set($a=1)", "é"])
def test_no_id_breaks_out_of_its_place_in_the_message(stack, maria, work, id_):
    answer = maria.call("POST", f"/files/{id_}/reprocess")

    if answer.status_code == 202:
        (body,) = stack.messages(work, "reprocess/1")
        assert json.loads(body).keys() == {"schema", "id", "requestedBy"}
        assert json.loads(body)["requestedBy"] == "maria"
        assert json.loads(body)["id"] == answer.json()["id"]
    else:
        refusal(answer, 400, 404)


@pytest.mark.parametrize("id_", ["d" * 32, "no-file", "x" * 3000])
def test_an_id_that_no_file_has_harms_nobody(stack, maria, empty_work, id_):
    assert maria.call("POST", f"/files/{id_}/reprocess").status_code == 202

    wait_until(lambda: stack.waiting_in(empty_work) == 0, "still in the queue")
    refusal(maria.get(f"/files/{id_}"), 404)


def test_a_removed_file_is_not_brought_back(stack, maria, processed, empty_work):
    maria.call("DELETE", f"/files/{processed}")
    maria.wait_for(processed, "removed")

    maria.call("POST", f"/files/{processed}/reprocess")

    wait_until(lambda: stack.waiting_in(empty_work) == 0, "still in the queue")
    assert maria.found(f"/files/{processed}")["status"] == "removed"


def test_a_body_that_is_not_json_is_refused(maria):
    answer = maria.call("POST", f"/files/{'c' * 32}/reprocess", content="x", headers={"Content-Type": "text/plain"})
    assert "application/json" in refusal(answer, 415)
