"""CORS rules of buckets.

AWS: S3 answers pages of other origins by the bucket's own CORS rules.
ministack 1.5.33: does so only if it checks every signature (AUTH=true); otherwise every page may do everything, so an
upload that a real bucket's rules forbid would work here.
Unnecessary when: ministack applies the rules without AUTH as well.
Private names: app._s3_cors_target; s3.cors_preflight and s3.cors_response_headers have no underscore, but are no API.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app  # type: ignore[import-untyped]
from ministack.services import s3  # type: ignore[import-untyped]

from local.emulator.patches import require

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

_RULES = b"access-control-"


def as_configured(application: Application) -> Application:
    """The same ASGI application with each bucket's own rules. Raises MovedError."""
    require(app, _s3_cors_target="host path path_style")
    require(s3, cors_preflight="bucket_name key headers", cors_response_headers="bucket_name method headers")

    async def strict(scope: Any, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
        bucket = None
        if scope["type"] == "http" and "origin" in headers:
            bucket = app._s3_cors_target(headers.get("host", ""), scope["path"])
        if bucket is None:
            await application(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            status, answer, body = s3.cors_preflight(*bucket, headers)
            fields = _fields({**answer, "Content-Length": str(len(body))})
            await send({"type": "http.response.start", "status": status, "headers": fields})
            await send({"type": "http.response.body", "body": body})
        else:
            allowed = _fields(s3.cors_response_headers(bucket[0], scope["method"], headers))
            await application(scope, receive, _allowing(send, allowed))

    return strict


def _allowing(send: Send, allowed: list[tuple[bytes, bytes]]) -> Send:
    async def corrected(message: Any) -> None:
        if message["type"] == "http.response.start":
            others = [field for field in message["headers"] if not field[0].lower().startswith(_RULES)]
            message = {**message, "headers": [*others, *allowed]}
        await send(message)

    return corrected


def _fields(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
