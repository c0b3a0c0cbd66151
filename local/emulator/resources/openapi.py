"""An OpenAPI document as API Gateway's import reads it: each part is translated, or is an error.

ministack imports no documents, and AWS silently leaves out much of what it cannot do. Here nothing is left out: what is
not listed below is refused by name. Documentation (summaries, tags, a description) means nothing to a gateway, here as
on AWS. Neither do a parameter's schema, of which AWS stores whether the parameter is required, and `servers`: the stage
is declared elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.emulator.resources.models import model
from local.emulator.resources.strict import NotHonouredError, known

_GATEWAY = "x-amazon-apigateway-"
_DOCUMENTATION = frozenset({"description", "externalDocs", "summary", "tags"})
_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
_PLACES = {"header": "header", "path": "path", "query": "querystring"}
# What ministack renders in the template of a gateway response. Other references it leaves as they are.
_REFERENCE = re.compile(r"\$!?\{?((?:input|util|context|stageVariables)\b(?:\.\w+)*)")
_RENDERED = frozenset(
    {
        "context.error.message", "context.error.messageString", "context.error.responseType", "context.requestId",
        "context.resourcePath", "context.stage",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Method:
    """One operation. `parameters`: whether each is required; `models`: by media type; `responses`: by status, each
    with the parameters of PutMethodResponse."""

    path: str
    verb: str
    name: str
    authorizer: str | None
    scopes: tuple[str, ...]
    validator: str | None
    parameters: Mapping[str, bool]
    models: Mapping[str, str]
    responses: Mapping[str, Mapping[str, Any]]
    integration: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Definition:
    """All that a REST API consists of, by name. `authorizers`: the ARNs of user pools, and where the token is."""

    title: str
    version: str
    description: str = ""
    validators: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    authorizers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    methods: tuple[Method, ...] = ()
    refusals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def translate(document: Mapping[str, Any]) -> Definition:
    """Raises NotHonouredError for the first part that is not understood."""
    names = {"components", "info", "openapi", "paths", "servers", *_DOCUMENTATION}
    names |= {f"{_GATEWAY}{name}" for name in ("gateway-responses", "request-validator", "request-validators")}
    known(document, names, "the document")
    if not str(document.get("openapi", "")).startswith("3.0."):
        raise NotHonouredError(f"openapi is {document.get('openapi')!r}; API Gateway imports 3.0.x")
    parts = known(document.get("components", {}), {"schemas", "securitySchemes"}, "components")
    info = known(document["info"], {"description", "title", "version"}, "info")
    schemas, schemes = parts.get("schemas", {}), parts.get("securitySchemes", {})
    definition = Definition(
        title=info["title"],
        version=str(info["version"]),
        description=info.get("description", ""),
        validators={
            name: _validator(name, flags) for name, flags in _extension(document, "request-validators").items()
        },
        models={name: model(name, schema, schemas) for name, schema in schemas.items()},
        authorizers={name: _authorizer(name, scheme) for name, scheme in schemes.items()},
        refusals={name: _refusal(name, each) for name, each in _extension(document, "gateway-responses").items()},
    )
    methods = tuple(_methods(document, definition))
    return Definition(**{**vars(definition), "methods": methods})


def _extension(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    extension: Mapping[str, Any] = document.get(f"{_GATEWAY}{name}", {})
    return extension


def _validator(name: str, validator: Mapping[str, bool]) -> Mapping[str, bool]:
    names = {"validateRequestBody", "validateRequestParameters"}
    return known(validator, names, f"the request validator {name!r}")


def _authorizer(name: str, scheme: Mapping[str, Any]) -> Mapping[str, Any]:
    where = f"the security scheme {name!r}"
    known(scheme, {"description", "in", "name", "type", f"{_GATEWAY}authorizer", f"{_GATEWAY}authtype"}, where)
    authorizer = known(scheme.get(f"{_GATEWAY}authorizer", {}), {"providerARNs", "type"}, where)
    if authorizer.get("type") != "cognito_user_pools" or (scheme["type"], scheme["in"]) != ("apiKey", "header"):
        raise NotHonouredError(f"{where} is not a header that is checked by cognito_user_pools")
    return {
        "providerARNs": authorizer["providerARNs"],
        "identitySource": f"method.request.header.{scheme['name']}",
        "authType": scheme.get(f"{_GATEWAY}authtype", "cognito_user_pools"),
    }


def _refusal(name: str, response: Mapping[str, Any]) -> Mapping[str, Any]:
    where = f"the gateway response {name}"
    known(response, {"responseParameters", "responseTemplates", "statusCode"}, where)
    for template in response.get("responseTemplates", {}).values():
        _check_template(template, where)
    status = {"statusCode": str(response["statusCode"])} if "statusCode" in response else {}
    return {**response, **status}


def _methods(document: Mapping[str, Any], definition: Definition) -> Iterator[Method]:
    usual = document.get(f"{_GATEWAY}request-validator")
    for path, operations in document["paths"].items():
        for verb, operation in known(operations, _METHODS, f"the path {path}").items():
            yield _method(path, verb.upper(), operation, definition, usual)


def _method(path: str, verb: str, operation: Mapping[str, Any], definition: Definition, usual: str | None) -> Method:
    where = f"{verb} {path}"
    own = {"operationId", "parameters", "requestBody", "responses", "security", *_DOCUMENTATION}
    known(operation, own | {f"{_GATEWAY}integration", f"{_GATEWAY}request-validator"}, where)
    validator = operation.get(f"{_GATEWAY}request-validator", usual)
    if validator is not None and validator not in definition.validators:
        raise NotHonouredError(f"{where} names the request validator {validator!r}, which the document does not have")
    authorizer, scopes = _security(operation.get("security", []), definition, where)
    responses = {status: _response(each, f"{where} {status}") for status, each in operation["responses"].items()}
    return Method(
        path=path,
        verb=verb,
        name=operation.get("operationId", ""),
        authorizer=authorizer,
        scopes=scopes,
        validator=validator,
        parameters=dict(_parameter(each, where) for each in operation.get("parameters", [])),
        models=_body(operation["requestBody"], where) if "requestBody" in operation else {},
        responses=responses,
        integration=_integration(operation.get(f"{_GATEWAY}integration"), where),
    )


def _security(
    requirements: list[Mapping[str, list[str]]], definition: Definition, where: str
) -> tuple[str | None, tuple[str, ...]]:
    if not requirements:
        return None, ()
    if len(requirements) > 1 or len(requirements[0]) != 1:
        raise NotHonouredError(f"{where} has several security requirements; a method has one authorizer")
    ((name, scopes),) = requirements[0].items()
    if name not in definition.authorizers:
        raise NotHonouredError(f"{where} wants {name!r}, which the document does not have")
    return name, tuple(scopes)


def _parameter(parameter: Mapping[str, Any], where: str) -> tuple[str, bool]:
    known(parameter, {"description", "in", "name", "required", "schema"}, f"a parameter of {where}")
    if parameter["in"] not in _PLACES:
        raise NotHonouredError(f"{where} takes a parameter in {parameter['in']}, which API Gateway cannot")
    return f"method.request.{_PLACES[parameter['in']]}.{parameter['name']}", parameter.get("required", False)


def _body(body: Mapping[str, Any], where: str) -> dict[str, str]:
    known(body, {"content", "description", "required"}, f"the body of {where}")
    if not body.get("required"):
        raise NotHonouredError(
            f"{where} has a body that is not required; the gateway cannot tell none from a wrong one"
        )
    return _content(body["content"], f"the body of {where}")


def _response(response: Mapping[str, Any], where: str) -> dict[str, Any]:
    known(response, {"content", "description", "headers"}, where)
    if where.endswith("default"):
        raise NotHonouredError(f"{where}: API Gateway knows no default response")
    return {
        "responseModels": _content(response.get("content", {}), where),
        "responseParameters": {f"method.response.header.{name}": False for name in response.get("headers", {})},
    }


def _content(content: Mapping[str, Any], where: str) -> dict[str, str]:
    """The model of each media type."""
    models = {}
    for media_type, body in content.items():
        schema = known(body, {"schema"}, where)["schema"]
        reference = known(schema, {"$ref"}, f"the schema of {where}, which has to be one of components,")["$ref"]
        models[media_type] = reference.removeprefix("#/components/schemas/")
    return models


def _integration(integration: Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    where = f"the integration of {where}"
    if integration is None:
        raise NotHonouredError(f"{where} is missing")
    known(integration, {"httpMethod", "passthroughBehavior", "timeoutInMillis", "type", "uri"}, where)
    if integration["type"] != "aws_proxy":
        raise NotHonouredError(f"{where} is of type {integration['type']}; only aws_proxy is known")
    return {
        "type": "AWS_PROXY",
        "integrationHttpMethod": integration["httpMethod"],
        "passthroughBehavior": integration.get("passthroughBehavior", "when_no_match").upper(),
        **{name: integration[name] for name in ("timeoutInMillis", "uri") if name in integration},
    }


def _check_template(template: str, where: str) -> None:
    """The template of a gateway response: API Gateway replaces variables there, and nothing else."""
    for reference in _REFERENCE.findall(template):
        if reference not in _RENDERED:
            raise NotHonouredError(f"{where} has a template with ${reference}, which is not rendered locally")
