"""A bucket that another program made, and no other, in mode advanced: the API shows its files and writes nothing."""

from __future__ import annotations

import httpx
import pytest

from domain.events import file_id_of
from local.people import Client
from tests.api.people import Api, Page, add_person, refusal, sign_in
from tests.e2e.stack import EVERYONE, Stack, running

pytestmark = pytest.mark.xdist_group("existing")

THEIRS = "bucket-of-another-team"


@pytest.fixture(scope="module")
def watching(tmp_path_factory):
    settings = {
        "emails": [EVERYONE],
        "existingBuckets": [{"name": THEIRS, "prefix": "incoming/"}],
        "uploadBucket": "false",
    }
    arguments = ("--mode", "advanced", "--bucket", THEIRS)
    with running(Stack(tmp_path_factory.mktemp("existing"), *arguments, **settings)) as started:
        yield started


@pytest.fixture(scope="module")
def lena(watching, http) -> Api:
    add_person(watching, "lena", "admins")
    return Api(http, watching, sign_in(http, Client.of_page(watching.outputs), "lena").access, "lena")


@pytest.fixture(scope="module")
def file_id(watching, lena) -> str:
    for key in ("incoming/report.txt", "elsewhere/secret.txt"):
        watching.aws.s3.put_object(Bucket=THEIRS, Key=key, Body=b"some text\n")
    found = file_id_of(THEIRS, "incoming/report.txt")
    lena.wait_for(found)
    return found


def test_its_files_are_listed_read_only_with_their_bucket(lena, file_id):
    (shown,) = lena.listed()

    assert (shown["id"], shown["bucket"], shown["readOnly"]) == (file_id, THEIRS, True)


@pytest.mark.parametrize(
    ("prefix", "keys"), [("inc", ["incoming/report.txt"]), ("incoming/re", ["incoming/report.txt"]), ("elsewhere/", [])]
)
def test_a_prefix_lists_what_is_watched_and_nothing_else(lena, file_id, prefix, keys):
    assert file_id
    assert [file["key"] for file in lena.listed(prefix=prefix)] == keys


def test_a_file_outside_what_is_watched_is_unknown(lena, file_id):
    assert file_id
    refusal(lena.call("GET", f"/files/{file_id_of(THEIRS, 'elsewhere/secret.txt')}"), 404)


def test_a_file_is_downloaded(lena, file_id):
    assert httpx.get(lena.found(f"/files/{file_id}/download")["url"]).text == "some text\n"


def test_a_file_is_inspected_again(lena, file_id):
    assert lena.call("POST", f"/files/{file_id}/reprocess").status_code == 202


def test_a_deletion_is_refused_and_the_file_stays(watching, lena, file_id):
    refusal(lena.call("DELETE", f"/files/{file_id}"), 409)

    assert watching.aws.s3.head_object(Bucket=THEIRS, Key="incoming/report.txt")


def test_a_preview_is_refused_as_the_page_may_not_read_there(lena, file_id):
    refusal(lena.call("GET", f"/files/{file_id}/preview"), 409)


def test_an_upload_is_refused(lena):
    body = {"name": "a.txt", "size": 1, "contentType": "text/plain"}

    refusal(lena.call("POST", "/uploads", json=body), 400)


def test_the_page_offers_no_uploads(watching, http):
    config = Page(http, watching).get("/config.json").json()

    assert config["maxUploadMegabytes"] == 0
