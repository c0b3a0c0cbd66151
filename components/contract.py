"""The API's contract (openapi.yaml) with what API Gateway has to know about this deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
import yaml

_CONTRACT = Path(__file__).with_name("openapi.yaml")
# libyaml's where it is there: it takes a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_METHODS = ("get", "put", "post", "delete", "patch")
_JSON = "application/json"

# What the gateway itself refuses, in the API's one shape. messageString is already quoted.
_REFUSALS = {
    "DEFAULT_4XX": (None, "bad_request", "$context.error.messageString"),
    # The gateway's own text says only that it is invalid; its longer one would repeat what was sent.
    "BAD_REQUEST_BODY": (400, "bad_request", '"The body is not what the contract (openapi.yaml) asks for here."'),
    "BAD_REQUEST_PARAMETERS": (400, "bad_request", "$context.error.messageString"),
    "UNAUTHORIZED": (401, "unauthorized", '"Sign in: the token is missing, expired or not one of ours."'),
    "ACCESS_DENIED": (403, "forbidden", '"The token does not allow this."'),
    # What is asked for without a matching path or method; "missing authentication token" would mislead.
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found", '"There is nothing at this path."'),
    "REQUEST_TOO_LARGE": (413, "request_entity_too_large", '"The request is too large."'),
    "THROTTLED": (429, "too_many_requests", '"Too many requests. Try again a little later."'),
    "DEFAULT_5XX": (None, "internal_server_error", '"The service failed. Try again a little later."'),
}


def written_contract() -> dict[str, Any]:
    """The contract as it is in openapi.yaml."""
    contract: dict[str, Any] = yaml.load(_CONTRACT.read_text(), _LOADER)  # noqa: S506 - both loaders are safe ones
    return contract


def deployed_contract(
    *,
    user_pool_arn: pulumi.Input[str],
    handler_uri: pulumi.Input[str],
    origins: Sequence[str],
) -> dict[str, Any]:
    """The body of the REST API: authorizer, integrations, validation, gateway responses.

    Without what API Gateway does not need of the contract: the function answers everything, so responses need no
    models, and what the gateway does not understand in full (allOf, format) would be warnings, which fail a deployment.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html

    `origins` are pages elsewhere that may call it; the page of this stack is on the same origin and needs none.
    """
    contract = written_contract()
    requests: set[str] = set()
    for path, operations in contract["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                requests |= _request_models(operation)
                operation["responses"] = {
                    status: {"description": response["description"]}
                    for status, response in operation["responses"].items()
                }
                operation["x-amazon-apigateway-integration"] = _proxy(handler_uri)
        if origins:
            operations["options"] = _preflight(path, handler_uri)
    del contract["servers"]  # the stage is added when it is deployed
    schemas = contract["components"]["schemas"]
    contract["components"] = {"schemas": {name: schemas[name] for name in sorted(requests)}}
    contract["components"]["securitySchemes"] = {
        "people": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [user_pool_arn]},
        }
    }
    contract["x-amazon-apigateway-request-validators"] = {
        "all": {"validateRequestBody": True, "validateRequestParameters": True}
    }
    contract["x-amazon-apigateway-request-validator"] = "all"
    contract["x-amazon-apigateway-gateway-responses"] = {
        name: _refusal(status, code, message, origins) for name, (status, code, message) in _REFUSALS.items()
    }
    return contract


def _request_models(operation: Mapping[str, Any]) -> set[str]:
    """The names of the schemas that requests are validated against."""
    content = operation.get("requestBody", {}).get("content", {})
    return {media["schema"]["$ref"].rpartition("/")[2] for media in content.values()}


def _proxy(uri: pulumi.Input[str]) -> dict[str, Any]:
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}


def _preflight(path: str, uri: pulumi.Input[str]) -> dict[str, Any]:
    """Browsers ask before they call from elsewhere, without a token; the handler knows the origins."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return {
        "summary": "Whether a page elsewhere may call this",
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names],
        "responses": {"204": {"description": "The rules for pages elsewhere."}},
        "x-amazon-apigateway-integration": _proxy(uri),
    }


def _refusal(status: int | None, code: str, message: str, origins: Sequence[str]) -> Mapping[str, Any]:
    response: dict[str, Any] = {
        "responseTemplates": {_JSON: f'{{"error":{{"code":"{code}","message":{message}}}}}'},
    }
    if status is not None:
        response["statusCode"] = status
    if origins:  # the gateway cannot choose: with several, the others see a failed request instead of the reason
        response["responseParameters"] = {"gatewayresponse.header.Access-Control-Allow-Origin": f"'{origins[0]}'"}
    return response
