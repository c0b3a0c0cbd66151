"""REST APIs on the emulator, each through a small program."""

import json

import httpx
import pulumi
import pulumi_aws
import pytest

from local.emulator.engine.state import DeploymentError
from tests.local.world import actions


@pytest.fixture
def handler(function):
    """The integration URI of a function that answers every request."""
    arn = function("""
        def handler(event, context):
            return {"statusCode": 200, "body": '{"answered": true}'}
    """)
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


def document(uri: str, *paths: str, **more) -> str:
    """A contract whose paths anyone may call."""
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    operation = {"responses": {"200": {"description": "Answered."}}, "x-amazon-apigateway-integration": integration}
    refusals = {
        "DEFAULT_4XX": {
            "responseTemplates": {
                "application/json": '{"error":{"code":"refused","message":$context.error.messageString}}'
            }
        }
    }
    return json.dumps(
        {
            "openapi": "3.0.3",
            "info": {"title": "A test", "version": "1"},
            "paths": {path: {"post": operation} for path in paths},
            "x-amazon-apigateway-gateway-responses": refusals,
            **more,
        }
    )


def api(body: str, settings=None):
    """A program that deploys a contract."""

    def program():
        rest = pulumi_aws.apigateway.RestApi("rest", body=body)
        deployment = pulumi_aws.apigateway.Deployment("deployment", rest_api=rest.id, triggers={"body": body})
        stage = pulumi_aws.apigateway.Stage("stage", rest_api=rest.id, deployment=deployment.id, stage_name="v1")
        if settings:
            pulumi_aws.apigateway.MethodSettings(
                "limits", rest_api=rest.id, stage_name=stage.stage_name, method_path="*/*", settings=settings
            )
        pulumi.export("id", rest.id)
        pulumi.export("url", stage.invoke_url)

    return program


def post(http, outputs, path: str) -> httpx.Response:
    return http.post(f"{outputs['url']}{path}", json={})


def refused(answer: httpx.Response, status: int) -> None:
    """In the shape of the contract's gateway responses."""
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "refused")


def test_a_contract_is_deployed(world, http, handler):
    outputs = world.apply(api(document(handler, "/first"))).outputs

    answer = post(http, outputs, "/first")

    assert (answer.status_code, answer.json()) == (200, {"answered": True})


def test_a_changed_contract_is_imported_again_under_the_same_id(world, http, handler):
    before = world.apply(api(document(handler, "/first", "/first/{id}/deep"))).outputs

    deployment = world.apply(api(document(handler, "/second", "/first/{id}")))
    after = deployment.outputs

    assert actions(deployment) == {"rest": "updated", "deployment": "replaced", "stage": "updated"}
    assert after == before
    assert post(http, after, "/second").status_code == post(http, after, "/first/5").status_code == 200
    refused(post(http, after, "/first"), 403)
    refused(post(http, after, "/first/5/deep"), 403)


def test_a_changed_contract_leaves_nothing_of_the_old_one_behind(world, handler):
    schemas = {"schemas": {"Old": {"type": "object"}}}
    validators = {"x-amazon-apigateway-request-validators": {"old": {"validateRequestBody": True}}}
    world.apply(api(document(handler, "/first", components=schemas, **validators)))

    outputs = world.apply(api(document(handler, "/second", **{"x-amazon-apigateway-gateway-responses": {}}))).outputs

    client, rest = world.aws.apigateway, outputs["id"]
    assert sorted(resource["path"] for resource in client.get_resources(restApiId=rest)["items"]) == ["/", "/second"]
    assert client.get_models(restApiId=rest)["items"] == client.get_request_validators(restApiId=rest)["items"] == []
    assert all(response["defaultResponse"] for response in client.get_gateway_responses(restApiId=rest)["items"])


def test_an_unchanged_contract_is_left_alone(world, handler):
    world.apply(api(document(handler, "/first")))

    deployment = world.apply(api(document(handler, "/first")))

    assert actions(deployment) == {}


def test_a_contract_that_is_not_understood_creates_no_api(world, handler):
    with pytest.raises(DeploymentError, match="uses callbacks"):
        world.apply(api(document(handler, "/first").replace('"responses"', '"callbacks": {}, "responses"', 1)))

    names = [api["name"] for api in world.aws.apigateway.get_rest_apis(limit=500)["items"]]
    assert not [name for name in names if name.startswith("rest-")]


def test_more_requests_than_the_limit_are_refused(world, http, handler):
    limits = {"throttling_burst_limit": 2, "throttling_rate_limit": 0.001}
    outputs = world.apply(api(document(handler, "/first"), limits)).outputs

    answers = [post(http, outputs, "/first") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused(answers[2], 429)


def test_a_new_deployment_keeps_the_limits(world, http, handler):
    limits = {"throttling_burst_limit": 1, "throttling_rate_limit": 0.001}
    world.apply(api(document(handler, "/first"), limits))

    outputs = world.apply(api(document(handler, "/second"), limits)).outputs

    assert [post(http, outputs, "/second").status_code for _ in range(2)] == [200, 429]


def test_a_removed_limit_no_longer_applies(world, http, handler):
    world.apply(api(document(handler, "/first"), {"throttling_burst_limit": 1, "throttling_rate_limit": 0.001}))

    outputs = world.apply(api(document(handler, "/first"))).outputs

    assert [post(http, outputs, "/first").status_code for _ in range(3)] == [200, 200, 200]


def test_settings_that_do_nothing_here_are_refused(world, handler):
    with pytest.raises(DeploymentError, match="metricsEnabled"):
        world.apply(api(document(handler, "/first"), {"metrics_enabled": True}))
