"""A file is inspected again through the work queue of its region."""

import json

import pytest

from domain.events import file_id_of
from domain.messages import REPROCESS_SCHEMA
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
def work(stack):
    """The work queue, while nobody takes anything out of it but the test. What others have requested is done."""
    queue = stack.outputs["workQueueUrl"]
    wait_until(lambda: stack.waiting_in(queue) == 0, "the work is not done")
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


def test_a_message_in_the_work_queue_says_which_file_and_who_asked(stack, maria, processed, work):
    maria.call("POST", f"/files/{processed}/reprocess")

    found = stack.messages(work, processed)

    assert json.loads(found[0]) == {
        "schema": "file-notifications/reprocess/1",
        "id": processed,
        "requestedBy": "maria",
    }


@pytest.mark.parametrize(
    "id_", ["c" * 32, "no-file", "x" * 3000, '"},"id":"x', "%22%7D", "a%26Action%3DPurgeQueue", "é"]
)
def test_an_id_that_no_file_has_is_not_found_and_queues_nothing(stack, maria, processed, work, id_):
    refusal(maria.call("POST", f"/files/{id_}/reprocess"), 404)

    # Uploads of other tests may be in the queue as well: it is the next request that has to be the first.
    maria.call("POST", f"/files/{processed}/reprocess")
    assert [json.loads(body)["id"] for body in stack.messages(work, REPROCESS_SCHEMA)] == [processed]


def test_a_removed_file_is_not_brought_back(stack, maria, processed):
    maria.call("DELETE", f"/files/{processed}")
    maria.wait_for(processed, "removed")

    maria.call("POST", f"/files/{processed}/reprocess")

    wait_until(lambda: stack.waiting_in(stack.outputs["workQueueUrl"]) == 0, "still in the queue")
    assert maria.found(f"/files/{processed}")["status"] == "removed"
