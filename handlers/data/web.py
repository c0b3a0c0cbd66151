"""Sends one JSON document to a secret URL. No error and no log line of it has that URL."""

from __future__ import annotations

import json
import math
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3

CONNECT_SECONDS = 3
READ_SECONDS = 10
UNSAID_SECONDS = 5.0
"""Until the next attempt where a service that limits the rate does not say when."""
_MOST_BYTES = 65_536  # of an answer: what services say about a message takes less
_CODE = re.compile(r"[a-zA-Z][a-zA-Z_ ]{2,60}")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A service's answer. `reason` is its error code, if that is one. `wait` is when to try again, in seconds."""

    status: int
    reason: str = ""
    wait: float = 0.0


class NoAnswerError(Exception):
    """The service could not be reached, or did not answer in time. The text has no URL."""


def _pool() -> urllib3.PoolManager:
    # TLS is verified. Nothing is retried, as a message may have been posted though its answer was lost, and no redirect
    # is followed.
    return urllib3.PoolManager(
        ssl_context=ssl.create_default_context(),
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        retries=False,
    )


@dataclass(frozen=True)
class Web:
    """Posts by connections that are kept until `close`. A redirect is an answer like any other: it is not followed."""

    pool: urllib3.PoolManager = field(default_factory=_pool)

    def post(self, url: str, document: Mapping[str, Any]) -> Answer:
        """Send a document. Returns the service's answer, whatever it is. Raises NoAnswerError."""
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            response = self.pool.request(
                "POST",
                url,
                body=body,
                headers={"Content-Type": "application/json; charset=utf-8"},
                preload_content=False,
            )
            content = response.read(_MOST_BYTES)
            response.drain_conn() if len(content) < _MOST_BYTES else response.close()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            # The text and the causes of urllib3's errors have the URL's path, which is the secret.
            raise NoAnswerError(type(error).__name__) from None
        response.release_conn()
        if response.status < 300:  # noqa: PLR2004
            return Answer(status=response.status)
        return Answer(status=response.status, reason=_reason(content), wait=_wait(response.headers.get("Retry-After")))

    def close(self) -> None:
        """Close every connection; the next document opens another.

        Between invocations Lambda stops the process and drops what is idle: a connection that looks open would fail.
        https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html
        """
        self.pool.clear()


def _reason(content: bytes) -> str:
    """The error code of an answer: Slack's is all of its text, others have one in JSON. Nothing else is repeated."""
    text = content.decode(errors="replace").strip()
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    if isinstance(value, Mapping):
        error = value.get("error")
        code = error.get("code") if isinstance(error, Mapping) else error
        value = code if isinstance(code, str) else value.get("message")
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def _wait(text: str | None) -> float:
    """Seconds of a Retry-After, which is a number or a date (RFC 9110, 10.2.3)."""
    if text is None:
        return UNSAID_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if math.isfinite(seconds) else UNSAID_SECONDS
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return UNSAID_SECONDS
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
