"""What is read of a bucket, and what of it cannot be."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from domain.events import file_id_of
from handlers.data.items import Item
from ops import command
from ops.reconcile.bucket import BucketListing, Unread
from ops.reconcile.comparison import Comparison
from tests.ops.parts import ADVANCED, BUCKET, EVERY_FILE, REGION, a_stack, answering, deployed, document, ops

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(days=1)


def version(key):
    return {"Key": key, "VersionId": "1", "IsLatest": True, "Size": 1, "ETag": '"e"', "LastModified": BEFORE}


def page(*keys, folders=(), more=False):
    return {
        "Versions": [version(key) for key in keys],
        "CommonPrefixes": [{"Prefix": folder} for folder in folders],
        "IsTruncated": more,
        **({"NextKeyMarker": keys[-1], "NextVersionIdMarker": "1"} if more else {}),
    }


def asked(prefix, **more):
    return {"Bucket": BUCKET, "Prefix": prefix, **more}


def listed(answer, *asked_for):
    return ("list_object_versions", answer, *asked_for)


def keys_of(listing):
    return [stored.key for stored_page in listing.pages() for stored in stored_page]


def read(*answers, prefix=""):
    """The keys that a listing reads, and what it could not."""
    stack = a_stack()
    with answering(stack, "s3", *answers):
        listing = BucketListing(s3=stack.aws.s3, bucket=BUCKET, prefix=prefix)
        return keys_of(listing), [(unread.prefix, unread.after) for unread in listing.unread]


def test_a_bucket_is_read_page_by_page():
    keys, unread = read(listed(page("a", "b", more=True), asked("")), listed(page("c")))

    assert (keys, unread) == (["a", "b", "c"], [])


def test_the_malware_scanners_test_object_is_nobodys_file():
    keys, _ = read(listed(page("a.txt", "malware-protection-resource-validation-object", "z.txt")))

    assert keys == ["a.txt", "z.txt"]


def test_a_folder_that_cannot_be_read_hides_no_other():
    keys, unread = read(
        listed("InternalError", asked("")),
        listed(page("top", folders=["a/", "bad/", "c/"]), asked("", Delimiter="/")),
        listed(page("a/1"), asked("a/")),
        listed("InternalError", asked("bad/")),
        listed("InternalError", asked("bad/", Delimiter="/")),
        listed(page("c/1"), asked("c/")),
    )

    assert keys == ["top", "a/1", "c/1"]
    assert unread == [("bad/", "")]


def test_what_was_read_before_a_page_failed_is_not_read_again():
    keys, unread = read(
        listed(page("a/1", "b/1", more=True), asked("")),
        listed("InternalError"),
        listed(page(folders=["b/", "c/"]), asked("", Delimiter="/", KeyMarker="b/1")),
        listed(page("b/2"), asked("b/", KeyMarker="b/1")),
        listed(page("c/1"), asked("c/", KeyMarker="b/1")),
    )

    assert (keys, unread) == (["a/1", "b/1", "b/2", "c/1"], [])


def test_folders_that_were_listed_before_a_failure_are_read():
    keys, unread = read(
        listed("InternalError", asked("")),
        listed({**page("1", folders=["a/"], more=True)}, asked("", Delimiter="/")),
        listed("InternalError"),
        listed(page("a/1"), asked("a/")),
    )

    assert (keys, unread) == (["1", "a/1"], [("", "a/")])


def test_a_bucket_of_which_nothing_can_be_read_is_an_error():
    with pytest.raises(ClientError, match="AccessDenied"):
        read(listed("AccessDenied", asked("")), listed("AccessDenied", asked("", Delimiter="/")))


def test_credentials_that_expire_end_the_listing():
    with pytest.raises(ClientError, match="ExpiredToken"):
        read(listed(page("a", more=True), asked("")), listed("ExpiredToken"))


@pytest.mark.parametrize(("key", "covered"), [("bad/2", True), ("bad/1", False), ("c/2", False)])
def test_an_unread_part_covers_the_keys_after_the_last_one_read(key, covered):
    assert Unread(prefix="bad/", after="bad/1", reason="").covers(key) is covered


class Catalogue:
    """A listing of these keys; `refuses` is raised by whatever reads it."""

    def __init__(self, *keys, refuses=None):
        self._items = {
            file_id_of(BUCKET, key): Item(
                id=file_id_of(BUCKET, key), bucket=BUCKET, key=key, region=REGION, status="processed", order="0A",
                time=BEFORE.isoformat(), version_id="1", etag="e",
            )
            for key in keys
        }  # fmt: skip
        self._refuses = refuses

    def items(self, ids):
        if self._refuses:
            raise self._refuses
        return [self._items[file_id] for file_id in ids if file_id in self._items]

    def newest(self, _limit, _cursor):
        if self._refuses:
            raise self._refuses
        return type("Page", (), {"items": list(self._items.values()), "cursor": None})


UNREADABLE_FOLDER = (
    listed("InternalError"),
    listed(page(folders=["bad/", "good/"])),
    listed("InternalError"),
    listed("InternalError"),
    listed(page("good/1")),
)


def test_a_file_in_a_folder_that_cannot_be_read_is_no_ghost():
    stack = a_stack()
    with answering(stack, "s3", *UNREADABLE_FOLDER):
        stored = BucketListing(s3=stack.aws.s3, bucket=BUCKET, prefix="")
        compared = Comparison(stored=stored, listing=Catalogue("bad/1", "good/2"), rules=[EVERY_FILE], until=NOW)
        differences = [(difference.kind, difference.key) for difference in compared.differences(lambda: None)]

    assert differences == [("missing", "good/1"), ("ghost", "good/2")]
    assert len(compared.unread) == 1
    assert compared.unread[0].startswith("keys under 'bad/': ")


def test_items_that_cannot_be_read_are_named_and_their_files_are_not_compared():
    stack = a_stack()
    refusal = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slower"}}, "BatchGetItem")
    with answering(stack, "s3", listed(page("a", "b"))):
        stored = BucketListing(s3=stack.aws.s3, bucket=BUCKET, prefix="")
        compared = Comparison(stored=stored, listing=Catalogue(refuses=refusal), rules=[EVERY_FILE], until=NOW)

        assert list(compared.differences(lambda: None)) == []

    assert compared.compared == 0
    assert [text.partition(":")[0] for text in compared.unread] == [
        "the items of 2 files from 'a'",
        "the catalogue's list of files",
    ]


@pytest.mark.parametrize("as_json", [False, True])
def test_what_could_not_be_read_is_reported_and_needs_attention(monkeypatch, as_json):
    stack = a_stack(ADVANCED)
    read_already = deployed(stack, rules=(EVERY_FILE,), listing=Catalogue("good/1"))
    monkeypatch.setattr(command, "choose", lambda **_: stack)
    monkeypatch.setattr("ops.reconcile.command.Deployed", lambda _: read_already)
    with answering(stack, "s3", *UNREADABLE_FOLDER):
        answer = ops("reconcile", "--stack", "dev", *(["--json"] if as_json else []))

    assert answer.exit_code == 1, answer.output
    if as_json:
        assert len(document(answer)["unread"]) == 1
        assert json.loads(answer.stdout)["files"] == []
    else:
        assert "⚠ not compared: keys under 'bad/': " in answer.stdout
        assert "1 file compared: no difference" in answer.stdout


@pytest.mark.parametrize(
    ("until", "hinted"), [((), True), (("--until", "now"), False)], ids=["by default", "until now"]
)
def test_a_comparison_of_nothing_says_that_new_files_are_left_out(monkeypatch, until, hinted):
    stack = a_stack(ADVANCED)
    monkeypatch.setattr(command, "choose", lambda **_: stack)
    monkeypatch.setattr(
        "ops.reconcile.command.Deployed", lambda _: deployed(stack, rules=(EVERY_FILE,), listing=Catalogue())
    )
    with answering(stack, "s3", listed(page())):
        answer = ops("reconcile", "--stack", "dev", *until)

    assert answer.exit_code == 0, answer.output
    assert "0 files compared: no difference" in answer.stdout
    assert ("Files of the last 15 minutes are left out." in answer.stdout) is hinted


def test_a_file_of_the_last_minutes_is_left_to_its_event(monkeypatch):
    stack = a_stack(ADVANCED)
    monkeypatch.setattr(command, "choose", lambda **_: stack)
    monkeypatch.setattr(
        "ops.reconcile.command.Deployed", lambda _: deployed(stack, rules=(EVERY_FILE,), listing=Catalogue())
    )
    newest = {**page("a.pdf"), "Versions": [{**version("a.pdf"), "LastModified": datetime.now(UTC)}]}
    with answering(stack, "s3", listed(newest)):
        answer = ops("reconcile", "--stack", "dev")

    assert answer.exit_code == 0, answer.output
    assert "0 files compared: no difference" in answer.stdout


def test_more_files_than_somebody_may_have_meant_are_not_notified_without_a_yes(monkeypatch):
    stack = a_stack(ADVANCED)
    monkeypatch.setattr(command, "choose", lambda **_: stack)
    monkeypatch.setattr(
        "ops.reconcile.command.Deployed", lambda _: deployed(stack, rules=(EVERY_FILE,), listing=Catalogue())
    )
    monkeypatch.setattr("ops.reconcile.command.MANY", 2)
    with answering(stack, "s3", listed(page("a", "b", "c"))):
        answer = ops("reconcile", "--stack", "dev", "--notify")

    assert answer.exit_code == 2, answer.output
    assert "this would notify about 3 files; add --yes, or --limit 2 for the first of them" in answer.stderr
