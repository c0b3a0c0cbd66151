"""What is claimed is listed: newest first, over months and shards, as DynamoDB answers."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from handlers.data.catalogue import Catalogue
from handlers.data.listing import Listing
from handlers.data.stats import Stats
from tests.advanced.conftest import Settle
from tests.advanced.uploads import created, hidden


@pytest.fixture
def listing(catalogue: Catalogue) -> Listing:
    bucket = created("any", "01").bucket
    region = SimpleNamespace(meta=SimpleNamespace(region_name=catalogue.client.meta.region_name))
    return Listing(dynamodb=catalogue.client, table=catalogue.table, buckets={bucket: region})


@pytest.fixture
def upload(settle: Settle):
    """upload(number, time) is one of a file of that number."""
    return lambda number, time: settle(created(f"{number}.txt", f"{number:04X}", time=time))


def listed(listing, limit):
    """The keys of each page."""
    pages, cursor = [], None
    while True:
        page = listing.newest(limit, cursor)
        pages.append([item.key for item in page.items])
        cursor = page.cursor
        if cursor is None:
            return pages


def test_files_of_several_months_are_one_list_newest_first(listing, upload):
    times = [f"2040-0{month}-07T10:00:{second:02}.000Z" for month in (1, 2, 5) for second in range(7)]
    for number, time in enumerate(times):
        upload(number, time)

    pages = listed(listing, 4)

    assert [key for page in pages for key in page] == [f"{number}.txt" for number in reversed(range(21))]
    assert [len(page) for page in pages] == [4, 4, 4, 4, 4, 1]


def test_files_of_one_moment_are_each_listed_once(listing, upload):
    for number in range(40):
        upload(number, "2040-05-20T09:59:58.000Z")

    keys = [key for page in listed(listing, 3) for key in page]

    assert sorted(keys) == sorted(f"{number}.txt" for number in range(40))


def test_a_file_uploaded_again_moves_to_the_front_also_from_another_month(listing, settle, upload):
    upload(1, "2040-01-07T10:00:00.000Z")
    upload(2, "2040-01-07T10:00:01.000Z")

    settle(created("1.txt", "FF", time="2040-05-20T09:59:58.000Z"))

    assert listed(listing, 5) == [["1.txt", "2.txt"]]


def test_a_removed_file_is_not_listed_and_its_place_in_a_cursor_still_is_one(listing, settle, upload):
    for number in range(3):
        upload(number, f"2040-05-20T09:59:5{number}.000Z")
    page = listing.newest(1)

    settle(hidden("2.txt", "FF"))

    assert [item.key for item in page.items] == ["2.txt"]
    assert [item.key for item in listing.newest(5, page.cursor).items] == ["1.txt", "0.txt"]
    assert listed(listing, 5) == [["1.txt", "0.txt"]]


def test_a_day_is_counted_over_all_shards(catalogue, listing, clock, upload):
    for number in range(12):
        upload(number, f"2040-05-20T09:59:{number:02}.000Z")
    upload(20, "2040-05-19T23:59:59.999Z")
    stats = Stats(dynamodb=catalogue.client, table=catalogue.table, listing=listing, clock=clock)

    *_, before, today = stats.days(lambda: False)

    assert (before["files"], today["files"], today["waiting"]) == (1, 12, 12)
    assert today["bytes"] == 12 * created("any", "01").size


def test_a_day_that_takes_too_long_to_count_is_left_out_and_counted_by_a_later_call(catalogue, listing, clock, upload):
    upload(1, "2040-05-20T09:59:58.000Z")
    stats = Stats(dynamodb=catalogue.client, table=catalogue.table, listing=listing, clock=clock)
    answers = iter([False, True])  # enough in the middle of the first day

    assert stats.days(lambda: next(answers, True)) == []
    assert stats.days(lambda: False)[-1]["files"] == 1


def test_a_day_is_stored_for_good_once_its_last_files_had_an_hour_to_be_processed(catalogue, listing, clock, upload):
    stats = Stats(dynamodb=catalogue.client, table=catalogue.table, listing=listing, clock=clock)
    clock.now = datetime(2040, 5, 21, 0, 59, tzinfo=UTC).timestamp()
    upload(1, "2040-05-20T23:59:58.000Z")
    assert stats.days(lambda: False)[-2]["files"] == 1

    clock.advance(120)
    upload(2, "2040-05-20T23:59:59.000Z")
    settled = stats.days(lambda: False)[-2]["files"]
    clock.advance(3600)
    upload(3, "2040-05-20T23:59:59.500Z")

    assert (settled, stats.days(lambda: False)[-2]["files"]) == (2, 2)
