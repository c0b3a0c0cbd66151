"""One list of several regions' files: bucket by bucket under a prefix, and nothing of a bucket that left the stack."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

from domain.events import file_id_of
from handlers.data.batch_get import BATCH_GET_ATTEMPTS, UnreadItemsError, batch_get
from handlers.data.cursors import InvalidCursorError
from handlers.data.listing import Listing
from handlers.logic.files import MAX_CURSOR
from tests.examples import as_cursor

HOME, FAR = "home-bucket", "far-bucket"
REGIONS = {HOME: "us-east-1", FAR: "ap-southeast-1"}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def client(service, region="us-east-1"):
    return boto3.client(service, region_name=region, aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def stubs():
    clients = {"dynamodb": client("dynamodb"), **{name: client("s3", region) for name, region in REGIONS.items()}}
    found = {name: Stubber(one) for name, one in clients.items()}
    for one in found.values():
        one.activate()
    yield found
    for one in found.values():
        one.assert_no_pending_responses()


@pytest.fixture
def listing(stubs):
    buckets = {name: stubs[name].client for name in REGIONS}
    return Listing(dynamodb=stubs["dynamodb"].client, table="files", buckets=buckets)


@pytest.fixture
def holds(stubs):
    """holds(HOME, ["a/1"], limit=2) answers one listing of a bucket; its files are in no catalogue."""

    def answer(bucket, keys, *, limit, prefix="a/", after="", more=False):
        contents = [{"Key": key, "LastModified": NOW, "Size": 1, "ETag": '"e"'} for key in keys]
        asked = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": limit, "StartAfter": after}
        stubs[bucket].add_response("list_objects_v2", {"Contents": contents, "IsTruncated": more}, asked)
        if keys:
            stubs["dynamodb"].add_response("batch_get_item", {"Responses": {"files": []}}, {"RequestItems": ANY})

    return answer


def shown(page):
    return [(item.bucket, item.region, item.key) for item in page.items]


def test_a_page_goes_on_in_the_next_region_where_the_first_ends(listing, holds):
    holds(HOME, ["a/1"], limit=3)
    holds(FAR, ["a/1", "a/2"], limit=2)

    page = listing.under("a/", 3)

    assert shown(page) == [(HOME, "us-east-1", "a/1"), (FAR, "ap-southeast-1", "a/1"), (FAR, "ap-southeast-1", "a/2")]
    assert page.cursor is None


def test_a_file_that_the_catalogue_does_not_have_is_stored_and_not_received(listing, holds):
    holds(HOME, ["a/1"], limit=1)

    assert [item.status for item in listing.under("a/", 1).items] == ["stored"]


def test_a_file_that_came_back_is_stored_while_its_item_still_says_removed(stubs, listing):
    stubs[HOME].add_response(
        "list_objects_v2",
        {"Contents": [{"Key": "a/1", "LastModified": NOW, "Size": 1, "ETag": '"e"'}], "IsTruncated": False},
    )
    values = {"id": file_id_of(HOME, "a/1"), "bucket": HOME, "key": "a/1", "region": "us-east-1", "status": "removed"}
    item = {name: {"S": value} for name, value in values.items()}
    stubs["dynamodb"].add_response("batch_get_item", {"Responses": {"files": [item]}})

    assert [item.status for item in listing.under("a/", 1).items] == ["stored"]


def unread(*ids):
    return {"files": {"Keys": [{"id": {"S": file_id}} for file_id in ids]}}


def test_what_dynamodb_leaves_unread_is_asked_for_again(stubs, monkeypatch):
    monkeypatch.setattr("handlers.data.batch_get.time.sleep", lambda _: None)
    for answer, left in (("a", ["b", "c"]), ("b", ["c"]), ("c", [])):
        found = {"Responses": {"files": [{"id": {"S": answer}}]}, "UnprocessedKeys": unread(*left) if left else {}}
        stubs["dynamodb"].add_response("batch_get_item", found)

    assert [item["id"]["S"] for item in batch_get(stubs["dynamodb"].client, "files", "abc")] == ["a", "b", "c"]


def test_items_that_stay_unread_are_an_error_and_no_shorter_list(stubs, monkeypatch):
    monkeypatch.setattr("handlers.data.batch_get.time.sleep", lambda _: None)
    for _ in range(BATCH_GET_ATTEMPTS):
        stubs["dynamodb"].add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": unread("a")})

    with pytest.raises(UnreadItemsError):
        list(batch_get(stubs["dynamodb"].client, "files", ["a"]))


def test_a_full_page_does_not_ask_the_next_region_and_the_next_page_begins_there(listing, holds):
    holds(HOME, ["a/1"], limit=1)
    first = listing.under("a/", 1)

    holds(FAR, ["a/1"], limit=1)
    second = listing.under("a/", 1, first.cursor)

    assert [shown(page)[0][0] for page in (first, second)] == [HOME, FAR]
    assert second.cursor is None


def test_a_page_that_ends_within_a_further_region_goes_on_after_its_last_key(listing, holds):
    holds(HOME, [], limit=1)
    holds(FAR, ["a/1"], limit=1, more=True)
    first = listing.under("a/", 1)

    holds(FAR, ["a/2"], limit=1, after="a/1")

    assert shown(listing.under("a/", 1, first.cursor)) == [(FAR, "ap-southeast-1", "a/2")]


@pytest.mark.parametrize("character", ["a", "é", "語", "🚀"])
def test_the_cursor_of_the_longest_key_is_no_longer_than_any_that_is_taken(listing, holds, character):
    prefix = character * (1020 // len(character.encode()))
    holds(HOME, [f"{prefix}-1"], limit=1, prefix=prefix, more=True)

    assert len(listing.under(prefix, 1).cursor) <= MAX_CURSOR


@pytest.mark.parametrize("source", ["unknown/", f"{HOME}/", "", 7, [f"{FAR}/"]])
def test_a_cursor_of_a_region_that_is_none_is_refused(listing, source):
    with pytest.raises(InvalidCursorError):
        listing.under("a/", 1, as_cursor({"prefix": "a/", "after": "", "source": source}))


def test_a_cursor_that_points_behind_its_prefix_in_a_further_region_is_refused(listing):
    with pytest.raises(InvalidCursorError, match="another prefix"):
        listing.under("a/", 1, as_cursor({"prefix": "a/", "after": "b/1", "source": f"{FAR}/"}))


def test_only_what_is_watched_of_a_bucket_is_listed(stubs, holds):
    buckets = {name: stubs[name].client for name in REGIONS}
    prefixes = {HOME: ("a/b/", "x/"), FAR: ("",)}
    listing = Listing(dynamodb=stubs["dynamodb"].client, table="files", buckets=buckets, prefixes=prefixes)
    holds(HOME, ["a/b/1"], limit=3, prefix="a/b/")
    holds(FAR, ["a/2"], limit=2)

    page = listing.under("a/", 3)

    assert shown(page) == [(HOME, "us-east-1", "a/b/1"), (FAR, "ap-southeast-1", "a/2")]


def test_a_page_goes_on_in_the_next_watched_prefix_of_the_same_bucket(stubs, holds):
    buckets = {HOME: stubs[HOME].client}
    prefixes = {HOME: ("a/1/", "a/2/")}
    listing = Listing(dynamodb=stubs["dynamodb"].client, table="files", buckets=buckets, prefixes=prefixes)
    holds(HOME, ["a/1/x"], limit=1, prefix="a/1/")
    holds(HOME, ["a/2/y"], limit=1, prefix="a/2/")

    first = listing.under("a/", 1)
    second = listing.under("a/", 1, first.cursor)

    assert [item.key for item in (*first.items, *second.items)] == ["a/1/x", "a/2/y"]
    assert second.cursor is None


COMPOSED, DECOMPOSED = "Übergabe/", "U\u0308bergabe/"


@pytest.mark.parametrize(("typed", "other"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_prefix_is_looked_for_as_typed_and_then_in_its_other_form(listing, holds, typed, other):
    holds(HOME, [f"{typed}1"], limit=3, prefix=typed)
    holds(FAR, [], limit=2, prefix=typed)
    holds(HOME, [f"{other}2"], limit=2, prefix=other)
    holds(FAR, [], limit=1, prefix=other)

    page = listing.under(typed, 3)

    assert [item.key for item in page.items] == [f"{typed}1", f"{other}2"]
    assert page.cursor is None


def test_a_page_that_ends_between_two_forms_goes_on_with_the_second(listing, holds):
    holds(HOME, [f"{COMPOSED}1"], limit=1, prefix=COMPOSED, more=False)

    first = listing.under(COMPOSED, 1)
    holds(FAR, [], limit=1, prefix=COMPOSED)
    holds(HOME, [f"{DECOMPOSED}2"], limit=1, prefix=DECOMPOSED)
    second = listing.under(COMPOSED, 1, first.cursor)

    assert [item.key for page in (first, second) for item in page.items] == [f"{COMPOSED}1", f"{DECOMPOSED}2"]


def test_a_cursor_of_another_spelling_of_another_prefix_is_refused(listing):
    with pytest.raises(InvalidCursorError, match="another prefix"):
        listing.under(COMPOSED, 1, as_cursor({"prefix": "Ubergabe/", "after": "Ubergabe/1"}))
