"""Every act through the API is on record before it takes effect; so is every refusal, and none has a link in it."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import given

from domain.access import ACTS as EVERYTHING
from domain.access import Grant
from domain.audit import LONGEST_TEXT, audit_line_in
from domain.events import file_id_of
from handlers.data.audit_log import UnrecordedError
from handlers.data.items import Item
from handlers.data.listing import Listing
from handlers.logic.access import ForbiddenError
from handlers.logic.audit import Audit
from handlers.logic.files import FilesApi
from handlers.logic.gate import Gate, NotCleanError
from handlers.logic.multipart import PART_BYTES
from handlers.logic.person import Person
from tests.handlers.audited import MARIA, Lines
from tests.handlers.test_rights import files, grants, people
from tests.handlers.two_buckets import World as TwoBuckets

BUCKET, KEY = "uploads", "invoices/a.txt"
FILE = Item(
    id=file_id_of(BUCKET, KEY),
    bucket=BUCKET,
    key=KEY,
    region="eu-west-1",
    status="processed",
    order="1",
    time="2026-11-23T08:41:07Z",
    version_id="v1",
    content_type="text/plain",
)
UPLOAD = {"name": "b.txt", "size": 7, "contentType": "text/plain"}
STARTED = {"key": "people/maria/b.bin", "uploadId": "u", "size": PART_BYTES * 30, "firstPart": 21}

ACTS = {
    "download": lambda api, who: api.download_file(FILE.id, who),
    "preview": lambda api, who: api.preview_file(FILE.id, who),
    "delete": lambda api, who: api.delete_file(FILE.id, who),
    "reprocess": lambda api, who: api.reprocess_file(FILE.id, who),
    "upload": lambda api, who: api.create_upload(UPLOAD, who),
    "multipart-upload": lambda api, who: api.create_multipart_upload(UPLOAD, who),
    "part-links": lambda api, who: api.sign_multipart_upload(STARTED, who),
}
ON_A_FILE = ["download", "preview", "delete", "reprocess"]


class World:
    """A catalogue with one file, and everything that happens, in order."""

    def __init__(self, item: Item | None = FILE, *, fails: Exception | None = None) -> None:
        self.log = Lines()
        self.happened: list[str] = []
        self.fails = fails
        self.item = item
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        self.s3 = boto3.client("s3", region_name="eu-west-1", config=Config(signature_version="s3v4"), **keys)

    def api(self, audit: Audit | None = None, **parts: Any) -> FilesApi:
        given: dict[str, Any] = {
            "catalogue": SimpleNamespace(read=lambda _id: self.item),
            "listing": Listing(dynamodb=None, table="", buckets={BUCKET: self.s3}),  # type: ignore[arg-type]
            "stats": None,
            "bucket": BUCKET,
            "work": {BUCKET: lambda _message: self.happen("queued")},
            "uploader": lambda _person: self.s3,
            "remover": lambda *_: SimpleNamespace(delete_object=lambda **_: self.happen("deleted")),
            "audit": audit or self.log.audit,
            "max_upload_bytes": 10**11,
        }
        return FilesApi(**{**given, **parts})

    def happen(self, what: str) -> None:
        self.happened.append(f"{what} after {len(self.log.lines)} lines")
        if self.fails:
            raise self.fails


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_one_line_that_says_who_what_and_from_where(act):
    world = World()

    ACTS[act](world.api(), MARIA)

    (line,) = world.log.lines
    assert {name: value for name, value in line.items() if name not in ("file", "parts")} == {
        "schema": "file-notifications/audit/1",
        "time": "2026-11-23T08:41:07.123Z",
        "act": act,
        "outcome": "allowed",
        "person": "maria",
        "sub": "5c0e",
        "groups": ["admins"],
        "address": "203.0.113.7",
        "forwardedFor": "203.0.113.7",
        "request": "r-1",
    }


@pytest.mark.parametrize("act", ON_A_FILE)
def test_a_line_about_a_file_names_its_bucket_key_version_and_id(act):
    world = World()

    ACTS[act](world.api(), MARIA)

    assert world.log.lines[0]["file"] == {"id": FILE.id, "bucket": BUCKET, "key": KEY, "version": "v1"}


@pytest.mark.parametrize("act", ["upload", "multipart-upload"])
def test_a_line_about_an_upload_names_the_key_that_the_file_will_have(act):
    world = World()

    ACTS[act](world.api(), MARIA)

    key = "people/maria/b.txt"
    assert world.log.lines[0]["file"] == {"id": file_id_of(BUCKET, key), "bucket": BUCKET, "key": key, "size": 7}


def test_a_line_about_part_links_says_which_parts_of_which_file():
    world = World()

    ACTS["part-links"](world.api(), MARIA)

    (line,) = world.log.lines
    assert line["parts"] == [21, 30]
    assert line["file"]["id"] == file_id_of(BUCKET, line["file"]["key"])


@pytest.mark.parametrize("act", ACTS)
def test_no_line_has_a_signed_link_or_an_upload_form_in_it(act):
    world = World()

    ACTS[act](world.api(), MARIA)

    assert "X-Amz" not in world.log.texts[0]
    assert "https:" not in world.log.texts[0]
    assert "policy" not in world.log.texts[0]


@pytest.mark.parametrize(("act", "effect"), [("delete", "deleted"), ("reprocess", "queued")])
def test_the_line_is_there_before_the_effect(act, effect):
    world = World()

    ACTS[act](world.api(), MARIA)

    assert world.happened == [f"{effect} after 1 lines"]


def refuse(_line: str) -> None:
    raise UnrecordedError("no room")


@pytest.mark.parametrize("act", ACTS)
def test_what_cannot_be_recorded_does_not_happen(act):
    world = World()

    with pytest.raises(UnrecordedError):
        ACTS[act](world.api(Audit(write=refuse, refusals={})), MARIA)

    assert world.happened == []


def test_an_audit_log_that_takes_no_line_is_asked_once():
    asked: list[str] = []

    def refuse_and_count(line: str) -> None:
        asked.append(line)
        refuse(line)

    with pytest.raises(UnrecordedError):
        ACTS["download"](World().api(Audit(write=refuse_and_count, refusals={})), MARIA)

    assert len(asked) == 1


@pytest.mark.parametrize("act", ON_A_FILE)
def test_a_refusal_for_an_unknown_file_is_on_record_with_the_id_that_was_asked_for(act):
    world = World(item=None)

    with pytest.raises(LookupError):
        ACTS[act](world.api(), MARIA)

    (line,) = world.log.lines
    assert (line["outcome"], line["status"], line["file"]) == ("refused", 404, {"id": FILE.id})
    assert line["reason"] == "There is no such file."


def test_a_refusal_for_a_known_file_names_its_key():
    world = World()

    with pytest.raises(ValueError, match="nothing in it is deleted"):
        ACTS["delete"](world.api(read_only={BUCKET}), MARIA)

    (line,) = world.log.lines
    assert (line["outcome"], line["status"], line["file"]["key"]) == ("refused", 409, KEY)


IN_A = (Grant(group="everyone", can=("read",), folders=("a/",)), Grant(group="team-a", can=EVERYTHING, folders=("a/",)))
LOOKS = {
    "the details": lambda api, who: api.get_file(FILE.id, who),
    "the list": lambda api, who: api.list_files({}, who),
    "the counts": lambda api, who: api.read_stats(lambda: 29.0, who),
}


@pytest.mark.parametrize("act", ["delete", "reprocess", "upload", "multipart-upload", "part-links"])
def test_an_act_that_the_persons_groups_may_not_do_is_refused_on_record(act):
    world = World()

    with pytest.raises(ForbiddenError):
        ACTS[act](world.api(), replace(MARIA, groups=frozenset({"readers"})))

    (line,) = world.log.lines
    assert (line["act"], line["outcome"], line["status"], line["groups"]) == (act, "refused", 403, ["readers"])
    assert line["file"].get("key") == (KEY if act in ON_A_FILE else None)
    assert world.happened == []


@pytest.mark.parametrize("act", ON_A_FILE)
def test_a_file_that_one_may_not_see_is_unknown_to_the_person_and_named_on_record(act):
    world = World()

    with pytest.raises(LookupError, match=r"There is no such file\."):
        ACTS[act](world.api(grants=IN_A), MARIA)

    (line,) = world.log.lines
    assert (line["outcome"], line["status"], line["file"]["key"]) == ("refused", 404, KEY)


def test_the_details_of_a_file_that_one_may_not_see_are_refused_on_record():
    world = World()

    with pytest.raises(LookupError):
        LOOKS["the details"](world.api(grants=IN_A), MARIA)

    (line,) = world.log.lines
    assert (line["act"], line["outcome"], line["status"], line["file"]["key"]) == ("look", "refused", 404, KEY)


@pytest.mark.parametrize("look", ["the list", "the counts"])
def test_someone_who_may_see_nothing_is_refused_on_record(look):
    world = World()

    with pytest.raises(ForbiddenError):
        LOOKS[look](world.api(grants=IN_A[1:]), replace(MARIA, groups=frozenset()))

    (line,) = world.log.lines
    assert (line["act"], line["outcome"], line["status"], line["file"]) == ("look", "refused", 403, {})


def test_a_page_that_waits_for_a_file_to_be_known_fills_no_log():
    world = World(item=None)

    with pytest.raises(LookupError):
        LOOKS["the details"](world.api(), MARIA)

    assert world.log.lines == []


def test_details_that_one_may_see_are_not_on_record():
    world = World()

    LOOKS["the details"](world.api(), MARIA)

    assert world.log.lines == []


@pytest.mark.parametrize("act", ["upload", "multipart-upload", "part-links"])
def test_a_refused_upload_is_on_record_with_its_reason(act):
    world = World()

    with pytest.raises(ValueError, match="at most 1 can be uploaded"):
        ACTS[act](world.api(max_upload_bytes=1), MARIA)

    (line,) = world.log.lines
    assert (line["act"], line["outcome"], line["status"]) == (act, "refused", 400)
    assert "at most 1 can be uploaded" in line["reason"]


def test_links_for_another_persons_parts_are_refused_on_record_with_the_key():
    world = World()

    with pytest.raises(ValueError, match="not one of your uploads"):
        ACTS["part-links"](world.api(), replace(MARIA, name="bob"))

    (line,) = world.log.lines
    assert (line["person"], line["outcome"], line["file"]["key"]) == ("bob", "refused", "people/maria/b.bin")


@pytest.mark.parametrize("act", ["delete", "reprocess"])
def test_an_act_that_fails_after_it_was_recorded_is_recorded_as_failed_without_the_errors_text(act):
    world = World(fails=RuntimeError("https://bucket/?X-Amz-Signature=1"))

    with pytest.raises(RuntimeError):
        ACTS[act](world.api(), MARIA)

    assert [line["outcome"] for line in world.log.lines] == ["allowed", "failed"]
    assert world.log.lines[1]["reason"] == "RuntimeError"


def test_deleting_a_file_that_is_gone_already_is_nobodys_deletion():
    world = World(item=Item(**{**vars(FILE), "status": "removed"}))

    ACTS["delete"](world.api(), MARIA)

    assert (world.happened, world.log.lines) == ([], [])


HOSTILE = ['a"}\n{"outcome":"allowed"}', "a\u2028\u202eb\x1b[31m", "x" * 5000, "\ud800"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_name_makes_a_second_line_or_one_without_bounds(text):
    world = World(item=None)

    with pytest.raises(LookupError):
        world.api().download_file(text, Person(name=text, address=text, forwarded_for=text))

    (written,) = world.log.texts
    assert written.isascii()
    assert written.isprintable()
    assert len(written) < 20 * LONGEST_TEXT
    line = audit_line_in(written)
    assert line is not None
    assert line["person"] == (text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…")


def test_a_line_is_read_as_it_was_written():
    world = World()
    ACTS["download"](world.api(), MARIA)

    assert audit_line_in(world.log.texts[0]) == world.log.lines[0]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema":"another/1"}', "START RequestId: 1"])
def test_other_text_is_no_line(text):
    assert audit_line_in(text) is None


@pytest.mark.parametrize("missing", ["time", "person", "address", "act", "outcome", "file"])
def test_a_line_that_lacks_a_part_is_none(missing):
    world = World()
    ACTS["download"](world.api(), MARIA)
    line = world.log.lines[0]

    assert audit_line_in(json.dumps({name: value for name, value in line.items() if name != missing})) is None


@given(grants, people, files)
def test_whatever_the_rights_what_happened_is_on_record_as_allowed_and_all_else_as_refused(granted, person, stored):
    world = TwoBuckets(stored=stored)
    api = world.api(granted)
    operations = {
        "download": api.download_file,
        "preview": api.preview_file,
        "delete": api.delete_file,
        "reprocess": api.reprocess_file,
    }
    expected = []
    for file in stored:
        for act, operation in operations.items():
            outcome = "allowed"
            try:
                operation(file_id_of(*file), person)
            except (LookupError, PermissionError):
                outcome = "refused"
            expected.append((act, outcome, *file))

    lines = world.log.lines
    assert [(line["act"], line["outcome"], line["file"]["bucket"], line["file"]["key"]) for line in lines] == expected
    removed = [file for act, outcome, *file in expected if (act, outcome) == ("delete", "allowed")]
    assert sorted(map(tuple, removed)) == sorted(world.deleted)
    assert len(world.queued) == sum(line[:2] == ("reprocess", "allowed") for line in expected)


@pytest.mark.parametrize("act", ["download", "preview"])
def test_a_file_that_the_scan_holds_back_is_refused_on_record(act):
    world = World()

    with pytest.raises(NotCleanError):
        ACTS[act](world.api(gate=Gate(mode="strict")), MARIA)

    (line,) = world.log.lines
    assert (line["act"], line["outcome"], line["status"], line["file"]["key"]) == (act, "refused", 409, KEY)
    assert "clean" in line["reason"]
