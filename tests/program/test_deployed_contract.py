"""The REST API's body: only what API Gateway needs of the contract, and understands in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from components.contract import deployed_contract

POOL, FUNCTION = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/p", "arn:aws:apigateway:eu-west-1:lambda:path/f"


@pytest.fixture(params=[[], ["https://files.example.com"]], ids=["same origin", "with origins"])
def body(request) -> dict[str, Any]:
    return deployed_contract(user_pool_arn=POOL, handler_uri=FUNCTION, origins=request.param)


def operations(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in body["paths"].values():
        yield from path.values()


def keys_within(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from keys_within(inner)
    if isinstance(value, list):
        for inner in value:
            yield from keys_within(inner)


def test_no_response_has_a_model_as_the_function_answers_everything(body):
    assert {key for operation in operations(body) for r in operation["responses"].values() for key in r} == {
        "description"
    }


def test_every_schema_is_that_of_a_request(body):
    used = {
        media["schema"]["$ref"]
        for operation in operations(body)
        for media in operation.get("requestBody", {}).get("content", {}).values()
    }

    assert used == {f"#/components/schemas/{name}" for name in body["components"]["schemas"]}


def test_no_schema_holds_what_the_gateway_reads_in_part_or_not_at_all(body):
    held = set(keys_within(body["components"]["schemas"]))

    assert (
        held & {"allOf", "oneOf", "anyOf", "format", "$ref", "nullable", "example", "examples", "discriminator"}
        == set()
    )


def test_no_parameter_has_a_schema_that_the_gateway_would_have_to_look_up(body):
    schemas = [parameter["schema"] for operation in operations(body) for parameter in operation.get("parameters", [])]

    assert all(schema["type"] in {"string", "integer"} for schema in schemas)


def test_integrations_say_nothing_that_has_no_effect_on_proxies(body):
    assert all(
        operation["x-amazon-apigateway-integration"].keys() == {"type", "httpMethod", "uri"}
        for operation in operations(body)
    )


def test_a_contract_that_changes_is_deployed_anew(deploy):
    def triggers(*origins):
        deployed = deploy(mode="advanced", emails=["ann@example.com"], webOrigins=list(origins))
        return deployed.the("Deployment").inputs["triggers"]

    assert triggers() != triggers("https://files.example.com")
