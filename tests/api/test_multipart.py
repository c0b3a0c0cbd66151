"""Uploads in parts: through links that the API signs, under the person's own prefix, in their name."""

import re

import pytest

from handlers.logic.multipart import PART_BYTES
from tests.api.people import refusal

TYPE = "application/octet-stream"


@pytest.fixture
def started(maria, http, unique):
    """started(size) begins an upload. Returns the file's id, and what asks for its links."""

    def start(size: int) -> tuple[str, dict]:
        wanted = {"name": f"{unique}.bin", "size": size, "contentType": TYPE}
        upload = maria.call("POST", "/multipart-uploads", json=wanted).json()
        answer = http.post(upload["start"]["url"], headers=upload["start"]["headers"])
        (upload_id,) = re.findall("<UploadId>(.+?)</UploadId>", answer.text)
        return upload["id"], {"key": upload["key"], "uploadId": upload_id, "size": size, "firstPart": 1}

    return start


def links(maria, wanted: dict) -> dict:
    answer = maria.call("POST", "/multipart-uploads/links", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_file_arrives_in_parts(maria, http, started):
    body = bytes(range(256)) * 20_000
    file_id, wanted = started(len(body))
    found = links(maria, wanted)

    etag = http.put(found["parts"][0]["url"], content=body).headers["etag"]
    part = f"<Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>"
    complete = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>"
    assert http.post(found["completeUrl"], content=complete).status_code == 200

    file = maria.wait_for(file_id)
    assert (file["size"], file["key"], file["uploadedBy"]) == (len(body), wanted["key"], "maria")
    assert http.get(maria.found(f"/files/{file_id}/download")["url"]).content == body


def test_what_was_sent_is_listed_so_that_it_is_not_sent_again(maria, http, started):
    _, wanted = started(5)
    found = links(maria, wanted)
    http.put(found["parts"][0]["url"], content=b"hello")

    assert "<PartNumber>1</PartNumber>" in http.get(found["listUrl"]).text


def test_an_aborted_upload_leaves_nothing(maria, http, started):
    _, wanted = started(5)
    found = links(maria, wanted)
    http.put(found["parts"][0]["url"], content=b"hello")

    assert http.delete(found["abortUrl"]).status_code == 204
    assert http.get(found["listUrl"]).status_code == 404


def test_another_persons_upload_is_not_signed(maria, started):
    _, wanted = started(5)

    refusal(maria.call("POST", "/multipart-uploads/links", json={**wanted, "key": "people/jonas/a.bin"}), 400)


@pytest.mark.parametrize("change", [{"size": 11 * 1024 * 1024}, {"name": "../a"}, {"folder": "a/../b"}])
def test_an_upload_that_no_form_would_be_given_is_not_started(maria, change):
    wanted = {"name": "a.bin", "size": 5, "contentType": TYPE, **change}

    refusal(maria.call("POST", "/multipart-uploads", json=wanted), 400)


@pytest.mark.parametrize("change", [{"firstPart": 0}, {"firstPart": 2}, {"size": PART_BYTES}, {"uploadId": ""}])
def test_a_part_that_the_file_does_not_have_is_not_signed(maria, started, change):
    _, wanted = started(5)

    refusal(maria.call("POST", "/multipart-uploads/links", json={**wanted, **change}), 400)


def test_the_page_may_send_parts_and_read_their_etags(maria, page, http, started):
    _, wanted = started(5)
    url = links(maria, wanted)["parts"][0]["url"]
    headers = {"Origin": page.origin, "Access-Control-Request-Method": "PUT"}

    assert http.request("OPTIONS", url, headers=headers).headers["access-control-allow-origin"] == page.origin
    answer = http.put(url, content=b"hello", headers={"Origin": page.origin})
    assert "etag" in answer.headers["access-control-expose-headers"].lower()
