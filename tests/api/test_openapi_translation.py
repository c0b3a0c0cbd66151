"""Everything in an OpenAPI document becomes part of the REST API, or is refused by name."""

import copy
import json

import pytest

from components.contract import deployed_contract, written_contract
from local.emulator.resources.models import text
from local.emulator.resources.openapi import translate
from local.emulator.resources.strict import NotHonouredError

POOL = "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_abc"
HANDLER = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:x/invocations"


def deployed(*origins: str):
    """The program's document, with the contract's models of responses, which the program leaves out."""
    document = deployed_contract(user_pool_arn=POOL, handler_uri=HANDLER, origins=origins)
    contract = written_contract()
    for path, operations in contract["paths"].items():
        for verb, operation in operations.items():
            document["paths"][path][verb]["responses"] = operation["responses"]
    document["components"]["schemas"] = contract["components"]["schemas"]
    return json.loads(json.dumps(document))


@pytest.fixture
def document():
    return deployed()


@pytest.fixture
def methods(document):
    return {method.name: method for method in translate(document).methods}


def changed(document, path: str, value: object):
    """A copy with another value at a path, whose parts are separated by spaces."""
    copied = copy.deepcopy(document)
    *above, last = path.split()
    target = copied
    for part in above:
        target = target[int(part)] if isinstance(target, list) else target[part]
    target[int(last) if isinstance(target, list) else last] = value
    return copied


def test_every_operation_becomes_a_method(methods):
    paths = written_contract()["paths"].values()
    operations = [operation for path in paths for operation in path.values()]
    assert sorted(methods) == sorted(operation["operationId"] for operation in operations)


def test_a_method_has_its_path_and_verb(methods):
    assert (methods["deleteFile"].path, methods["deleteFile"].verb) == ("/files/{id}", "DELETE")


def test_a_method_requires_a_token_of_the_pool_with_its_scopes(document, methods):
    authorizers = translate(document).authorizers

    assert authorizers[methods["deleteFile"].authorizer]["providerARNs"] == [POOL]
    assert authorizers["people"]["identitySource"] == "method.request.header.Authorization"
    assert methods["deleteFile"].scopes == ("files/write",)
    assert methods["listFiles"].scopes == ("files/read",)


def test_a_preflight_requires_no_token():
    preflights = [method for method in translate(deployed("https://a.example.com")).methods if method.verb == "OPTIONS"]

    assert len(preflights) == len(written_contract()["paths"])
    assert {method.authorizer for method in preflights} == {None}


def test_parameters_say_whether_they_are_required(methods):
    assert methods["listFiles"].parameters == {
        "method.request.querystring.limit": False,
        "method.request.querystring.prefix": False,
        "method.request.querystring.cursor": False,
    }
    assert methods["getFile"].parameters == {"method.request.path.id": True}


def test_a_body_is_compared_with_its_model(document, methods):
    definition = translate(document)

    assert methods["createUpload"].models == {"application/json": "UploadRequest"}
    assert definition.models["UploadRequest"] == document["components"]["schemas"]["UploadRequest"]
    assert definition.validators[methods["createUpload"].validator] == {
        "validateRequestBody": True,
        "validateRequestParameters": True,
    }


def test_a_models_references_name_the_others_by_their_address(document):
    page = json.loads(text(translate(document).models["FilePage"], "abc123"))
    assert page["properties"]["files"]["items"] == {
        "$ref": "https://apigateway.amazonaws.com/restapis/abc123/models/File"
    }


def test_every_described_response_is_one_of_the_methods(methods):
    assert methods["getFile"].responses["200"]["responseModels"] == {"application/json": "FileDetails"}
    assert methods["deleteFile"].responses["204"]["responseModels"] == {}
    assert methods["getFile"].responses.keys() >= {"400", "401", "403", "404", "429", "500"}


def test_operations_go_to_the_function_as_they_are(methods):
    assert methods["listFiles"].integration == {
        "type": "AWS_PROXY",
        "integrationHttpMethod": "POST",
        "uri": HANDLER,
        "passthroughBehavior": "WHEN_NO_MATCH",
    }


def test_refusals_have_their_status_and_their_shape(document):
    refusals = translate(document).refusals

    assert refusals["UNAUTHORIZED"]["statusCode"] == "401"
    assert "statusCode" not in refusals["DEFAULT_5XX"]
    assert refusals.keys() == document["x-amazon-apigateway-gateway-responses"].keys()


def test_title_version_and_description_are_translated(document):
    definition = translate(document)
    assert (definition.title, definition.version) == ("File notifications", "1")
    assert definition.description


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("x-amazon-apigateway-cors", {}, "x-amazon-apigateway-cors"),
        ("security", [], "security"),
        ("openapi", "3.1.0", "3.1.0"),
        ("components responses", {}, "responses"),
        ("info license", {"name": "MIT"}, "license"),
        ("paths /files parameters", [], "parameters"),
        ("paths /files trace", {}, "trace"),
        ("paths /files get callbacks", {}, "callbacks"),
        ("paths /files get servers", [], "servers"),
        ("paths /files get security", [{"people": []}, {"key": []}], "several"),
        ("paths /files get security", [{"stranger": []}], "stranger"),
        ("paths /files get parameters 0 in", "cookie", "cookie"),
        ("paths /files get parameters 0 allowReserved", True, "allowReserved"),
        ("paths /files get x-amazon-apigateway-request-validator", "unknown", "unknown"),
        ("paths /files get responses default", {"description": "x"}, "default"),
        ("paths /files get responses 200 links", {}, "links"),
        ("paths /files get x-amazon-apigateway-integration", None, "missing"),
        ("paths /files get x-amazon-apigateway-integration type", "mock", "mock"),
        ("paths /files get x-amazon-apigateway-integration type", "aws", "aws"),
        ("paths /files get x-amazon-apigateway-integration requestTemplates", {}, "requestTemplates"),
        ("paths /files get x-amazon-apigateway-integration responses", {}, "responses"),
        ("paths /files get x-amazon-apigateway-integration contentHandling", "CONVERT_TO_TEXT", "contentHandling"),
        ("paths /uploads post requestBody required", False, "required"),
        ("paths /uploads post requestBody content application/json schema", {"type": "object"}, "type"),
        ("paths /uploads post requestBody content application/json examples", {}, "examples"),
        ("components securitySchemes people type", "oauth2", "people"),
        ("components securitySchemes people x-amazon-apigateway-authorizer type", "request", "people"),
        ("components securitySchemes people x-amazon-apigateway-authorizer identitySource", "x", "identitySource"),
        ("components schemas File nullable", True, "nullable"),
        ("components schemas File properties size oneOf", [], "oneOf"),
        ("components schemas FilePage properties files items $ref", "other.yaml#/File", "other.yaml#/File"),
        ("components schemas FilePage properties files items $ref", "#/components/schemas/Gone", "Gone"),
        ("components schemas file-page", {"type": "object"}, "file-page"),
        ("x-amazon-apigateway-request-validators all validateHeaders", True, "validateHeaders"),
        ("x-amazon-apigateway-gateway-responses THROTTLED headers", {}, "headers"),
        (
            "x-amazon-apigateway-gateway-responses THROTTLED responseTemplates",
            {"application/json": "$context.error.validationErrorString"},
            "validationErrorString",
        ),
    ],
)
def test_what_is_not_understood_is_refused_by_name(document, path, value, named):
    with pytest.raises(NotHonouredError) as refused:
        translate(changed(document, path, value))
    assert named in str(refused.value)


def test_the_refusal_says_where(document):
    with pytest.raises(NotHonouredError, match="GET /files uses callbacks"):
        translate(changed(document, "paths /files get callbacks", {}))
