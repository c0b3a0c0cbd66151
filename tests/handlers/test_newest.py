"""The list of all files: each once, newest first, whatever happens between its pages, at the same cost at any size."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.topology import INDEX_SHARDS
from handlers.data import listing
from handlers.data.cursors import InvalidCursorError
from handlers.data.listing import STEPS_PER_PAGE, Latest
from handlers.data.month_index import index_key, index_keys
from tests.handlers.listed import BUCKETS, Endless, Table

IDS = [f"{number:08x}" + "0" * 23 + f"{number % 3}" for number in range(40)]
MONTHS = ("2026-01", "2026-02", "2026-04")


def at(moment: int) -> str:
    """Twelve moments, in three months: many files arrive at the same one."""
    return f"{MONTHS[moment // 4]}-15T12:00:0{moment % 4}.000Z"


def pages(listing, limit=50):
    """All pages, and what `between` them does not matter."""
    cursor = None
    while True:
        page = listing.newest(limit, cursor)
        yield page
        cursor = page.cursor
        if cursor is None:
            return


def listed(table, limit=50):
    return [item.id for page in pages(table.listing(), limit) for item in page.items]


changes = st.lists(
    st.one_of(
        st.tuples(st.just("upload"), st.sampled_from(IDS), st.integers(0, 11)),
        st.tuples(st.just("remove"), st.sampled_from(IDS), st.just(0)),
        st.tuples(st.just("expire"), st.sampled_from(IDS), st.just(0)),
    ),
    max_size=6,
)


@given(
    files=st.dictionaries(st.sampled_from(IDS), st.integers(0, 11), max_size=40),
    removed=st.sets(st.sampled_from(IDS)),
    steps=st.lists(st.tuples(st.integers(1, 7), changes), min_size=60, max_size=60),
)
def test_every_file_is_listed_once_and_in_order_while_others_come_and_go(files, removed, steps):
    table = Table()
    for file_id, moment in files.items():
        table.upload(file_id, at(moment), status="removed" if file_id in removed else "processed")
    untouched = files.keys() - removed
    seen, cursor = [], None
    for limit, done in steps:
        page = table.listing().newest(limit, cursor)
        assert len(page.items) <= limit
        seen += page.items
        cursor = page.cursor
        if cursor is None:
            break
        for kind, file_id, moment in done:
            untouched -= {file_id}
            if kind == "upload":
                table.upload(file_id, at(moment))
            elif file_id in table.items:
                table.remove(file_id) if kind == "remove" else table.items.pop(file_id)

    assert cursor is None
    assert all((later.time, later.id) < (earlier.time, earlier.id) for earlier, later in pairwise(seen))
    counts = Counter(item.id for item in seen)
    assert [file_id for file_id in untouched if counts[file_id] != 1] == []
    assert [file_id for file_id in removed & counts.keys() if file_id in untouched] == []


@given(st.sampled_from([1, 3, 10, 100]), st.dictionaries(st.sampled_from(IDS), st.integers(0, 11)))
def test_pages_of_any_size_are_the_same_list(limit, files):
    table = Table()
    for file_id, moment in files.items():
        table.upload(file_id, at(moment))

    assert listed(table, limit) == sorted(files, key=lambda file_id: (at(files[file_id]), file_id), reverse=True)


def test_an_upload_between_pages_shifts_nothing_also_in_a_shard_that_no_page_has_shown():
    table = Table()
    first, second, later = (f"{shard:08x}" + "0" * 24 for shard in (0, 1, 2))
    table.upload(first, "2026-02-01T00:00:02Z")
    table.upload(second, "2026-02-01T00:00:01Z")
    page = table.listing().newest(1)

    table.upload(later, "2026-02-01T00:00:03Z")

    assert [item.id for item in page.items] == [first]
    assert [item.id for item in table.listing().newest(5, page.cursor).items] == [second]


def test_an_empty_catalogue_is_one_empty_page_after_one_request():
    table = Table()

    (page,) = pages(table.listing())

    assert page.items == ()
    assert table.requests == ["BatchGetItem"]


def test_a_file_of_long_ago_is_on_the_first_page():
    table = Table()
    table.upload(IDS[0], "2008-03-01T00:00:00Z")

    (page,) = pages(table.listing())

    assert [item.id for item in page.items] == [IDS[0]]


def test_the_last_page_has_no_cursor_also_if_it_is_full():
    table = Table()
    for number, file_id in enumerate(IDS[:10]):
        table.upload(file_id, at(number))

    assert [len(page.items) for page in pages(table.listing(), 5)] == [5, 5]


def test_months_that_have_become_empty_end_a_page_and_hide_nothing():
    table = Table()
    months = [f"20{year}-{month:02}" for year in range(10, 15) for month in range(1, 13)]
    for month in months:
        table.remember(month)
    table.upload(IDS[0], "2010-01-01T00:00:00Z")

    found = list(pages(table.listing()))

    assert [item.id for page in found for item in page.items] == [IDS[0]]
    assert len(found) == len(months) // STEPS_PER_PAGE
    assert table.requests.count("Query") <= (len(months) + 2 * len(found)) * INDEX_SHARDS


def test_files_of_a_bucket_that_left_the_stack_are_not_listed():
    table = Table()
    table.upload(IDS[0], at(1))
    table.upload(IDS[1], at(2), bucket="left")

    assert listed(table) == [IDS[0]]


@pytest.mark.parametrize("removed", [12, 120, 600])
def test_the_newest_file_is_found_however_many_were_removed_after_it(removed):
    table = Table()
    table.upload("f" * 32, "2026-02-01T00:00:00Z")
    for number in range(removed):
        table.upload(f"{number:032x}", f"2026-02-02T00:{number // 60:02}:{number % 60:02}Z", status="removed")

    latest = table.listing().latest(1)

    assert [item.id for item in latest.items] == ["f" * 32]
    assert latest.is_complete


def test_a_search_for_the_newest_that_is_given_up_says_so(monkeypatch):
    table = Table()
    table.upload("f" * 32, "2026-02-01T00:00:00Z")
    for number in range(100):
        table.upload(f"{number:032x}", f"2026-02-02T00:{number // 60:02}:{number % 60:02}Z", status="removed")
    monkeypatch.setattr(listing, "STEPS_PER_PAGE", 2)

    assert table.listing().latest(1) == Latest(items=(), is_complete=False)


def test_the_newest_of_fewer_files_than_asked_for_are_all_there_are():
    table = Table()
    table.upload(IDS[0], at(0))

    latest = table.listing().latest(10)

    assert ([item.id for item in latest.items], latest.is_complete) == ([IDS[0]], True)
    assert Table().listing().latest(10).is_complete


@pytest.mark.parametrize("files", [1_000, 100_000, 1_000_000])
@pytest.mark.parametrize("deep", [0, 900])
def test_a_page_costs_the_same_at_any_size(files, deep):
    table = Endless(files=files)
    listing, cursor = table.listing(), None
    for _ in range(deep // 100):
        cursor = listing.newest(100, cursor).cursor
    table.requests.clear()
    table.items_read = 0

    page = listing.newest(50, cursor)

    assert [int(item.id[8:], 16) for item in page.items] == list(range(deep, deep + 50))
    assert Counter(table.requests) == {"BatchGetItem": 2, "Query": INDEX_SHARDS}  # the months, and the items
    assert table.items_read <= 150


@pytest.mark.parametrize("limit", [1, 10, 50, 100])
def test_shards_that_hold_unequal_shares_of_a_page_rarely_cost_another_request(limit):
    table = Table()
    for number in range(400):
        table.upload(
            f"{(number * 2654435761) % 2**32:08x}{number:024x}", f"2026-02-02T00:{number // 60:02}:{number % 60:02}Z"
        )
    table.requests.clear()

    found = list(pages(table.listing(), limit))

    assert table.requests.count("Query") <= 1.2 * len(found) * INDEX_SHARDS


def test_all_files_in_one_shard_are_listed_as_well():
    table = Table()
    for number in range(300):
        table.upload(f"{0:08x}{number:024x}", f"2026-02-02T00:{number // 60:02}:{number % 60:02}Z")

    assert listed(table) == [f"{0:08x}{number:024x}" for number in reversed(range(300))]


def test_more_files_of_one_moment_than_a_request_returns_are_all_listed():
    table = Table()
    ids = [f"{number % 2:08x}{number * 7919 % 997:024x}" for number in range(150)]
    for file_id in ids:
        table.upload(file_id, "2026-02-02T00:00:00.000Z")

    assert listed(table, 10) == sorted(set(ids), reverse=True)


def test_a_file_stays_in_its_shard_and_shards_get_as_many():
    ids = [f"{number * 2654435761 % 2**32:08x}" + "0" * 24 for number in range(4000)]

    counts = Counter(index_key(file_id, "2026-11-23T08:41:07.123Z") for file_id in ids)

    assert sorted(counts) == index_keys("2026-11")
    assert all(900 < count < 1100 for count in counts.values())


def test_a_list_of_other_buckets_is_read_from_the_months_of_their_regions():
    table = Table()
    table.upload(IDS[0], at(0))
    elsewhere = {**BUCKETS, "far": type(BUCKETS["uploads"])(meta=type(table.meta)(region_name="eu-west-1"))}

    assert [item.id for item in table.listing(elsewhere).newest(5).items] == [IDS[0]]


def test_a_cursor_of_a_prefix_is_none_of_this_list():
    table = Table()
    with pytest.raises(InvalidCursorError):
        table.listing().newest(5, "eyJwcmVmaXgiOiJhIiwiYWZ0ZXIiOiJhIn0")
