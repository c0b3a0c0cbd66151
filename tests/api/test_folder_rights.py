"""Two teams that share a stack and see nothing of each other; rights that change while it runs."""

from __future__ import annotations

import httpx
import pytest

from domain.events import file_id_of
from local.people import Client
from tests.api.people import Api, add_person, refusal, sign_in
from tests.e2e.stack import Stack, running

pytestmark = pytest.mark.xdist_group("folders")

EVERYTHING = ["read", "upload", "delete", "reprocess"]
TEAMS = [
    {"group": "team-a", "can": EVERYTHING, "folders": ["a"]},
    {"group": "team-b", "can": EVERYTHING, "folders": ["b/", "Übergabe"]},
    {"group": "mailroom", "can": ["upload"]},
]
KEYS = ["a/1.txt", "ab/1.txt", "b/1.txt", "U\u0308bergabe/2.txt"]
ON_A_FILE = [
    ("GET", ""), ("GET", "/download"), ("GET", "/preview"), ("DELETE", ""), ("POST", "/reprocess"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with running(Stack(tmp_path_factory.mktemp("shared"), "--mode", "advanced", access=TEAMS)) as started:
        for key in KEYS:
            started.upload(key, f"text of {key}\n".encode())
        yield started


@pytest.fixture(scope="module")
def person(shared, http):
    def signed_in(name: str, *groups: str) -> Api:
        add_person(shared, name, *groups)
        return Api(http, shared, sign_in(http, Client.of_page(shared.outputs), name).access, name)

    return signed_in


@pytest.fixture(scope="module")
def ann(person, shared) -> Api:
    found = person("ann", "team-a")
    found.wait_for(file_id_of(shared.bucket, "a/1.txt"))
    return found


@pytest.fixture(scope="module")
def bob(person, shared) -> Api:
    found = person("bob", "team-b")
    for key in KEYS[2:]:
        found.wait_for(file_id_of(shared.bucket, key))
    return found


@pytest.fixture(scope="module")
def uploaded(ann, bob) -> dict[str, str]:
    """A file that each has uploaded, by name."""
    found = {api.name: api.upload("own.txt") for api in (ann, bob)}
    for api in (ann, bob):
        api.wait_for(found[api.name])
    return found


def keys(api: Api, **query: str) -> set[str]:
    return {file["key"] for file in api.listed(**query)}


def test_each_sees_the_folders_of_the_team_and_their_own_uploads(ann, bob, uploaded):
    assert keys(ann) == {"a/1.txt", "people/ann/own.txt"}
    assert keys(bob) == {"b/1.txt", "U\u0308bergabe/2.txt", "people/bob/own.txt"}
    assert {file["key"] for file in ann.found("/stats")["latest"]} == keys(ann)


@pytest.mark.parametrize("prefix", ["b", "b/1", "ab/", "people/", "people/bob/", "U\u0308ber"])
def test_no_prefix_lists_what_is_the_others(ann, uploaded, prefix):
    assert keys(ann, prefix=prefix) <= {"people/ann/own.txt"}


def test_a_folder_is_found_in_both_forms_of_its_letters(bob):
    assert keys(bob, prefix="Übergabe/") == keys(bob, prefix="U\u0308bergabe/") == {"U\u0308bergabe/2.txt"}


@pytest.mark.parametrize(("method", "after"), ON_A_FILE)
def test_no_operation_reaches_the_others_files_or_tells_that_they_are_there(shared, ann, bob, uploaded, method, after):
    unknown = ann.call(method, f"/files/{'f' * 32}{after}")
    for file_id in (file_id_of(shared.bucket, "b/1.txt"), file_id_of(shared.bucket, "ab/1.txt"), uploaded["bob"]):
        answer = ann.call(method, f"/files/{file_id}{after}")
        refusal(answer, 404)
        assert answer.content == unknown.content
    assert bob.found(f"/files/{uploaded['bob']}")["status"] == "processed"


def test_parts_of_the_others_uploads_are_not_signed(ann):
    body = {"key": "people/bob/own.txt", "uploadId": "u", "size": 1, "firstPart": 1}

    refusal(ann.call("POST", "/multipart-uploads/links", json=body), 400)


def test_counts_of_all_files_are_withheld_from_who_sees_some(ann):
    stats = ann.found("/stats")

    assert (stats["days"], stats["daysWithheld"]) == ([], True)


def test_the_page_learns_what_one_may_do_and_where(ann, uploaded):
    assert ann.found("/me") == {
        "name": "ann",
        "groups": ["team-a"],
        "can": EVERYTHING,
        "folders": ["a/", "people/ann/"],
        "uploadFolder": "people/ann/",
    }
    assert ann.found(f"/files/{uploaded['ann']}")["can"] == ["delete", "reprocess"]


def test_who_may_only_upload_sees_their_own_uploads_and_cannot_delete_them(person):
    mail = person("mail", "mailroom")
    own = mail.upload("letter.txt")

    assert mail.wait_for(own)["can"] == []
    assert keys(mail) == {"people/mail/letter.txt"}
    assert httpx.get(mail.found(f"/files/{own}/download")["url"]).text == "hello"
    refusal(mail.call("DELETE", f"/files/{own}"), 403)


@pytest.mark.parametrize("groups", [(), ("old",)], ids=["no group", "a group that access does not name any more"])
def test_who_is_in_no_group_that_access_names_may_do_nothing(shared, person, groups):
    pool = shared.outputs["userPoolId"]
    for group in groups:
        shared.aws.cognito.create_group(UserPoolId=pool, GroupName=group)
    nobody = person(f"nobody-{len(groups)}", *groups)

    assert nobody.found("/me")["can"] == []
    for path in ("/files", "/stats"):
        assert "You may not see files here" in refusal(nobody.get(path), 403)
    refusal(nobody.get(f"/files/{file_id_of(shared.bucket, 'a/1.txt')}"), 404)
    refusal(nobody.call("POST", "/uploads", json={"name": "a", "size": 1, "contentType": "a/b"}), 403)


def test_rights_that_change_while_the_stack_runs_work_at_once_and_lose_nothing(shared, ann, bob, uploaded):
    before = keys(ann)
    files = shared.aws.s3.list_objects_v2(Bucket=shared.bucket)["KeyCount"]

    said = shared.set(access=[{**TEAMS[0], "can": ["read"], "folders": ["a", "b"]}, *TEAMS[1:]])

    assert [line.split()[1] for line in said.splitlines()] == ["Function"]
    assert keys(ann) == {"a/1.txt", "b/1.txt"}  # with the same token
    refusal(ann.call("DELETE", f"/files/{file_id_of(shared.bucket, 'a/1.txt')}"), 403)
    assert keys(bob) == {"b/1.txt", "U\u0308bergabe/2.txt", "people/bob/own.txt"}

    shared.set(access=TEAMS)

    assert keys(ann) == before
    assert shared.aws.s3.list_objects_v2(Bucket=shared.bucket)["KeyCount"] == files
    pool = shared.outputs["userPoolId"]
    members = shared.aws.cognito.list_users_in_group(UserPoolId=pool, GroupName="team-a")["Users"]
    assert [member["Username"] for member in members] == ["ann"]
