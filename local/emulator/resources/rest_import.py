"""Creates a REST API from its definition, piece by piece: ministack imports no documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.models import text
from local.emulator.resources.openapi import Definition, Method


def write(aws: Aws, api: str, definition: Definition) -> None:
    """Create all of it in an empty API."""
    validators = {
        name: aws.apigateway.create_request_validator(restApiId=api, name=name, **flags)["id"]
        for name, flags in definition.validators.items()
    }
    for name, schema in definition.models.items():
        aws.apigateway.create_model(restApiId=api, name=name, schema=text(schema, api), contentType="application/json")
    authorizers = {
        name: aws.apigateway.create_authorizer(restApiId=api, name=name, type="COGNITO_USER_POOLS", **authorizer)["id"]
        for name, authorizer in definition.authorizers.items()
    }
    resources = _Resources(aws, api)
    for method in definition.methods:
        _Writer(aws, api, resources.at(method.path), method).write(validators, authorizers)
    for type_, response in definition.refusals.items():
        kind: Any = type_
        aws.apigateway.put_gateway_response(restApiId=api, responseType=kind, **response)


def clear(aws: Aws, api: str) -> None:
    """Remove all that `write` creates. The API itself, its deployments and its stages stay."""
    client = aws.apigateway
    for page in client.get_paginator("get_resources").paginate(restApiId=api):
        for resource in sorted(page["items"], key=lambda resource: -len(resource["path"])):
            if resource["path"] != "/":
                client.delete_resource(restApiId=api, resourceId=resource["id"])
            for verb in resource.get("resourceMethods", {}) if resource["path"] == "/" else ():
                client.delete_method(restApiId=api, resourceId=resource["id"], httpMethod=verb)
    for validator in client.get_request_validators(restApiId=api, limit=500)["items"]:
        client.delete_request_validator(restApiId=api, requestValidatorId=validator["id"])
    for model in client.get_models(restApiId=api, limit=500)["items"]:
        client.delete_model(restApiId=api, modelName=model["name"])
    for authorizer in client.get_authorizers(restApiId=api, limit=500)["items"]:
        client.delete_authorizer(restApiId=api, authorizerId=authorizer["id"])
    for response in client.get_gateway_responses(restApiId=api, limit=500)["items"]:
        if not response["defaultResponse"]:
            client.delete_gateway_response(restApiId=api, responseType=response["responseType"])


class _Resources:
    """The tree of paths, grown as it is asked for."""

    def __init__(self, aws: Aws, api: str) -> None:
        self._aws = aws
        self._api = api
        existing = aws.apigateway.get_resources(restApiId=api)["items"]
        self._ids = {"": next(resource["id"] for resource in existing if resource["path"] == "/")}

    def at(self, path: str) -> str:
        """The id of the resource at a path."""
        path = path.rstrip("/")
        if path not in self._ids:
            above, _, part = path.rpartition("/")
            parent = self.at(above)
            made = self._aws.apigateway.create_resource(restApiId=self._api, parentId=parent, pathPart=part)
            self._ids[path] = made["id"]
        return self._ids[path]


class _Writer:
    """Writes one method: its request checks, its integration and its responses."""

    def __init__(self, aws: Aws, api: str, resource: str, method: Method) -> None:
        self._client = aws.apigateway
        self._method = method
        self._target: dict[str, Any] = {"restApiId": api, "resourceId": resource, "httpMethod": method.verb}

    def write(self, validators: Mapping[str, str], authorizers: Mapping[str, str]) -> None:
        method = self._method
        request: dict[str, Any] = {"authorizationType": "NONE", "apiKeyRequired": False}
        if method.authorizer is not None:
            request |= {"authorizationType": "COGNITO_USER_POOLS", "authorizerId": authorizers[method.authorizer]}
            request |= {"authorizationScopes": list(method.scopes)}
        if method.validator is not None:
            request["requestValidatorId"] = validators[method.validator]
        if method.name:
            request["operationName"] = method.name
        self._client.put_method(
            **self._target, **request, requestParameters=method.parameters, requestModels=method.models
        )
        for status, response in method.responses.items():
            self._client.put_method_response(**self._target, statusCode=status, **response)
        self._client.put_integration(**self._target, **method.integration)
