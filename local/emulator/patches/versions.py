"""Response headers in links to one version of an object.

AWS: `response-content-disposition` and its like apply to every GetObject.
ministack 1.5.33: applies them only if no version is named, so a browser shows what it should save.
Unnecessary when: ministack applies response overrides to versioned reads as well.
Private names: s3._get_object, _apply_response_overrides, _qp.
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
        _qp="params key default",
    )
    original = s3._get_object

    def get_object(
        bucket_name: str, key: str, headers: Mapping[str, str], query_params: Mapping[str, Any] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        status, answer, body = original(bucket_name, key, headers, query_params)
        if status == HTTPStatus.OK and s3._qp(query_params or {}, "versionId", ""):
            s3._apply_response_overrides(answer, query_params)
        return status, answer, body

    s3._get_object = get_object
