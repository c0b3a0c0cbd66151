"""An OpenAPI document as API Gateway's import reads it: each part becomes something that can be made, or is an error.

The embedded AWS imports no documents, and AWS leaves out in silence much of what it cannot do. Here nothing is left
out: what is not listed below is refused by name. Parts that only people read (summaries, tags, a description) mean
nothing to a gateway, here as on AWS. Neither do a parameter's schema, of which AWS keeps whether one is required, and
`servers`: the stage is made elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.emulator.resources.models import model
from local.emulator.resources.strict import NotHonouredError, known
from local.emulator.resources.templates import check_gateway_template, check_mapping_template

_GATEWAY = "x-amazon-apigateway-"
_FOR_PEOPLE = frozenset({"description", "externalDocs", "summary", "tags"})
_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
_PLACES = {"header": "header", "path": "path", "query": "querystring"}
_INTEGRATION = frozenset(
    {
        "credentials", "httpMethod", "passthroughBehavior", "requestParameters", "requestTemplates", "responses",
        "timeoutInMillis", "type", "uri",
    }
)  # fmt: skip
_TYPES = frozenset({"aws", "aws_proxy"})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What becomes of the integration's answer: `parameters` are those of PutIntegrationResponse."""

    status: str
    parameters: Mapping[str, Any]


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
    answers: tuple[Answer, ...]


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
    names = {"components", "info", "openapi", "paths", "servers", *_FOR_PEOPLE}
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
        validators={name: _validator(name, one) for name, one in _extension(document, "request-validators").items()},
        models={name: model(name, schema, schemas) for name, schema in schemas.items()},
        authorizers={name: _authorizer(name, scheme) for name, scheme in schemes.items()},
        refusals={name: _refusal(name, one) for name, one in _extension(document, "gateway-responses").items()},
    )
    methods = tuple(_methods(document, definition))
    return Definition(**{**vars(definition), "methods": methods})


def _extension(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document.get(f"{_GATEWAY}{name}", {})
    return found


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
        check_gateway_template(template, where)
    status = {"statusCode": str(response["statusCode"])} if "statusCode" in response else {}
    return {**response, **status}


def _methods(document: Mapping[str, Any], definition: Definition) -> Iterator[Method]:
    usual = document.get(f"{_GATEWAY}request-validator")
    for path, operations in document["paths"].items():
        for verb, operation in known(operations, _METHODS, f"the path {path}").items():
            yield _method(path, verb.upper(), operation, definition, usual)


def _method(path: str, verb: str, operation: Mapping[str, Any], definition: Definition, usual: str | None) -> Method:
    where = f"{verb} {path}"
    own = {"operationId", "parameters", "requestBody", "responses", "security", *_FOR_PEOPLE}
    known(operation, own | {f"{_GATEWAY}integration", f"{_GATEWAY}request-validator"}, where)
    validator = operation.get(f"{_GATEWAY}request-validator", usual)
    if validator is not None and validator not in definition.validators:
        raise NotHonouredError(f"{where} names the request validator {validator!r}, which the document does not have")
    authorizer, scopes = _security(operation.get("security", []), definition, where)
    responses = {status: _response(one, f"{where} {status}") for status, one in operation["responses"].items()}
    integration, answers = _integration(operation.get(f"{_GATEWAY}integration"), where)
    for answer in answers:
        _check_described(answer, responses, where)
    return Method(
        path=path,
        verb=verb,
        name=operation.get("operationId", ""),
        authorizer=authorizer,
        scopes=scopes,
        validator=validator,
        parameters=dict(_parameter(one, where) for one in operation.get("parameters", [])),
        models=_body(operation["requestBody"], where) if "requestBody" in operation else {},
        responses=responses,
        integration=integration,
        answers=answers,
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
    found = {}
    for media_type, one in content.items():
        schema = known(one, {"schema"}, where)["schema"]
        reference = known(schema, {"$ref"}, f"the schema of {where}, which has to be one of components,")["$ref"]
        found[media_type] = reference.removeprefix("#/components/schemas/")
    return found


def _check_described(answer: Answer, responses: Mapping[str, Any], where: str) -> None:
    """API Gateway takes no response of an integration for which the method has none, nor headers it does not have."""
    if answer.status not in responses:
        raise NotHonouredError(f"{where} answers {answer.status}, which it does not describe")
    headers = answer.parameters.get("responseParameters", {}).keys()
    undescribed = sorted(headers - responses[answer.status]["responseParameters"].keys())
    if undescribed:
        raise NotHonouredError(f"{where} answers {answer.status} with {', '.join(undescribed)}, not described there")


def _integration(integration: Mapping[str, Any] | None, where: str) -> tuple[dict[str, Any], tuple[Answer, ...]]:
    where = f"the integration of {where}"
    if integration is None:
        raise NotHonouredError(f"{where} is missing")
    known(integration, _INTEGRATION, where)
    kind = integration["type"]
    if kind not in _TYPES:
        raise NotHonouredError(f"{where} is of type {kind}; known are {', '.join(sorted(_TYPES))}")
    if kind == "aws" and ":sqs:path/" not in integration["uri"]:
        raise NotHonouredError(f"{where} calls {integration['uri']}; without proxy only a queue is called locally")
    for template in integration.get("requestTemplates", {}).values():
        check_mapping_template(template, where)
    as_they_are = {"credentials", "requestParameters", "requestTemplates", "timeoutInMillis", "uri"}
    answers = tuple(_answer(pattern, one, where) for pattern, one in integration.get("responses", {}).items())
    if len({answer.status for answer in answers}) < len(answers):
        raise NotHonouredError(f"{where} has two responses with one status; API Gateway keeps one")
    return {
        "type": kind.upper(),
        "integrationHttpMethod": integration["httpMethod"],
        "passthroughBehavior": integration.get("passthroughBehavior", "when_no_match").upper(),
        **{name: value for name, value in integration.items() if name in as_they_are},
    }, answers


def _answer(pattern: str, response: Mapping[str, Any], where: str) -> Answer:
    known(response, {"responseParameters", "responseTemplates", "statusCode"}, f"a response of {where}")
    for template in response.get("responseTemplates", {}).values():
        check_mapping_template(template, where)
    rest = {name: value for name, value in response.items() if name != "statusCode"}
    selected = {} if pattern == "default" else {"selectionPattern": pattern}
    return Answer(status=str(response["statusCode"]), parameters={**rest, **selected})
