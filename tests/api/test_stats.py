"""The counts of each day agree with what happened on it."""

import pytest

from domain.events import file_id_of


@pytest.fixture
def counted_afresh(stack, maria):
    """Today's counts as of now: they may be a quarter of a minute old otherwise."""

    def count() -> dict:
        today = maria.found("/stats")["days"][-1]
        stack.aws.dynamodb.delete_item(TableName=stack.outputs["tableName"], Key={"id": {"S": f"day#{today['date']}"}})
        return maria.found("/stats")["days"][-1]

    return count


def test_there_are_thirty_days_and_today_is_the_last(maria):
    dates = [day["date"] for day in maria.found("/stats")["days"]]

    assert len(dates) == 30
    assert dates == sorted(dates)


def test_the_files_of_a_day_are_those_in_each_state(counted_afresh):
    day = counted_afresh()
    assert day["files"] == day["processed"] + day["failed"] + day["waiting"] + day["removed"]


def test_an_upload_adds_one_file_and_its_bytes(stack, maria, unique, counted_afresh):
    before = counted_afresh()

    stack.upload(f"{unique}/a.bin", b"x" * 1234)
    maria.wait_for(file_id_of(stack.bucket, f"{unique}/a.bin"))

    after = counted_afresh()
    assert after["files"] - before["files"] == after["processed"] - before["processed"] == 1
    assert after["bytes"] - before["bytes"] == 1234


def test_a_removal_moves_a_file_from_one_state_to_another(stack, maria, unique, counted_afresh):
    stack.upload(f"{unique}/a.bin")
    file_id = file_id_of(stack.bucket, f"{unique}/a.bin")
    maria.wait_for(file_id)
    before = counted_afresh()

    maria.call("DELETE", f"/files/{file_id}")
    maria.wait_for(file_id, "removed")

    after = counted_afresh()
    assert after["files"] == before["files"]
    assert (after["removed"] - before["removed"], after["processed"] - before["processed"]) == (1, -1)


def test_the_latest_files_are_the_first_of_the_list(stack, maria, unique):
    stack.upload(f"{unique}/latest.txt")
    maria.wait_for(file_id_of(stack.bucket, f"{unique}/latest.txt"))

    assert maria.found("/stats")["latest"] == maria.found("/files", limit=10)["files"]
