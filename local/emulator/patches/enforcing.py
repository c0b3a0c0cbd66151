"""IAM enforcement: sessions are their roles, batches need no permission of their own, log streams are resources, so are
parameters that are read together, tokens can be verified.

AWS: aws:PrincipalArn of a session is its role; a permission to send, delete or change one SQS message covers the batch
call; log lines are written to a stream, whose ARN goes on where its group's ends; parameters that are read together
are resources, each; API Gateway verifies tokens by the user pool's keys.
ministack 1.5.33, with AUTH=true: aws:PrincipalArn is the session; batch calls ask for an action that IAM does not have;
log lines are written to the group; several parameters are no resource (here: the first of them); the keys are fetched
from itself by plain http, which it does not speak when it speaks TLS.
Unnecessary when: ministack resolves aws:PrincipalArn to the role, maps SQS batch calls to their single actions, knows
the ARNs of log streams and of several parameters, and fetches keys by the scheme that it serves.
Private names: iam_actions.extract_iam_action, iam_actions.extract_resource_arn, iam_evaluator._resolve_condition_key,
apigateway._resolve_jwks_url, _HOST and _PORT, apigateway_v1._resolve_jwks_url.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import json
import re
from typing import Any

from ministack.core import iam_actions, iam_evaluator  # type: ignore[import-untyped]
from ministack.services import apigateway, apigateway_v1  # type: ignore[import-untyped]

from local.emulator.patches import require

_SESSION = re.compile(r"arn:([\w-]+):sts::(\d+):assumed-role/(.+)/[^/]+")


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(
        iam_actions,
        extract_iam_action="service method path headers body query_params",
        extract_resource_arn="service method path headers body query_params region account_id",
    )
    require(iam_evaluator, _resolve_condition_key="key ctx")
    require(apigateway, _resolve_jwks_url="authorizer", _HOST="", _PORT="")
    require(apigateway_v1, _resolve_jwks_url="authorizer")
    extract_iam_action, resolve_jwks_url = iam_actions.extract_iam_action, apigateway._resolve_jwks_url
    extract_resource_arn = iam_actions.extract_resource_arn
    resolve_condition_key = iam_evaluator._resolve_condition_key

    def action(*arguments: Any, **options: Any) -> str | None:
        asked: str | None = extract_iam_action(*arguments, **options)
        return asked.removesuffix("Batch") if asked and asked.startswith("sqs:") else asked

    def resource(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *others: Any) -> str:
        arn: str = extract_resource_arn(service, method, path, headers, body, *others)
        asked = json.loads(body) if service in ("logs", "ssm") and body else {}
        if stream := asked.get("logStreamName"):
            return f"{arn}:log-stream:{stream}"
        if names := asked.get("Names"):
            one = json.dumps({"Name": names[0]}).encode()
            return str(extract_resource_arn(service, method, path, headers, one, *others))
        return arn

    def condition_key(key: str, ctx: Any) -> Any:
        value = resolve_condition_key(key, ctx)
        session = _SESSION.fullmatch(value) if key.lower() == "aws:principalarn" and isinstance(value, str) else None
        return f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}" if session else value

    async def keys_of(authorizer: dict[str, Any]) -> str | None:
        plain = f"http://{apigateway._HOST}:{apigateway._PORT}/"
        url: str | None = await resolve_jwks_url(authorizer)
        return url.replace(plain, plain.replace("http:", "https:"), 1) if url else url

    iam_actions.extract_iam_action = action
    iam_actions.extract_resource_arn = resource
    iam_evaluator._resolve_condition_key = condition_key
    apigateway._resolve_jwks_url = apigateway_v1._resolve_jwks_url = keys_of
