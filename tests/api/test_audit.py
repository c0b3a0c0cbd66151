"""What people do through the API is on record, and what they delete is deleted in their name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.conftest import TIDY
from tests.api.people import claims, refusal
from tests.e2e.stack import wait_until
from tests.ops.parts import document, ops

PARTS = {"name": "large.bin", "size": 6 * 1024 * 1024, "contentType": "application/octet-stream"}


@pytest.fixture
def recorded(stack):
    """recorded(text) are the lines of the audit log that have this text in them, oldest first."""

    def find(text: str) -> list[dict[str, Any]]:
        pages = stack.aws.logs.get_paginator("filter_log_events").paginate(
            logGroupName=stack.outputs["auditLogGroupName"], logStreamNames=["acts"]
        )
        return [json.loads(event["message"]) for page in pages for event in page["events"] if text in event["message"]]

    return find


@pytest.fixture
def file_id(put, maria, unique) -> str:
    """A file that has been inspected."""
    made = put(f"{unique}/note.txt")
    maria.wait_for(made)
    return made


@pytest.mark.parametrize(
    ("act", "method", "rest"),
    [
        ("download", "GET", "/download"),
        ("preview", "GET", "/preview"),
        ("reprocess", "POST", "/reprocess"),
        ("delete", "DELETE", ""),
    ],
)
def test_an_act_on_a_file_is_on_record_when_it_is_answered(maria, stack, recorded, unique, file_id, act, method, rest):
    answer = maria.call(method, f"/files/{file_id}{rest}")

    assert answer.is_success
    (line,) = recorded(file_id)
    assert (line["act"], line["outcome"], line["person"], line["address"]) == (act, "allowed", "maria", "127.0.0.1")
    assert line["sub"] == claims(maria.token)["sub"]
    assert (line["file"]["bucket"], line["file"]["key"]) == (stack.bucket, f"{unique}/note.txt")
    assert line["file"]["version"]
    assert line["request"]
    assert "X-Amz" not in json.dumps(line)


def test_uploads_and_each_batch_of_part_links_are_on_record(maria, recorded, unique):
    form = maria.ask_to_upload(f"{unique}.txt")
    started = maria.call("POST", "/multipart-uploads", json={**PARTS, "name": f"{unique}.bin"}).json()
    body = {"key": started["key"], "uploadId": "u", "size": PARTS["size"], "firstPart": 1}
    assert maria.call("POST", "/multipart-uploads/links", json=body).is_success

    found = [(line["act"], line["file"]["key"], line.get("parts")) for line in recorded(f"/{unique}.")]

    assert found == [
        ("upload", form["key"], None),
        ("multipart-upload", started["key"], None),
        ("part-links", started["key"], [1, 1]),
    ]


def test_refusals_are_on_record_with_their_status(maria, recorded, unique):
    unknown = "c" * 32
    refusal(maria.get(f"/files/{unknown}/download"), 404)
    refusal(maria.call("POST", "/uploads", json={"name": f"{unique}.bin", "size": 10**9, "contentType": "a/b"}), 400)

    assert [line["status"] for line in recorded(unknown) if line["act"] == "download"][-1:] == [404]
    (line,) = recorded(f"{unique}.bin")
    assert (line["act"], line["outcome"], line["status"]) == ("upload", "refused", 400)
    assert "can be uploaded here" in line["reason"]


def test_operators_find_an_act_by_its_file_and_its_person(maria, stack, unique, file_id):
    maria.found(f"/files/{file_id}/download")

    for words in (["--file", f"{unique}/note.txt"], ["--file", file_id, "--person", "maria", "--since", "1h"]):
        found = document(ops("audit", *words, "--json", "--ready-file", str(stack._ready_file)))
        assert [(line["act"], line["person"], line["file"]["id"]) for line in found["lines"]] == [
            ("download", "maria", file_id)
        ]
    nobody = document(ops("audit", "--person", "nobody", "--json", "--ready-file", str(stack._ready_file)))
    assert nobody["lines"] == []


def test_looking_at_files_is_not_on_record(maria, recorded, file_id):
    maria.found(f"/files/{file_id}")
    maria.listed()

    assert recorded(file_id) == []


@pytest.mark.parametrize("name", ["note.txt", '*?$ "quoted" é 日本.txt'])
def test_a_deleted_file_its_item_and_the_mail_name_the_person(maria, put, stack, unique, name):
    made = put(f"removals/{unique}/{name}")
    maria.wait_for(made)

    assert maria.call("DELETE", f"/files/{made}").status_code == 204

    assert maria.wait_for(made, "removed")["removedBy"] == "maria"
    (mail,) = wait_until(lambda: stack.mails(f"removals/{unique}/", to=TIDY), "no mail about the removal")
    (line,) = [line for line in mail.body.splitlines() if line.startswith("  Removed")]
    assert line.endswith(" by maria")


def test_a_file_that_arrives_again_has_nobody_who_removed_it(maria, put, unique):
    made = put(f"{unique}/back.txt")
    maria.wait_for(made)
    maria.call("DELETE", f"/files/{made}")
    maria.wait_for(made, "removed")

    put(f"{unique}/back.txt")

    assert "removedBy" not in maria.wait_for(made)
