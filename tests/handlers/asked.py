"""Requests of a signed-in person, as API Gateway hands them to the API's function."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

CONTEXT = SimpleNamespace(aws_request_id="c6af9ac6")


def request(
    method: str,
    path: str,
    body: str | None = None,
    content_type: str = "application/json",
    query: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "headers": {"Content-Type": content_type},
        "queryStringParameters": query,
        "body": body,
        "requestContext": {
            "authorizer": {"claims": {"username": "maria", "cognito:groups": "admins"}},
            "identity": {"sourceIp": "203.0.113.7"},
            "path": path,
            "stage": "v1",
        },
    }
