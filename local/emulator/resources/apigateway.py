"""REST APIs, their deployments, stages and limits."""

from __future__ import annotations

import json
from typing import Any

from local.emulator.aws import PARTITION, Aws
from local.emulator.resources import rest_import
from local.emulator.resources.declared import ID, Call, Declared
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made
from local.emulator.resources.openapi import Definition, translate
from local.emulator.resources.strict import known

# Property: how UpdateStage calls it.
_LIMITS = {"throttlingBurstLimit": "throttling/burstLimit", "throttlingRateLimit": "throttling/rateLimit"}


class RestApi(Kind):
    """An API out of an OpenAPI document. A changed document is imported again under the same id."""

    pulumi_type = "aws:apigateway/restApi:RestApi"
    service = "apigateway"
    accepts = frozenset({"name", "body", "description", "endpointConfiguration", "failOnWarnings"})
    replaces = frozenset({"endpointConfiguration"})  # AWS changes it in place; locally there is no difference
    auto_name = AutoName("name", 255)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        definition = translate(json.loads(inputs["body"]))  # first: a refused document leaves no API behind
        api = aws.apigateway.create_rest_api(**_about(inputs, definition), endpointConfiguration=_endpoint(inputs))
        try:
            rest_import.write(aws, api["id"], definition)
        except BaseException:
            aws.apigateway.delete_rest_api(restApiId=api["id"])
            raise
        outputs = {
            "arn": f"arn:{PARTITION}:apigateway:{aws.region}::/restapis/{api['id']}",
            "executionArn": aws.arn("execute-api", api["id"]),
        }
        return Made(api["id"], inputs, outputs)

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        definition = translate(json.loads(inputs["body"]))
        changes: list[Any] = [
            {"op": "replace", "path": f"/{name}", "value": value} for name, value in _about(inputs, definition).items()
        ]
        aws.apigateway.update_rest_api(restApiId=made.id, patchOperations=changes)
        rest_import.clear(aws, made.id)
        rest_import.write(aws, made.id, definition)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.apigateway.delete_rest_api(restApiId=made.id)


class Stage(Kind):
    pulumi_type = "aws:apigateway/stage:Stage"
    service = "apigateway"
    accepts = frozenset({"restApi", "deployment", "description", "stageName"})
    replaces = frozenset({"restApi", "stageName"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        api, stage = inputs["restApi"], inputs["stageName"]
        aws.apigateway.create_stage(
            restApiId=api,
            stageName=stage,
            deploymentId=inputs["deployment"],
            description=inputs.get("description", ""),
        )
        outputs = {
            "arn": f"arn:{PARTITION}:apigateway:{aws.region}::/restapis/{api}/stages/{stage}",
            "executionArn": aws.arn("execute-api", f"{api}/{stage}"),
            "invokeUrl": f"{aws.endpoint}/_aws/execute-api/{api}/{stage}",
        }
        return Made(f"ags-{api}-{stage}", inputs, outputs)

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:  # noqa: ARG002 - found by its inputs
        changes: list[Any] = [
            {"op": "replace", "path": "/deploymentId", "value": inputs["deployment"]},
            {"op": "replace", "path": "/description", "value": inputs.get("description", "")},
        ]
        aws.apigateway.update_stage(restApiId=inputs["restApi"], stageName=inputs["stageName"], patchOperations=changes)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.apigateway.delete_stage(restApiId=made.inputs["restApi"], stageName=made.inputs["stageName"])


class MethodSettings(Kind):
    pulumi_type = "aws:apigateway/methodSettings:MethodSettings"
    service = "apigateway"
    accepts = frozenset({"restApi", "stageName", "methodPath", "settings"})
    replaces = frozenset({"restApi", "stageName", "methodPath"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        self._write(aws, inputs)
        return Made(f"{inputs['restApi']}-{inputs['stageName']}-{inputs['methodPath']}", inputs)

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        self.delete(aws, made)
        self._write(aws, inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        self._patch(aws, made.inputs, [{"op": "remove", "path": f"/{made.inputs['methodPath']}"}])

    def _write(self, aws: Aws, inputs: Inputs) -> None:
        limits = known(inputs["settings"], _LIMITS, "settings")
        self._patch(
            aws,
            inputs,
            [
                {"op": "replace", "path": f"/{inputs['methodPath']}/{_LIMITS[name]}", "value": str(value)}
                for name, value in limits.items()
            ],
        )

    def _patch(self, aws: Aws, inputs: Inputs, changes: list[Any]) -> None:
        aws.apigateway.update_stage(restApiId=inputs["restApi"], stageName=inputs["stageName"], patchOperations=changes)


def _about(inputs: Inputs, definition: Definition) -> dict[str, Any]:
    """Name, description and version. The resource's own description goes before the document's."""
    return {
        "name": inputs["name"],
        "description": inputs.get("description", definition.description),
        "version": definition.version,
    }


def _endpoint(inputs: Inputs) -> Any:
    endpoint = known(inputs.get("endpointConfiguration", {}), {"types"}, "endpointConfiguration")
    return {"types": [endpoint.get("types", "EDGE")]}


_DEPLOYMENT = Declared(
    pulumi_type="aws:apigateway/deployment:Deployment",
    service="apigateway",
    also=frozenset({"triggers"}),
    creating=Call("create_deployment", restApiId="restApi", description="description"),
    removing=Call("delete_deployment", restApiId="restApi", deploymentId=ID),
    identity=lambda _, answer: answer["id"],
)

KINDS = (RestApi(), _DEPLOYMENT, Stage(), MethodSettings())
