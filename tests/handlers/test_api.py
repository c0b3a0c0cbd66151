"""The status and the body of the API's errors."""

from __future__ import annotations

import json
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

from components.contract import written_contract
from handlers import api
from handlers.data.cursors import InvalidCursorError
from handlers.data.listing import Listing
from handlers.logic.access import ForbiddenError
from handlers.logic.files import FilesApi, UnknownFileError
from handlers.logic.links import FileGoneError, UnlinkableFileError
from handlers.logic.requests import InvalidRequestError
from handlers.logic.uploads import RefusedUploadError
from tests.examples import a_file, a_person
from tests.handlers.asked import CONTEXT, request
from tests.handlers.audited import unread
from tests.handlers.processing import an_item


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    text = StringIO()
    for console in api.logger.handlers:
        monkeypatch.setattr(console, "stream", text)
    return text


def files_api(**parts: Any) -> FilesApi:
    """The operations with these parts; a request that needs another part fails."""
    needed: dict[str, Any] = {
        **dict.fromkeys(("catalogue", "listing", "stats", "uploader", "remover"), None),
        "audit": unread(),
        "bucket": a_file().bucket,
        "work": {},
        "max_upload_bytes": 10**9,
    }
    return FilesApi(**{**needed, **parts})


def in_buckets(buckets: Any) -> Listing:
    """A listing that is only asked which buckets belong to the stack."""
    nothing: Any = None
    return Listing(dynamodb=nothing, table="", buckets=buckets)


def answered(
    files: Any, method: str, path: str, body: str | None = None, content_type: str = "application/json"
) -> tuple[int, str, str]:
    """The status, the error's code and its message."""
    answer = api.routes(files, lambda: 29.0, []).resolve(request(method, path, body, content_type), CONTEXT)
    error = json.loads(answer["body"])["error"]
    return answer["statusCode"], error["code"], error["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for path, methods in written_contract()["paths"].items() for method in methods],
)
def test_every_operation_of_the_contract_has_a_route(method, path):
    class Called(BaseException):
        pass

    class Anything:
        def __getattr__(self, _: str) -> Any:
            raise Called

    with pytest.raises(Called):
        answered(Anything(), method.upper(), path.replace("{id}", "1f"), body="{}")


@pytest.mark.parametrize("path", ["/me", "/nothing"])
def test_no_answer_is_stored_by_browsers(monkeypatch, path):
    monkeypatch.setattr(api, "_files_api", files_api)

    answer = api.handler(request("GET", path), CONTEXT)

    assert answer["multiValueHeaders"]["Cache-Control"] == ["no-store"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidRequestError("limit is 0."), 400, "bad_request"),
        (InvalidCursorError("the cursor is unknown"), 400, "bad_request"),
        (RefusedUploadError("The name is empty."), 400, "bad_request"),
        (ForbiddenError("You may not upload files."), 403, "forbidden"),
        (UnknownFileError("There is no such file."), 404, "not_found"),
        (UnlinkableFileError("The key cannot be part of a link."), 409, "conflict"),
        (FileGoneError("The file is no longer in the bucket."), 410, "gone"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_of_the_operations_has_its_status_and_says_its_own_text(error, status, code):
    class Refusing:
        def list_files(self, _query: object, _person: object) -> None:
            raise error

    assert answered(Refusing(), "GET", "/files") == (status, code, str(error))


def test_any_other_error_is_logged_and_says_nothing_of_its_cause(log):
    class Failing:
        def list_files(self, _query: object, _person: object) -> None:
            raise RuntimeError("a secret")

    status, code, message = answered(Failing(), "GET", "/files")

    assert (status, code) == (500, "internal_server_error")
    assert "secret" not in message
    assert "a secret" in log.getvalue()


def test_the_download_of_a_removed_file_is_gone():
    item = an_item(status="removed", time="2026-11-23T08:41:07.123Z")
    files = files_api(
        catalogue=SimpleNamespace(read=lambda _id: item),
        listing=in_buckets({item.bucket: None}),
    )

    assert answered(files, "GET", f"/files/{item.id}/download")[:2] == (410, "gone")


@pytest.mark.parametrize("path", ["/files/{id}", "/files/{id}/download"])
def test_a_file_of_a_bucket_that_left_the_stack_is_unknown(path):
    item = an_item(time="2026-11-23T08:41:07.123Z")
    files = files_api(catalogue=SimpleNamespace(read=lambda _id: item), listing=in_buckets({}))

    assert answered(files, "GET", path.format(id=item.id))[0] == 404


@pytest.mark.parametrize("bucket", ["primary-bucket", "additional-bucket"])
def test_a_file_is_queued_for_reprocessing_in_the_region_that_holds_it(bucket):
    """The emulator lets any region's process function read any bucket, so the tests on a stack cannot show it."""
    item = an_item(bucket=bucket)
    queued: list[str] = []
    buckets = ("primary-bucket", "additional-bucket")
    files = files_api(
        catalogue=SimpleNamespace(read=lambda _id: item),
        listing=in_buckets(dict.fromkeys(buckets)),
        bucket="primary-bucket",
        work={name: lambda _message, name=name: queued.append(name) for name in buckets},
    )

    files.reprocess_file(item.id, a_person("admins"))

    assert queued == [bucket]


def test_a_body_that_is_not_json_is_a_bad_request():
    assert answered(files_api(), "POST", "/uploads", "{")[:2] == (400, "bad_request")


def test_a_body_that_is_declared_as_something_else_is_an_unsupported_media_type():
    assert answered(files_api(), "POST", "/uploads", "{}", "text/plain")[:2] == (415, "unsupported_media_type")


def test_an_unknown_path_is_not_found():
    assert answered(files_api(), "GET", "/nowhere")[:2] == (404, "not_found")
