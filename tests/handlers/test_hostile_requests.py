"""Hostile requests of signed-in users: each gets a response in the contract's shape, and never a 5xx.

Requests go through botocore as far as the wire: what it cannot write for AWS fails here as it would there.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import example, given
from hypothesis import strategies as st

from handlers import api
from handlers.data.catalogue import Catalogue
from handlers.data.listing import Listing
from handlers.data.stats import Stats
from handlers.logic.files import FilesApi
from handlers.logic.uploads import RefusedUploadError, UploadRequest, person_prefix, upload_key
from tests.examples import as_cursor
from tests.handlers.asked import CONTEXT, request
from tests.handlers.audited import unread
from tests.handlers.hostile import DEEP, HALF_A_PAIR, any_body, any_json, any_text, meddled

PAGE = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
pytestmark = pytest.mark.usefixtures("no_finalizers_at_depth")


class Raw(StringIO):
    def stream(self) -> Any:
        return iter([self.getvalue().encode()])


@cache
def a_client(service: str, region: str = "eu-west-1") -> Any:
    """A client that writes and signs every request, and gets an empty answer at once."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": region}
    client = boto3.client(service, config=api._SIGNING, **keys)

    def answer(request: Any, **_: object) -> AWSResponse:
        text = PAGE.decode() if service == "s3" else '{"Items": [], "Responses": {}}'
        return AWSResponse(request.url, 200, {}, Raw(text))

    client.meta.events.register("before-send", answer)
    return client


def files_api() -> FilesApi:
    s3, dynamodb = a_client("s3"), a_client("dynamodb")
    buckets = {"uploads": s3, "uploads-2": a_client("s3", "ap-southeast-1")}
    listing = Listing(dynamodb=dynamodb, table="files", buckets=buckets)
    return FilesApi(
        catalogue=Catalogue(dynamodb, "files"),
        listing=listing,
        stats=Stats(dynamodb=dynamodb, table="files", listing=listing),
        bucket="uploads",
        work=dict.fromkeys(buckets, lambda _: None),
        uploader=lambda _: s3,
        remover=lambda *_: s3,
        audit=unread(),
        max_upload_bytes=10**9,
    )


def asked(
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    body: str | None = None,
    content_type: str = "application/json",
) -> dict[str, Any]:
    """The answer, checked for its shape: success, or a refusal in words."""
    event = request(method, path, body, content_type, query)
    answer = api.routes(files_api(), lambda: 29.0, []).resolve(event, CONTEXT)
    content = json.loads(answer["body"]) if answer.get("body") else {}
    assert answer["statusCode"] < 500, content
    if answer["statusCode"] >= 400:
        assert content["error"].keys() == {"code", "message"}
        assert content["error"]["message"]
        assert len(answer["body"]) < 20_000
    return {"status": answer["statusCode"], **content}


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for console in api.logger.handlers:
        monkeypatch.setattr(console, "stream", StringIO())


BY_PREFIX = {"prefix": "a", "after": "a/b.txt"}
ELSEWHERE = {**BY_PREFIX, "region": "ap-southeast-1"}
NEWEST = {"id": "0" * 32, "arrived": "2026-11-23T08:41:07.123Z"}
END_OF_MONTH = {"id": "", "arrived": "2026-11"}


@given(
    st.dictionaries(st.sampled_from(["cursor", "limit", "prefix", "x"]), any_text, max_size=3),
)
@example({"prefix": HALF_A_PAIR})
@example({"limit": "٣"})
def test_every_list_request_is_answered_or_refused(query):
    asked("GET", "/files", query=query)


@given(
    st.sampled_from(["", "a"]),
    (meddled(st.sampled_from([BY_PREFIX, ELSEWHERE, NEWEST, END_OF_MONTH])) | any_json).map(as_cursor),
)
@example("a", as_cursor({**BY_PREFIX, "after": f"a{HALF_A_PAIR}"}))
@example("a", as_cursor({**BY_PREFIX, "after": "a" * 1400}))
@example("", as_cursor({**NEWEST, "arrived": f"2026-11{HALF_A_PAIR}"}))
@example("", as_cursor({**NEWEST, "arrived": "2026-11" + "1" * 1200}))
@example("", as_cursor({**END_OF_MONTH, "arrived": "20٣٣-05"}))
@example("", base64.urlsafe_b64encode(DEEP.encode()[:1500]).decode())
def test_a_forged_cursor_is_one_that_could_be_or_is_refused(prefix, cursor):
    answer = asked("GET", "/files", query={"cursor": cursor, **({"prefix": prefix} if prefix else {})})

    if answer["status"] == 200:  # then it says no more than a place in a list
        value = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        assert value.keys() - {"region"} in ({"prefix", "after"}, {"arrived", "id"})
        assert len(json.dumps(value, ensure_ascii=False).encode()) < 3_200


@pytest.mark.parametrize(
    ("prefix", "value"),
    [
        ("a", {**BY_PREFIX, "after": f"a{HALF_A_PAIR}"}),
        ("a", {**BY_PREFIX, "after": "a" * 1025}),
        ("", {**NEWEST, "arrived": f"2026-11{HALF_A_PAIR}"}),
        ("", {**NEWEST, "arrived": "2026-11" + "1" * 1200}),
        ("", {**NEWEST, "arrived": "2026-13-01T00:00:00Z"}),
        ("", {**NEWEST, "arrived": "2026-11", "id": "x"}),
        ("", {**NEWEST, "id": "0" * 33}),
        ("", {**END_OF_MONTH, "arrived": "20٣٣-05"}),
        ("a", {**ELSEWHERE, "region": HALF_A_PAIR}),
        ("a", {**ELSEWHERE, "region": "eu-west-1"}),
    ],
)
def test_a_cursor_that_aws_could_not_take_is_refused(prefix, value):
    query = {"cursor": as_cursor(value), **({"prefix": prefix} if prefix else {})}

    assert asked("GET", "/files", query=query)["status"] == 400


wanted = st.just({"name": "a.txt", "size": 10, "contentType": "text/plain", "folder": "b"})


@given(any_body | meddled(wanted).map(json.dumps) | st.none())
@example(DEEP)
@example(json.dumps({"name": HALF_A_PAIR, "size": 1, "contentType": "a/b"}))
@example('{"name": "a${filename}", "size": 1, "contentType": "a/b"}')
@example('{"name": "a", "size": 1, "contentType": "a/b", "folder": "${filename}"}')
@example('{"name": "a", "size": 1e400, "contentType": "a/b"}')
def test_every_upload_request_gets_a_form_below_the_persons_own_prefix_or_is_refused(body):
    answer = asked("POST", "/uploads", body=body)

    if answer["status"] == 201:
        assert answer["key"].startswith("people/maria/")
        assert answer["fields"]["key"] == answer["key"]
        conditions = json.loads(base64.b64decode(answer["fields"]["policy"]))["conditions"]
        assert {"key": answer["key"]} in conditions
        assert "starts-with" not in [condition[0] for condition in conditions if isinstance(condition, list)]
        assert len(answer["key"].encode()) <= 1024
    else:
        assert answer["status"] == 400


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_a_body_that_is_declared_as_something_else_is_refused(content_type):
    answer = asked("POST", "/uploads", body='{"name": "a", "size": 1, "contentType": "a/b"}', content_type=content_type)

    assert answer["status"] == 415


def test_json_with_a_character_set_is_json():
    body = '{"name": "a", "size": 1, "contentType": "a/b"}'

    assert asked("POST", "/uploads", body=body, content_type="Application/JSON; charset=utf-8")["status"] == 201


@given(st.sampled_from(["GET", "DELETE", "POST", "PUT"]), st.sampled_from(["", "/download", "/reprocess"]), any_text)
def test_every_unknown_id_is_no_such_file(method, rest, file_id):
    assert asked(method, f"/files/{file_id}{rest}")["status"] in {200, 404}  # 200: the list itself


@given(any_text, any_text, any_text.filter(bool))
def test_no_name_no_folder_and_no_user_leads_out_of_a_persons_folder(name, folder, person):
    try:
        key = upload_key(UploadRequest(name=name, folder=folder, size=1, content_type="a/b"), person=person)
    except (RefusedUploadError, UnicodeEncodeError):  # user names are Cognito's, which knows no half of a pair
        return

    assert key.startswith(f"{person_prefix(person)}/")
    assert "/" not in person_prefix(person).removeprefix("people/")
    assert not {"", ".", ".."} & set(key.removeprefix(f"{person_prefix(person)}/").split("/"))
    assert len(key.encode()) <= 1024
