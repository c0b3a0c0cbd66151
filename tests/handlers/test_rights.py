"""Whatever the settings grant: no operation reveals or changes a file that the person has no right to.

What a person may do is worked out here again, from the settings' words, and compared with every operation: with
the list's pages, its cursors, the counts, and what has become of the buckets afterwards.
"""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.access import ACTS, DEFAULT_ACCESS, EVERYONE, EVERYTHING, Grant
from domain.events import file_id_of
from handlers.data import listing
from handlers.data.cursors import InvalidCursorError
from handlers.logic.access import ForbiddenError
from handlers.logic.files import FilesApi, ReadOnlyFileError, UnknownFileError
from handlers.logic.person import Person
from handlers.logic.responses import file_of
from handlers.logic.uploads import RefusedUploadError
from tests.examples import a_person
from tests.handlers.processing import an_item
from tests.handlers.two_buckets import OWN, THEIRS, World

COMPOSED, DECOMPOSED = "Übergabe/", "U\u0308bergabe/"
FOLDERS = ["a/", "a/b/", "b/", COMPOSED, DECOMPOSED, "people/", "people/maria/", "ab/"]
KEYS = [
    "a", "a/1", "a/2", "a/b/1", "a/b/c/1", "ab/1", "b/1", "c/1", "z", f"{COMPOSED}1", f"{DECOMPOSED}2",
    "people/maria/1", "people/maria/x/2", "people/mariana/1", "people/ann/1",
]  # fmt: skip
GROUPS = [EVERYONE, "editors", "admins", "team-a", "Editors"]

folders = st.lists(st.sampled_from(FOLDERS), max_size=3, unique=True).map(tuple)
acts = st.sets(st.sampled_from(ACTS), min_size=1).map(lambda chosen: tuple(act for act in ACTS if act in chosen))
grants = st.lists(
    st.builds(Grant, group=st.sampled_from(GROUPS), can=acts, folders=folders), max_size=4, unique_by=lambda g: g.group
).map(tuple)
people = st.builds(
    Person, name=st.just("maria"), groups=st.frozensets(st.sampled_from([*GROUPS[1:], "unknown"]), max_size=3)
)
files = st.lists(st.tuples(st.sampled_from([OWN, THEIRS]), st.sampled_from(KEYS)), unique=True, max_size=14)


class Oracle:
    """What the settings say, read one sentence at a time."""

    def __init__(self, granted: tuple[Grant, ...], person: Person) -> None:
        self.grants = [grant for grant in granted if grant.group == EVERYONE or grant.group in person.groups]
        self.uploads = any("upload" in grant.can for grant in self.grants)

    def reads(self, bucket: str, key: str) -> bool:
        return self.within("read", bucket, key) or (self.uploads and self.is_own(bucket, key))

    def may(self, act: str, bucket: str, key: str) -> bool:
        return self.reads(bucket, key) and self.within(act, bucket, key)

    def within(self, act: str, bucket: str, key: str) -> bool:
        composed = unicodedata.normalize("NFC", key)
        return any(
            act in grant.can
            and (
                not grant.folders
                or any(composed.startswith(unicodedata.normalize("NFC", folder)) for folder in grant.folders)
                or ("upload" in grant.can and self.is_own(bucket, key))
            )
            for grant in self.grants
        )

    @staticmethod
    def is_own(bucket: str, key: str) -> bool:
        return bucket == OWN and key.startswith("people/maria/")

    @property
    def reads_nothing(self) -> bool:
        return not self.uploads and not any("read" in grant.can for grant in self.grants)

    @property
    def reads_all(self) -> bool:
        return any("read" in grant.can and not grant.folders for grant in self.grants)


def pages(api: FilesApi, person: Person, **query: str) -> Iterator[Any]:
    page: Any = {"cursor": None}
    while "cursor" in page:
        asked = query if page["cursor"] is None else {**query, "cursor": page["cursor"]}
        page = api.list_files(asked, person)
        yield page


def decoded(cursor: str) -> dict[str, str]:
    """What a client can read in a cursor."""
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return found


def sees(world: World, granted: tuple[Grant, ...], person: Person) -> list[tuple[str, str]]:
    oracle = Oracle(granted, person)
    return [(bucket, key) for bucket, key in world.stored if oracle.reads(bucket, key)]


@given(grants, people, files, st.integers(1, 4), st.integers(1, 12))
@example((Grant(group=EVERYONE, can=("upload",)),), a_person(), [(THEIRS, "people/maria/1"), (OWN, "a/1")], 1, 1)
def test_the_list_is_what_one_may_read_and_its_cursors_name_nothing_else(granted, person, stored, limit, steps):
    world = World(stored=stored)
    api, visible = world.api(granted), sees(world, granted, person)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listing, "STEPS_PER_PAGE", steps)
        if Oracle(granted, person).reads_nothing:
            with pytest.raises(ForbiddenError):
                api.list_files({}, person)
            return
        found = list(pages(api, person, limit=str(limit)))

    assert [(file["bucket"], file["key"]) for page in found for file in page["files"]] == visible[::-1]
    hidden = {file_id_of(*file) for file in stored} - {file_id_of(*file) for file in visible}
    places = [decoded(page["cursor"]) for page in found if "cursor" in page]
    assert not hidden & {place["id"] for place in places}
    times = {world.items[file_id]["arrived"]["S"] for file_id in hidden}
    assert not times & {place["arrived"] for place in places}


@given(grants, people, files, st.sampled_from(["a", "a/", "a/b", "b/1", "people/", COMPOSED, DECOMPOSED, "z", "q"]))
def test_a_prefix_lists_the_same_as_if_nothing_else_were_there(granted, person, stored, prefix):
    if Oracle(granted, person).reads_nothing:
        return
    world = World(stored=stored)
    visible = sees(world, granted, person)
    alone = World(stored=stored).without(set(stored) - set(visible))

    found, expected = (list(pages(w.api(granted), person, prefix=prefix, limit="2")) for w in (world, alone))

    assert found == expected  # byte by byte, with the cursors
    shown = {(file["bucket"], file["key"]) for page in found for file in page["files"]}
    assert shown == {
        (bucket, key)
        for bucket, key in visible
        if unicodedata.normalize("NFC", key).startswith(unicodedata.normalize("NFC", prefix))
    }


@given(
    grants,
    people,
    files,
    st.sampled_from(KEYS),
    st.sampled_from([None, *(f"{b}/{f}" for b in (OWN, THEIRS) for f in ("", *FOLDERS))]),
)
def test_no_forged_cursor_leads_to_what_one_may_not_read(granted, person, stored, after, source):
    if Oracle(granted, person).reads_nothing:
        return
    world = World(stored=stored)
    prefix = after[:1]
    place = {"prefix": prefix, "after": after, **({"source": source} if source else {})}
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")

    try:
        page = world.api(granted).list_files({"prefix": prefix, "cursor": cursor}, person)
    except InvalidCursorError:
        return
    assert {(file["bucket"], file["key"]) for file in page["files"]} <= set(sees(world, granted, person))


@given(grants, people, files)
def test_the_counts_are_those_of_all_files_or_none(granted, person, stored):
    world = World(stored=stored)
    oracle, visible = Oracle(granted, person), sees(world, granted, person)
    if oracle.reads_nothing:
        with pytest.raises(ForbiddenError):
            world.api(granted).read_stats(lambda: 29.0, person)
        return

    stats = world.api(granted).read_stats(lambda: 29.0, person)

    assert [(file["bucket"], file["key"]) for file in stats["latest"]] == visible[::-1][:10]
    if oracle.reads_all:
        assert sum(day["files"] for day in stats["days"]) == len(stored)
        assert "daysWithheld" not in stats
    else:
        assert stats["days"] == []
        assert stats["daysWithheld"] is True


@given(grants, people, files, st.sampled_from(KEYS), st.sampled_from([OWN, THEIRS]))
def test_a_file_that_one_may_not_read_is_as_unknown_as_one_that_is_not_there(granted, person, stored, key, bucket):
    world = World(stored=stored)
    api, file_id = world.api(granted), file_id_of(bucket, key)
    operations = (api.get_file, api.download_file, api.preview_file, api.delete_file, api.reprocess_file)
    visible = (bucket, key) in sees(world, granted, person)
    answers = []
    for operation in operations:
        try:
            answers.append(operation(file_id, person))
        except UnknownFileError as error:
            answers.append(str(error))
        except ForbiddenError as error:
            assert visible
            answers.append(str(error))

    if visible:
        assert "There is no such file." not in answers
    else:
        assert answers == ["There is no such file."] * len(operations)
        assert world.deleted == []
        assert world.queued == []


@given(grants, people, files)
def test_only_what_one_may_change_is_changed_and_each_file_says_what_that_is(granted, person, stored):
    world = World(stored=stored)
    api, oracle = world.api(granted), Oracle(granted, person)
    for bucket, key in stored:
        file_id = file_id_of(bucket, key)
        for act, operation in (("delete", api.delete_file), ("reprocess", api.reprocess_file)):
            try:
                operation(file_id, person)
                assert oracle.may(act, bucket, key)
            except UnknownFileError:
                assert not oracle.reads(bucket, key)
            except ForbiddenError:
                assert oracle.reads(bucket, key)
                assert not oracle.may(act, bucket, key)
        if oracle.reads(bucket, key):
            assert api.get_file(file_id, person)["can"] == [
                act for act in ("delete", "reprocess") if oracle.may(act, bucket, key)
            ]

    assert world.deleted == sorted(
        (file for file in stored if oracle.may("delete", *file)),
        key=lambda file: (file[0] == THEIRS, stored.index(file)),
    )
    assert len(world.queued) == sum(oracle.may("reprocess", *file) for file in stored)


@given(grants, people, st.sampled_from(["people/maria/v.mp4", "people/ann/v.mp4", "a/v.mp4", "people/maria"]))
def test_uploads_go_to_ones_own_folder_and_need_the_right(granted, person, key):
    api, oracle = World().api(granted), Oracle(granted, person)
    body = {"name": "v.mp4", "size": 1, "contentType": "video/mp4", "folder": "x"}
    part = {"key": key, "uploadId": "u", "size": 1, "firstPart": 1}

    if not oracle.uploads:
        for operation, asked in (
            (api.create_upload, body), (api.create_multipart_upload, body), (api.sign_multipart_upload, part),
        ):  # fmt: skip
            with pytest.raises(ForbiddenError, match="You may not upload files"):
                operation(asked, person)
        return
    assert api.create_upload(body, person)["key"] == "people/maria/x/v.mp4"
    assert api.create_multipart_upload(body, person)["key"] == "people/maria/x/v.mp4"
    if key.startswith("people/maria/"):
        assert api.sign_multipart_upload(part, person)["parts"]
    else:
        with pytest.raises(RefusedUploadError, match="not one of your uploads"):
            api.sign_multipart_upload(part, person)


@given(grants, people)
def test_the_page_is_told_what_the_person_may_do_somewhere(granted, person):
    oracle = Oracle(granted, person)

    me = World().api(granted).get_me(person)

    assert me["can"] == [
        act for act in ACTS if any(act in grant.can for grant in oracle.grants) or (act == "read" and oracle.uploads)
    ]
    assert me["groups"] == sorted(person.groups)
    assert ("folders" in me) != oracle.reads_all


@given(grants, people)
def test_the_page_is_told_where_uploads_go_if_the_person_may_upload(granted, person):
    oracle = Oracle(granted, person)

    me = World().api(granted).get_me(person)

    assert me.get("uploadFolder") == ("people/maria/" if oracle.uploads else None)


BOTH = [(OWN, "a/1"), (OWN, "b/1")]


def refused(act: str, *groups: str, granted: tuple[Grant, ...] = DEFAULT_ACCESS) -> str:
    api = World(stored=BOTH).api(granted)
    operation: Any = getattr(api, f"{act}_file")
    with pytest.raises(ForbiddenError) as error:
        operation(file_id_of(OWN, "a/1"), a_person(*groups))
    return str(error.value)


def test_a_refusal_says_what_is_refused_and_how_to_be_allowed():
    assert refused("delete", "editors") == (
        "You may see this file, but not delete it. Members of admins may: an administrator can add you with "
        "python -m ops users groups maria --group admins"
    )
    assert "Members of admins or editors may" in refused("reprocess")


def test_a_refusal_names_only_groups_that_may_do_it_to_this_file():
    granted = (
        Grant(group=EVERYONE, can=("read",)),
        Grant(group="team-a", can=("read", "delete"), folders=("a/",)),
        Grant(group="team-b", can=("read", "delete"), folders=("b/",)),
    )

    assert "Members of team-a may" in refused("delete", granted=granted)
    assert refused("delete", granted=granted[:1]).endswith("No group may.")


@pytest.mark.parametrize("status", ["stored", "removed"])
def test_of_a_file_that_no_operation_can_change_nothing_is_offered(status):
    item = an_item(status=status)

    assert file_of(item, EVERYTHING)["can"] == []


def test_who_may_see_nothing_is_told_so():
    api = World(stored=BOTH).api((Grant(group="team-a", can=("read",)),))

    with pytest.raises(ForbiddenError, match=r"You may not see files here\. Members of team-a may"):
        api.list_files({}, a_person("team-b"))


def test_a_file_of_a_watched_bucket_offers_no_deletion_to_those_who_may_delete():
    api = World(stored=[(THEIRS, "a/1")]).api(DEFAULT_ACCESS, read_only=(THEIRS,))
    file_id = file_id_of(THEIRS, "a/1")

    assert api.get_file(file_id, a_person("admins"))["can"] == ["reprocess"]
    with pytest.raises(ReadOnlyFileError):
        api.delete_file(file_id, a_person("admins"))
    with pytest.raises(ForbiddenError):
        api.delete_file(file_id, a_person("editors"))


@pytest.mark.parametrize("hidden", [10, 1_400])
def test_a_page_after_many_hidden_files_reads_so_many_at_most(hidden):
    world = World(stored=[(OWN, "a/1"), *((OWN, f"b/{number}") for number in range(hidden))])
    api, person = world.api((Grant(group=EVERYONE, can=("read",), folders=("a/",)),)), a_person()

    page = api.list_files({"limit": "50"}, person)

    assert world.items_read < 3_000
    assert ("cursor" in page) == (page["files"] == []) == (hidden > 1_000)
    assert [file["key"] for page in pages(api, person) for file in page["files"]] == ["a/1"]


def test_many_empty_folders_end_a_page_and_hide_nothing(monkeypatch):
    world = World(stored=[(OWN, "f59/1")])
    granted = (Grant(group=EVERYONE, can=("read",), folders=tuple(f"f{number:02}/" for number in range(60))),)
    asked: list[str] = []
    listed = world.buckets[OWN].list_objects_v2
    monkeypatch.setattr(
        world.buckets[OWN], "list_objects_v2", lambda **options: (asked.append(options["Prefix"]), listed(**options))[1]
    )

    found = [page["files"] for page in pages(world.api(granted), a_person(), prefix="f")]

    assert [[file["key"] for file in page] for page in found[:3]] == [[], [], ["f59/1"]]
    assert len(asked) == 60
