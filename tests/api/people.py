"""People who sign in as browsers do, and call the API with what they are given."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from local import people
from tests.e2e.stack import Stack, wait_until

PASSWORD = "Correct-horse-9"


def add_person(stack: Stack, name: str, *groups: str, pool: str | None = None) -> None:
    """A user, made by an administrator, who has chosen a password already."""
    people.add_person(stack.aws, pool or stack.outputs["userPoolId"], name, PASSWORD, groups)


def sign_in(http: httpx.Client, client: people.Client, name: str, *, scope: str = people.EVERYTHING) -> people.Tokens:
    return people.sign_in(http, client, name, PASSWORD, scope=scope)


def claims(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    found: dict[str, Any] = json.loads(_decoded(token.split(".")[1]))
    return found


def forged(token: str, *, header: Mapping[str, Any] | None = None, **changed: Any) -> str:
    """The token with other claims (and another header) under the old signature."""
    head, payload, signature = token.split(".")
    if header is not None:
        head = _encoded({**json.loads(_decoded(head)), **header})
    return ".".join((head, _encoded({**json.loads(_decoded(payload)), **changed}), signature))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@dataclass
class Api:
    """The files API as one person calls it, or nobody."""

    http: httpx.Client
    stack: Stack
    token: str = ""
    name: str = ""
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = self.stack.outputs["apiUrl"]

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.http.request(
            method, f"{self.url}{path}", headers={**headers, **options.pop("headers", {})}, **options
        )

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.call("GET", path, params=query)

    def found(self, path: str, **query: Any) -> Any:
        """The body of an answer that has to be 200."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def listed(self, **query: Any) -> list[dict[str, Any]]:
        """All pages of a list."""
        page = self.found("/files", **query)
        files = list(page["files"])
        while "cursor" in page:
            page = self.found("/files", **query, cursor=page["cursor"])
            files += page["files"]
        return files

    def ask_to_upload(self, name: str, body: bytes = b"hello", **changed: Any) -> dict[str, Any]:
        request = {"name": name, "size": len(body), "contentType": "text/plain", **changed}
        answer = self.call("POST", "/uploads", json=request)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def send(self, form: Mapping[str, Any], body: bytes, **changed: str) -> httpx.Response:
        """Send a form to the bucket as a browser does: the fields, then the file."""
        fields = {**form["fields"], **changed}
        return self.http.post(form["url"], data=fields, files={"file": ("file", body, fields["Content-Type"])})

    def upload(self, name: str, body: bytes = b"hello", **changed: Any) -> str:
        """Upload a file through the API. Returns its id."""
        form = self.ask_to_upload(name, body, **changed)
        sent = self.send(form, body)
        assert sent.status_code == 204, sent.text
        identity: str = form["id"]
        return identity

    def wait_for(self, file_id: str, status: str = "processed") -> dict[str, Any]:
        """The file's details, once it has come to that."""

        def look() -> dict[str, Any] | None:
            answer = self.get(f"/files/{file_id}")
            return answer.json() if answer.status_code == 200 and answer.json()["status"] == status else None

        found: dict[str, Any] = wait_until(look, f"{file_id} is not {status}")
        return found


@dataclass
class Page:
    """What a browser gets from the page's own origin. Its host name is known to browsers only."""

    http: httpx.Client
    stack: Stack

    @property
    def origin(self) -> str:
        found: str = self.stack.outputs["webUrl"]
        return found

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Host": urlsplit(self.origin).netloc, **options.pop("headers", {})}
        return self.http.request(method, f"{self.stack.ready.endpoint}{path}", headers=headers, **options)

    def get(self, path: str) -> httpx.Response:
        return self.call("GET", path)


def refusal(answer: httpx.Response, *statuses: int) -> str:
    """The message of an answer that has to be a refusal in the API's one shape."""
    assert answer.status_code in statuses, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"].split(";")[0] == "application/json"
    body = answer.json()
    assert body.keys() == {"error"}, body
    assert body["error"].keys() == {"code", "message"}, body
    assert re.fullmatch(r"[a-z][a-z_]*", body["error"]["code"]), body
    message: str = body["error"]["message"]
    assert message.strip(), body
    return message
