"""The counts of each day agree with what happened on it."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.events import file_id_of
from tests.e2e.stack import wait_until


class Day:
    """A day on which nothing arrives but what one test reports: what others do, and midnight, change today's counts."""

    def __init__(self, stack, maria, days_ago: int) -> None:
        self.stack, self.maria = stack, maria
        self.date = (datetime.now(UTC) - timedelta(days=days_ago)).date().isoformat()

    def happens(self, key: str, *, sequencer: str, **event) -> None:
        """notify is invoked with an event of this day, newer than those that S3 itself sends."""
        record = self.stack.record(key, sequencer=sequencer, **event)
        record["eventTime"] = f"{self.date}T12:00:00.000Z"
        record["s3"]["object"]["size"] = 1234
        self.stack.invoke({"Records": [record]})

    def counts(self) -> dict:
        """As of now: they may be a quarter of a minute old otherwise."""
        table, key = self.stack.outputs["tableName"], {"id": {"S": f"day#{self.date}"}}
        self.stack.aws.dynamodb.delete_item(TableName=table, Key=key)
        (found,) = [day for day in self.maria.found("/stats")["days"] if day["date"] == self.date]
        return found


@pytest.fixture
def day(stack, maria):
    """day(10) is the day ten days ago."""
    return lambda days_ago: Day(stack, maria, days_ago)


def test_there_are_thirty_days_and_today_is_the_last(maria):
    before = datetime.now(UTC).date()
    dates = [day["date"] for day in maria.found("/stats")["days"]]

    assert len(dates) == 30
    assert dates == sorted(dates)
    assert before.isoformat() <= dates[-1] <= datetime.now(UTC).date().isoformat()


def test_the_files_of_a_day_are_those_in_each_state(maria, put_all, unique):
    put_all(f"{unique}/a.bin")

    day = maria.found("/stats")["days"][-1]

    assert day["files"] == day["processed"] + day["failed"] + day["waiting"] + day["removed"]


def test_an_upload_adds_one_file_and_its_bytes(stack, maria, unique, day):
    then = day(10)
    before = then.counts()

    stack.upload(f"{unique}/a.bin", b"x" * 1234)
    then.happens(f"{unique}/a.bin", sequencer="F" * 16)
    maria.wait_for(file_id_of(stack.bucket, f"{unique}/a.bin"))

    after = then.counts()
    assert after["files"] - before["files"] == after["processed"] - before["processed"] == 1
    assert after["bytes"] - before["bytes"] == 1234


def test_a_removal_moves_a_file_from_one_state_to_another(stack, maria, unique, day):
    then = day(20)
    stack.upload(f"{unique}/a.bin", b"x" * 1234)
    then.happens(f"{unique}/a.bin", sequencer="F" * 16)
    maria.wait_for(file_id_of(stack.bucket, f"{unique}/a.bin"))
    before = then.counts()

    then.happens(f"{unique}/a.bin", sequencer="F" * 17, name="ObjectRemoved:DeleteMarkerCreated")

    after = then.counts()
    assert after["files"] == before["files"]
    assert (after["removed"] - before["removed"], after["processed"] - before["processed"]) == (1, -1)


def test_the_latest_files_are_the_first_of_the_list(stack, maria, unique):
    stack.upload(f"{unique}/latest.txt")
    maria.wait_for(file_id_of(stack.bucket, f"{unique}/latest.txt"))

    # Another test's file may change between the two answers.
    wait_until(lambda: maria.found("/stats")["latest"] == maria.found("/files", limit=10)["files"], "they differ")
