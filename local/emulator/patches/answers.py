"""Lambda proxy responses without a body.

AWS: a function behind API Gateway may answer with a body that is null, as it does with 204.
ministack 1.5.33: aborts the connection if the body is null instead of absent.
Unnecessary when: ministack treats a null body as an empty one.
Private names: apigateway_v1._lambda_proxy_response.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

from typing import Any

from ministack.services import apigateway_v1  # type: ignore[import-untyped]

from local.emulator.patches import require


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(apigateway_v1, _lambda_proxy_response="result")
    original = apigateway_v1._lambda_proxy_response

    def proxy_response(result: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
        response, error = original(result)
        if response is not None and response.get("body") is None:
            response = {**response, "body": ""}
        return response, error

    apigateway_v1._lambda_proxy_response = proxy_response
