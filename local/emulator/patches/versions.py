"""Response headers and ranges of one version of an object.

AWS: `response-content-disposition` and its like, and a Range header, apply to every GetObject.
ministack 1.5.33: applies them only if no version is named, so a browser shows what it should save, and gets all of a
file for its beginning.
Unnecessary when: ministack applies response overrides and ranges to versioned reads as well.
Private names: s3._get_object, _apply_response_overrides, _parse_range, _qp.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ministack.services import s3  # type: ignore[import-untyped]

from local.emulator.patches import require


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(
        s3,
        _get_object="bucket_name key headers query_params",
        _apply_response_overrides="resp_headers query_params",
        _parse_range="range_header total",
        _qp="params key default",
    )
    original = s3._get_object

    def get_object(
        bucket_name: str, key: str, headers: Mapping[str, str], query_params: Mapping[str, Any] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        status, answer, body = original(bucket_name, key, headers, query_params)
        if status != HTTPStatus.OK or not s3._qp(query_params or {}, "versionId", ""):
            return status, answer, body
        s3._apply_response_overrides(answer, query_params)
        return _ranged(answer, body, headers.get("range", ""))

    s3._get_object = get_object


def _ranged(answer: dict[str, str], body: bytes, wanted: str) -> tuple[int, dict[str, str], bytes]:
    if not wanted:
        return HTTPStatus.OK, answer, body
    found = s3._parse_range(wanted, len(body))
    if found is None:
        return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{len(body)}"}, b""
    start, end = found
    part = body[start : end + 1]
    headers = {**answer, "Content-Length": str(len(part)), "Content-Range": f"bytes {start}-{end}/{len(body)}"}
    return HTTPStatus.PARTIAL_CONTENT, headers, part
